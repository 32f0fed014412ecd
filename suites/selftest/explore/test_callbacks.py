"""What a client is told to hand over: readable, in a file and back, and as script that says exactly that."""

from __future__ import annotations

import json
import subprocess

import pytest
from hypothesis import given, settings

from harness.catalog.callbacks import SYNCHRONOUSLY, Blank, Call, Callbacks, as_script, blanks, texts
from harness.catalog.recipes import Recipe
from harness.errors import UsageError
from harness.explore.drawn_callbacks import callbacks
from harness.explore.page_rules import genuine, label_of
from suites.selftest.node import node_tool

FILLING = {Blank.TICKET: 'tr03"honest*', Blank.RANDSTR: "@abc", Blank.APP_ID: "199999164"}
NOW_S = 1_790_000_000
FALLBACK = {
    "ret": 0, "randstr": "@x", "ticket": Recipe(text="terror_1004_{app}_{now}"), "errorCode": 1004, "errorMessage": "m",
}  # fmt: skip


def once(value: object) -> Callbacks:
    return Callbacks(calls=(Call(value=value),))  # type: ignore[arg-type]  # what is drawn is of the type, what is tried here is not


@given(callbacks())
@settings(max_examples=60, deadline=None)
def test_callbacks_come_back_from_a_case_file(drawn: Callbacks) -> None:
    kept = json.loads(json.dumps(drawn.as_json()))
    assert Callbacks.from_json(kept).as_json() == drawn.as_json()
    assert str(Callbacks.from_json(kept)) == str(drawn)


@pytest.mark.parametrize(
    "said",
    [None, {}, {"calls": None, "throws": False, "finishes": False},
     {"calls": [{"value": 1}], "throws": False, "finishes": False},
     {"calls": [{"value": {"$blank": "honest-tickte"}, "after_ms": 0}], "throws": False, "finishes": False},
     {"calls": [{"value": 1, "after_ms": -2}], "throws": False, "finishes": False}],
)  # fmt: skip
def test_what_are_no_callbacks_is_refused_with_a_sentence(said: object) -> None:
    with pytest.raises(UsageError) as refused:
        Callbacks.from_json(said)
    assert "\n" not in str(refused.value)


def test_script_says_what_json_has_no_words_for() -> None:
    strange = {"ticket": Blank.TICKET, "gone": Blank.UNDEFINED, "__proto__": None, "a b": [Blank.NAN, "</script>\u2028"]}
    told = Callbacks(
        calls=(
            Call(value=strange),
            Call(value=Recipe(text="terror_1001_{app}_{now}\n"), after_ms=SYNCHRONOUSLY),
        )
    )
    look = (
        "const [first, second] = TOLD.calls; const value = first.value;"
        "console.log(JSON.stringify([value.ticket, 'gone' in value, value.gone === undefined,"
        " Object.hasOwn(value, '__proto__'), Number.isNaN(value['a b'][0]), value['a b'][1], second.value, second.afterMs]))"
    )
    script = look.replace("TOLD", as_script(told, FILLING, NOW_S), 1)
    ran = subprocess.run([node_tool("node"), "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [
        'tr03"honest*', True, True, True, True, "</script>\u2028", "terror_1001_199999164_1790000000\n", -1,
    ]  # fmt: skip


def test_texts_are_those_that_the_page_is_handed() -> None:
    assert texts(once(FALLBACK), FILLING, NOW_S) == {"@x", "m", "terror_1004_199999164_1790000000"}
    assert blanks(once({"ticket": [Blank.TICKET]})) == {Blank.TICKET}


@pytest.mark.parametrize(
    ("drawn", "waits"),
    [
        (once({"ret": 2}), False),
        (once(None), True),
        (once(Blank.UNDEFINED), True),
        (Callbacks(), True),
        (Callbacks(throws=True), False),
        (Callbacks(calls=(Call(value={"ret": 2}), Call(value={"ret": 2}, after_ms=9_000))), True),
    ],
)
def test_a_page_has_to_wait_where_nothing_comes_soon(drawn: Callbacks, waits: bool) -> None:
    assert drawn.waits is waits


def test_only_what_the_vendors_client_hands_over_on_a_failure_is_genuine() -> None:
    assert genuine(once(FALLBACK)) == "fallback ticket"
    assert not genuine(once({**FALLBACK, "success": True}))
    assert not genuine(once({**FALLBACK, "errorCode": 1003}))
    assert not genuine(once({**FALLBACK, "ticket": Recipe(text="terror_1004_{app}{now}", label="no-underscore-before-time")}))
    assert not genuine(Callbacks(calls=(Call(value=FALLBACK), Call(value=FALLBACK))))


def test_labels_say_what_the_client_does() -> None:
    assert label_of(once(FALLBACK)) == "fallback ticket"
    assert label_of(once({"ret": 0})) == "ticket missing"
    assert label_of(once(None)) == "no object"
    assert label_of(Callbacks()) == "never calls back"
    assert label_of(Callbacks(throws=True)) == "show throws"
