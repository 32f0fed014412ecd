"""What must hold of a page whatever its callback is given: each rule speaks of what breaks it, and of nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.catalog import Policy
from harness.catalog.callbacks import Blank, Call, Callbacks, Value
from harness.catalog.recipes import Recipe
from harness.explore.page_rules import failures
from harness.explore.server_errors import ServerError
from harness.explore.stand import Tried
from harness.journal.model import PageError
from harness.lab.origin import OriginRequest
from harness.target.loader import find_target, load_target

SHOP = load_target(find_target(None))
APP_ID = "199999164"
RIGHT = f"terror_1001_{APP_ID}_1790000000"
HONEST: Value = {"ret": 0, "ticket": Blank.TICKET, "randstr": Blank.RANDSTR}
FAILED: Value = {
    "ret": 0, "ticket": Recipe(text="terror_1004_{app}_{now}"), "randstr": "@x", "errorCode": 1004, "errorMessage": "m",
}  # fmt: skip


def told(value: Value) -> Callbacks:
    return Callbacks(calls=(Call(value=value),))


def handed_in(ticket: str, status: int = 403) -> tuple[OriginRequest, ...]:
    body = json.dumps({"ticket": ticket}).encode()
    return (OriginRequest(method="POST", path="/login", arrived=0.0, body=bytearray(body), status=status),)


def tried(callbacks: Callbacks, **changed: object) -> Tried:
    seen = Tried(
        callbacks=callbacks, ending="ready", fresh=True, gained=0, verified=0, submits=(), drawn=frozenset(), errors=(),
        thrown="", waited_ms=0,
    )  # fmt: skip
    return replace(seen, **changed)  # type: ignore[arg-type]  # by name, as a test says it


def rules(seen: Tried, flow: str = "login", usual: frozenset[PageError] = frozenset()) -> list[str]:
    return [one.rule for one in failures(seen, SHOP.flows[flow], app_id=APP_ID, usual=usual)]


@pytest.mark.parametrize(
    "seen",
    [
        tried(told({"ret": 2, "ticket": ""})),
        tried(told(HONEST), ending="completed", gained=1, verified=1, submits=handed_in("tr03x", 200)),
        tried(Callbacks(throws=True), ending="completed", gained=1, submits=handed_in(RIGHT, 200)),
        tried(told(FAILED), submits=handed_in("terror_1004_x"), drawn=frozenset({"terror_1004_x"})),
    ],
    ids=["closed", "verified", "the-page's-own-ticket", "turned-away"],
)
def test_documented_states_break_no_rule(seen: Tried) -> None:
    assert rules(seen) == []


@pytest.mark.parametrize(
    ("seen", "rule"),
    [
        (tried(told(None), ending="dead", waited_ms=65_000, thrown="TypeError: null"), "always-an-answer"),
        (tried(told(HONEST), ending="completed", gained=2, verified=2), "one-effect"),
        (tried(told(FAILED), ending="completed", gained=1, verified=1, submits=handed_in(RIGHT), drawn=frozenset({RIGHT})),
         "nothing-for-free"),
        (tried(told({"ticket": "x"}), ending="completed", gained=1, submits=handed_in("x")), "nothing-for-free"),
        (tried(told({"ret": 0}), ending="completed"), "told-what-is"),
        (tried(told(HONEST), ending="ready", gained=1, verified=1), "told-what-is"),
        (tried(Callbacks(), submits=handed_in(f"terror_1001_{APP_ID}1790000000")), "well-formed-ticket"),
        (tried(Callbacks(), submits=handed_in("terror_1001_199999165_1790000000")), "well-formed-ticket"),
        (tried(told(FAILED)), "ticket-handed-in"),
        (tried(told({}), errors=(PageError(text="TypeError", script="/static/login.js:1:1"),)), "no-uncaught-error"),
        (tried(told({}), submits=handed_in("x", 500)), "no-server-error"),
        (tried(told({}), died="it ended with 1"), "target-lives"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_told(seen: Tried, rule: str) -> None:
    assert rules(seen) == [rule]


def test_what_a_page_was_given_is_not_what_it_wrote() -> None:
    near_miss = f"terror_1001_{APP_ID}1790000000"
    assert rules(tried(told({"ticket": near_miss}), submits=handed_in(near_miss), drawn=frozenset({near_miss}))) == []


def test_errors_of_health_and_of_others_scripts_are_not_told() -> None:
    usual = PageError(text="TypeError", script="/static/login.js:1:1")
    foreign = PageError(text="Script error.", script="")
    assert rules(tried(told({}), errors=(usual, foreign)), usual=frozenset({usual})) == []


def test_server_errors_of_health_are_not_told() -> None:
    beacon = OriginRequest(method="POST", path="/beacon?t=1", arrived=0.0, status=502)
    usual = ServerError(method="POST", path="/beacon", status=502)
    seen = tried(told({}), submits=(beacon,))
    assert list(failures(seen, SHOP.flows["login"], app_id=APP_ID, usual_answers=frozenset({usual}))) == []
    assert rules(seen) == ["no-server-error"]


def test_step_up_gives_nothing_before_the_code() -> None:
    drawn = frozenset({RIGHT})
    seen = tried(told(FAILED), ending="completed", gained=1, submits=handed_in(RIGHT, 201), drawn=drawn)
    assert SHOP.flows["checkout"].policy.verdict_up is Policy.STEP_UP
    assert rules(seen, "checkout") == ["nothing-for-free"]
    assert rules(replace(seen, callbacks=replace(seen.callbacks, finishes=True)), "checkout") == []


GIVEN = f"terror_1004_{APP_ID}_1790000001"
MULTIPART = (
    "------WebKitFormBoundaryA1\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n{}\r\n------WebKitFormBoundaryA1--\r\n"
)


def sent(body: str = "", path: str = "/comment", head: str = "") -> OriginRequest:
    body_sent = bytearray(body.encode())
    return OriginRequest(method="POST", path=path, arrived=0.0, body=body_sent, head=head.encode(), status=201)


@pytest.mark.parametrize(
    "request_sent",
    [
        sent(MULTIPART.format(GIVEN)),
        sent(path=f"/login?ticket={GIVEN}"),
        sent(head=f"application/json\n{GIVEN}"),
        sent(json.dumps({"captcha": json.dumps({"ticket": GIVEN, "randstr": "@x"})})),
        sent(f"captcha={GIVEN}%7C%40x&text=hello"),
        sent(json.dumps({"captcha": f"{GIVEN}|@x"})),
    ],
    ids=["multipart", "in-the-url", "in-a-header", "json-in-a-field", "joined-in-a-form", "joined-in-json"],
)
def test_ticket_is_found_wherever_a_page_hands_it_in(request_sent: OriginRequest) -> None:
    assert SHOP.flows["login"].policy.verdict_up is Policy.ACCEPT
    drawn = frozenset({GIVEN, "@x"})
    seen = tried(told(FAILED), ending="completed", gained=1, submits=(request_sent,), drawn=drawn)
    assert rules(seen) == []


def test_a_body_that_nobody_can_read_is_asked_nothing() -> None:
    sealed = replace(sent(), body=bytearray(b"\x1f\x8b\x08\x00\xff\xfe"))
    assert rules(tried(told(FAILED), submits=(sealed,), drawn=frozenset({GIVEN}))) == []


@pytest.mark.parametrize("other", [f"{GIVEN}7", "x", f"terror_1004_199999165_1790000001|{APP_ID}"])
def test_another_ticket_in_multipart_is_another(other: str) -> None:
    seen = tried(told(FAILED), submits=(sent(MULTIPART.format(other)),), drawn=frozenset({GIVEN}))
    assert "ticket-handed-in" in rules(seen) or "well-formed-ticket" in rules(seen)


@pytest.mark.parametrize("ticket", [f"{RIGHT}\0", f"\u00a0{RIGHT}", RIGHT.upper()], ids=["nul", "no-break space", "upper case"])
def test_a_server_that_brings_tickets_to_one_form_is_not_blamed(ticket: str) -> None:
    given = told({"ret": 0, "ticket": Recipe(text=ticket, label="space-around"), "randstr": "@x"})
    seen = tried(given, ending="completed", gained=1, submits=handed_in(ticket, 200), drawn=frozenset({ticket}))
    assert "nothing-for-free" not in rules(seen)
