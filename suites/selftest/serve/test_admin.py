"""The admin endpoint sets faults, mints tickets and reads counts, and answers nobody who is not this machine's own program."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.alone.admin import Admin
from harness.alone.counts import KEPT, CountedLog
from harness.alone.standin import StandIn, Wish
from harness.providers.serving import Arrival
from suites.selftest.serve.served import Desk, at_the_desk

# The CaptchaCode of each cause: domain/tencent-api.md 1.4 and 1.5b.
CODES = {
    "honest": 1,
    "randstr-changed": 7,
    "expired-ticket": 8,
    "used-ticket": 9,
    "undecryptable-ticket": 15,
    "fallback-ticket-of-another-app": 16,
    "honest-ticket-of-another-app": 100,
}
ENTRY = {"host": "turing.captcha.qcloud.com"}


def test_a_fault_stands_until_it_is_taken_off(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        assert (await desk.provider("GET", "/TCaptcha.js", headers=ENTRY)).status_code == 200
        assert await desk.ask("PUT", "/faults/entry", {"fault": "status-503"}) == (
            200,
            {"entry": {"fault": "status-503", "parameters": {}}},
        )
        assert (await desk.provider("GET", "/TCaptcha.js", headers=ENTRY)).status_code == 503
        assert await desk.ask("DELETE", "/faults/entry") == (200, {})
        assert (await desk.provider("GET", "/TCaptcha.js", headers=ENTRY)).status_code == 200

    at_the_desk(tmp_path, work)


def test_a_second_fault_takes_the_place_of_the_first_and_a_refused_one_leaves_it(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        await desk.ask("PUT", "/faults/entry", {"fault": "status-503"})
        assert (await desk.ask("PUT", "/faults/entry", {"fault": "drip-body", "parameters": {"drip_sm": 1}}))[0] == 400
        assert (await desk.provider("GET", "/TCaptcha.js", headers=ENTRY)).status_code == 503
        await desk.ask("PUT", "/faults/entry", {"fault": "status-404"})
        assert (await desk.provider("GET", "/TCaptcha.js", headers=ENTRY)).status_code == 404
        assert await desk.ask("DELETE", "/faults") == (200, {})

    at_the_desk(tmp_path, work)


@pytest.mark.parametrize("off", [("DELETE", "/faults/verdict"), ("PUT", "/faults/verdict", {"fault": "status-503"})])
def test_the_vendors_clock_can_be_set_ahead_and_right_again(tmp_path: Path, off: tuple[Any, ...]) -> None:
    async def work(desk: Desk) -> None:
        def ahead() -> float:
            emulator: Any = desk.standin.emulator
            return float(emulator.now() - time.time())

        await desk.ask("PUT", "/faults/verdict", {"fault": "clock-skew"})
        assert 595 < ahead() < 605
        assert (await desk.ask("PUT", "/faults/verdict", {"fault": "clock-skwe"}))[0] == 400
        assert (await desk.ask("PUT", "/faults/verdict", {"fault": "slow-drip", "parameters": {"drip_sm": 1}}))[0] == 400
        assert 595 < ahead() < 605, "what is refused changes nothing"
        await desk.ask(*off)
        assert -5 < ahead() < 5

    at_the_desk(tmp_path, work)


@pytest.mark.parametrize(("cause", "code"), CODES.items())
def test_a_ticket_is_minted_for_each_cause_and_says_the_verdict_it_gets(tmp_path: Path, cause: str, code: int) -> None:
    async def work(desk: Desk) -> None:
        status, minted = await desk.ask("POST", "/tickets", {"cause": cause})
        assert (status, minted["cause"], minted["code"]) == (200, cause, code)
        assert minted["ticket"]
        assert minted["randstr"]

    at_the_desk(tmp_path, work)


def test_tickets_are_fresh_and_making_them_is_nobodys_bill(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        tickets = [(await desk.ask("POST", "/tickets"))[1]["ticket"] for _ in range(3)]
        assert len(set(tickets)) == 3
        assert (await desk.ask("GET", "/counts"))[1]["billed"] == 0

    at_the_desk(tmp_path, work)


def test_requests_are_counted_by_link_and_verdicts_by_what_was_said(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        for _ in range(2):
            await desk.provider("GET", "/TCaptcha.js", headers=ENTRY)
        await desk.provider("GET", "/favicon.ico", headers=ENTRY)
        await desk.provider("POST", "/", content=b"{}")
        await desk.ask("PUT", "/faults/verdict", {"fault": "status-503"})
        await desk.provider("POST", "/", content=b"{}")
        _, told = await desk.ask("GET", "/counts")
        assert {link: number for link, number in told["requests"].items() if number} == {"entry": 2, "verdict": 2}
        assert told["elsewhere"] == 1
        assert [(verdict["altered_by"], verdict["count"]) for verdict in told["verdicts"]] == [("", 1), ("status-503", 1)]
        assert all(verdict["said"].startswith("error ") for verdict in told["verdicts"])
        assert told["faults"] == {"verdict": {"fault": "status-503", "parameters": {}}}

    at_the_desk(tmp_path, work)


def test_a_long_life_is_counted_whole_and_kept_short() -> None:
    log = CountedLog()
    for number in range(10 * KEPT + 3):
        link = "verdict" if number % 2 else ""
        log.append(Arrival(link=link, host="h", method="GET", path="/", connection="c", arrived=0.0, said="code 1"))
    tally = log.tally()
    assert len(log) < 2 * KEPT
    assert (tally.requests["verdict"], tally.requests[""]) == (5 * KEPT + 1, 5 * KEPT + 2)
    assert tally.verdicts == {("code 1", ""): 5 * KEPT + 1}


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "rebound.example"},
        {"host": "rebound.example:80"},
        {"host": "127.0.0.1.rebound.example"},
        {"host": "localhost.rebound.example:9"},
        {"host": "user@127.0.0.1"},
        {"host": "10.0.0.1"},
        {"host": ""},
        {"origin": "http://rebound.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8000"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "same-origin"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/counts"), ("POST", "/tickets"), ("DELETE", "/faults"), ("GET", "/no")])
def test_a_foreign_name_and_a_web_page_are_refused_everywhere(
    tmp_path: Path, headers: dict[str, str], method: str, path: str
) -> None:
    async def work(desk: Desk) -> None:
        await desk.ask("PUT", "/faults/entry", {"fault": "status-503"})
        status, told = await desk.ask(method, path, **headers)
        assert (status, list(told)) == (403, ["error"])
        assert list((await desk.ask("GET", "/faults"))[1]) == ["entry"]

    at_the_desk(tmp_path, work)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:80"])
def test_loopbacks_own_names_are_served(tmp_path: Path, host: str) -> None:
    async def work(desk: Desk) -> None:
        assert (await desk.ask("GET", "/", host=host, sec_fetch_site="none"))[0] == 200

    at_the_desk(tmp_path, work)


@pytest.mark.parametrize("client", [("192.0.2.7", 40000), ("::ffff:192.0.2.7", 1), None])
def test_a_client_from_elsewhere_is_refused_even_where_a_tunnel_lets_it_in(
    tmp_path: Path, client: tuple[str, int] | None
) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/counts", "headers": [(b"host", b"127.0.0.1")], "client": client}

    async def work() -> None:
        await Admin(StandIn(Wish(provider="tencent_web"), tmp_path))(scope, receive, send)

    asyncio.run(work())
    assert sent[0]["status"] == 403
    assert json.loads(sent[1]["body"]) == {"error": "only this machine may ask"}


@pytest.mark.parametrize(
    ("method", "path", "given", "status", "sentence"),
    [
        ("GET", "/count", None, 404, "GET / says what there is"),
        ("GET", "/counts/x", None, 404, "GET / says what there is"),
        ("POST", "/counts", None, 405, "GET"),
        ("PUT", "/faults/entyr", {"fault": "empty"}, 400, "did you mean 'entry'?"),
        ("PUT", "/faults/entry", {"fault": "emtpy"}, 400, "did you mean 'empty'?"),
        ("PUT", "/faults/entry", {"fault": "refused"}, 400, "`captchaos run` does"),
        ("PUT", "/faults/entry", {"fault": 7}, 400, "a fault is put on by"),
        ("PUT", "/faults/entry", [], 400, "one JSON object"),
        ("PUT", "/faults/entry", {"fault": "slow-drip", "parameters": {"drip_ms": "9"}}, 400, "must be a whole number"),
        ("DELETE", "/faults/entyr", None, 400, "did you mean 'entry'?"),
        ("POST", "/tickets", {"cause": "used-tickt"}, 400, "did you mean 'used-ticket'?"),
        ("POST", "/tickets", {"cause": None}, 400, "without one it is 'honest'"),
    ],
)
def test_a_wrong_word_is_a_sentence(
    tmp_path: Path, method: str, path: str, given: object, status: int, sentence: str
) -> None:
    async def work(desk: Desk) -> None:
        got, told = await desk.ask(method, path, given)
        assert got == status
        assert sentence in told["error"]

    at_the_desk(tmp_path, work)


@pytest.mark.parametrize(
    ("raw", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"[" * 60_000, {}, 400),
        (b"\xff\xfe", {}, 400),
        (b'{"cause": "honest"}', {"content_type": "text/plain"}, 415),
        (b" " * 70_000, {}, 413),
    ],
)
def test_a_body_that_cannot_be_read_is_a_plain_refusal(
    tmp_path: Path, raw: bytes, headers: dict[str, str], status: int
) -> None:
    async def work(desk: Desk) -> None:
        got, told = await desk.ask("POST", "/tickets", raw=raw, **headers)
        assert (got, list(told)) == (status, ["error"])

    at_the_desk(tmp_path, work)


@pytest.mark.parametrize("begun", [b"", b'{"cause": "honest"}'])
def test_who_hangs_up_before_the_request_is_whole_has_asked_for_nothing(begun: bytes) -> None:
    minted: list[str] = []
    standin: Any = SimpleNamespace(mint=SimpleNamespace(ticket=minted.append))
    came = [{"type": "http.request", "body": begun, "more_body": True}] if begun else []
    left = iter([*came, {"type": "http.disconnect"}])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(left)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:1"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/tickets", "headers": headers, "client": ("127.0.0.1", 2)}
    asyncio.run(Admin(standin)(scope, receive, send))
    assert (minted, sent) == ([], [])


def test_no_answer_of_the_endpoint_holds_a_secret(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        secrets = desk.standin.emulator.credentials.secrets()
        await desk.provider("GET", f"/{secrets[0]}?AppSecretKey={secrets[0]}")
        await desk.provider("POST", "/", content=json.dumps({"AppSecretKey": secrets[0]}).encode())
        said = [json.dumps((await desk.ask("GET", path))[1]) for path in ("/", "/counts", "/faults")]
        assert secrets
        assert not [secret for secret in secrets for text in said if secret in text]

    at_the_desk(tmp_path, work)
