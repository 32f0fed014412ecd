"""Honest tickets, callback objects, fault schedules and users: what is drawn is what it says, and shrinks to what is read."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from harness import strategies
from harness.catalog import Phase, Schedule, Stroke, Warmth
from harness.catalog.deeds import Act, Deed, Way
from harness.errors import UsageError
from harness.providers.geetest_v4.emulator import ticket_from
from harness.providers.geetest_v4.lots import Lots
from harness.providers.huawei.settings import Settings
from harness.providers.huawei.tokens import Tokens
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.strategies.callbacks import MESSAGES

APP, NOW = "199999164", 1_700_000_000
THOROUGH = settings(max_examples=2000, database=None)
# The forms of the notes: domain/tencent-api.md 1.1, domain/huawei-oneaccess.md 6, domain/other-providers.md 7.
TENCENT = re.compile(r"tr03[A-Za-z0-9_-]{156}\*", re.ASCII)
RANDSTR = re.compile(r"@[0-9A-Za-z]{1,12}", re.ASCII)
HEX_32 = re.compile(r"[0-9a-f]{32}", re.ASCII)
REFUSED = Stroke(link="frame", fault="refused", phase=Phase.BEFORE_LOAD)
HUNG = Stroke(link="verdict", fault="hang", phase=Phase.DURING_VERDICT, warmth=Warmth.WARM)
SLOW = Stroke(link="config", fault="latency", phase=Phase.AFTER_LOAD, parameters=(("latency_ms", 3000),))


def smallest(drawn: st.SearchStrategy[Any], condition: Callable[[Any], bool] = lambda _one: True) -> Any:
    """The simplest example that fulfils a condition."""
    return find(drawn, condition, settings=THOROUGH)


@given(strategies.honest_tickets())
def test_an_honest_tencent_ticket_has_the_form_of_a_minted_one(honest: strategies.HonestTicket) -> None:
    minted = TicketStore().issue(app_id=APP, randstr="@Vki", user_ip="203.0.113.7", now=NOW)
    assert TENCENT.fullmatch(minted)
    assert TENCENT.fullmatch(honest.ticket)
    assert RANDSTR.fullmatch(honest.randstr)


@given(strategies.honest_tickets(provider="tencent_mini"))
def test_a_mini_programs_ticket_comes_without_a_randstr(honest: strategies.HonestTicket) -> None:
    assert TENCENT.fullmatch(honest.ticket)
    assert honest.randstr == ""


@given(strategies.honest_tickets(provider="huawei"))
def test_a_token_of_oneaccess_comes_with_its_point(honest: strategies.HonestTicket) -> None:
    assert HEX_32.fullmatch(Tokens(Settings()).issue(gap_x=100, now=NOW))
    assert HEX_32.fullmatch(honest.ticket)
    assert json.loads(honest.randstr)["y"] == 5.0


@given(strategies.honest_tickets(provider="geetest_v4", now_s=NOW))
def test_a_pass_of_geetest_is_the_text_that_its_pages_send(honest: strategies.HonestTicket) -> None:
    lots = Lots(captcha_key="k", lot_valid_s=600, pass_valid_s=600)
    minted = ticket_from(lots.solve(lots.begin(now=NOW), captcha_id="c", now=NOW))
    ours, theirs = json.loads(honest.ticket), json.loads(minted)
    assert list(ours) == list(theirs)
    assert {key: len(value) for key, value in ours.items()} == {key: len(value) for key, value in theirs.items()}
    assert (ours["gen_time"], honest.randstr) == (theirs["gen_time"], ours["lot_number"])


@given(strategies.randstrs())
def test_a_randstr_is_an_at_sign_and_a_few_characters(randstr: str) -> None:
    assert RANDSTR.fullmatch(randstr)


def test_a_provider_without_a_known_ticket_is_refused_with_the_closest() -> None:
    with pytest.raises(UsageError, match="no form of a ticket is known for the provider 'huawi'; did you mean 'huawei'"):
        strategies.honest_tickets(provider="huawi")


@given(strategies.callback_results(app_id=APP, now_s=NOW))
def test_a_result_is_one_that_the_client_writes(result: dict[str, Any]) -> None:
    match result:
        case {"ret": 2, **rest}:
            assert not rest["ticket"]
        case {"errorCode": code, "errorMessage": message, "ticket": ticket, "ret": 0}:
            assert re.fullmatch(rf"tr?error_{code}_{APP}_{NOW}(_[0-9a-f]+)?", ticket)
            assert MESSAGES[code] == message
        case _:
            assert (result["ret"], result["CaptchaAppId"]) == (0, APP)
            assert TENCENT.fullmatch(result["ticket"])


def test_every_code_of_the_client_has_the_message_of_the_notes() -> None:
    assert sorted(MESSAGES) == list(range(1001, 1015))
    assert (MESSAGES[1003], MESSAGES[1009], MESSAGES[1013]) == ("framejs_load_timeout", "lib_jq_load_error", "verify_error")


@pytest.mark.parametrize("field", ["ret", "ticket", "randstr", "errorCode", "errorMessage"])
def test_every_field_of_a_result_is_missing_null_and_of_another_type(field: str) -> None:
    def drawn(label: str) -> dict[str, Any]:
        one = smallest(strategies.callback_objects(app_id=APP), lambda one: (one.label, one.field) == (label, field))
        value: dict[str, Any] = one.value
        return value

    assert field not in drawn("missing-field")
    assert drawn("null-field")[field] is None
    assert field in drawn("field-of-another-type")


def test_a_field_too_many_and_no_object_at_all_are_drawn_too() -> None:
    objects = strategies.callback_objects(app_id=APP)
    assert smallest(objects).value == {"ret": 2, "ticket": "", "randstr": ""}
    assert smallest(objects, lambda one: one.label == "no-result").value is None
    assert len(smallest(objects, lambda one: one.label == "extra-field").value) == 4


@given(strategies.fault_schedules([REFUSED, HUNG, SLOW], at_most=2))
def test_a_schedule_has_so_many_faults_at_most_in_the_order_of_the_phases(schedule: Schedule) -> None:
    assert 1 <= len(schedule) <= 2
    order = list(Phase)
    phases = [order.index(stroke.phase) for stroke in schedule.strokes]
    assert phases == sorted(phases)


def test_a_schedule_shrinks_to_the_fewest_faults_that_still_fail() -> None:
    drawn = strategies.fault_schedules([REFUSED, HUNG, SLOW])
    assert str(smallest(drawn)) == "frame refused, cold, before-load"
    failing = smallest(drawn, lambda one: {"verdict", "config"} <= {stroke.link for stroke in one.strokes})
    assert str(failing) == "config latency latency_ms=3000, cold, after-load; then verdict hang, warm, during-verdict"
    brief = smallest(drawn, lambda one: any(stroke.lasts_ms for stroke in one.strokes))
    assert str(brief) == "frame refused, cold, before-load, for 200 ms"


def test_faults_that_do_not_fit_together_are_never_drawn_together() -> None:
    @settings(max_examples=200, database=None)
    @given(strategies.fault_schedules([REFUSED, HUNG, SLOW], fits=lambda one, other: {one, other} != {REFUSED, HUNG}))
    def fit(schedule: Schedule) -> None:
        assert not {"frame", "verdict"} <= {stroke.link for stroke in schedule.strokes}

    fit()


def test_the_shops_schedules_are_of_its_own_links_and_of_faults_that_can_be_told_apart() -> None:
    began = time.monotonic()
    drawn = strategies.target_schedules(flow="checkout", at_most=2)
    seen = set()

    @settings(max_examples=100, database=None)
    @given(drawn)
    def of_the_shop(schedule: Schedule) -> None:
        seen.update(stroke.link for stroke in schedule.strokes)
        for one, other in combinations(schedule.strokes, 2):
            assert one.link != other.link or one.warmth is other.warmth

    of_the_shop()
    assert {"entry", "frame", "verdict"} <= seen
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda: strategies.fault_schedules([]), "there are no faults to draw schedules from"),
        (lambda: strategies.fault_schedules([REFUSED], at_most=0), "a schedule has 1 fault or more"),
        (lambda: strategies.target_schedules(flow="chekout"), "has no flow 'chekout'; did you mean 'checkout'?"),
        (lambda: strategies.user_behaviour(at_most=0), "at_most must be 1 or more, not 0"),
        (lambda: Act(deed=Deed.CLOSE, phase=Phase.BEFORE_SHOW), "nobody closes-the-challenge before-show; it is done mid-"),
        (lambda: Act(deed=Deed.CLOSE, phase=Phase.MID_CHALLENGE, after_ms=-1), "after_ms of a deed must be 0 or more"),
        (lambda: Way.from_json([]), "what a user does is an object such as"),
        (lambda: Way.from_json({"acts": [{"deed": "reload", "phase": "before-show"}]}), "did you mean 'reloads'?"),
        (lambda: Way.from_json({"acts": [{"deed": "reloads", "phase": "before-show", "ms": 1}]}), "and no more"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(asked: Callable[[], object], sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        asked()


@given(strategies.user_behaviour())
def test_what_a_user_does_is_possible_and_kept_as_json_the_same(way: Way) -> None:
    assert len(way.acts) <= 3
    assert Way.from_json(json.loads(json.dumps(way.as_json()))) == way


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        (Deed.CLICK_AGAIN, "clicks-again before-submit"),
        (Deed.WAIT, "waits before-show"),
        (Deed.CLOSE, "closes-the-challenge mid-challenge"),
        (Deed.REFRESH, "asks-for-another-picture mid-challenge"),
        (Deed.RELOAD, "reloads before-show"),
        (Deed.GO_BACK, "goes-back before-show"),
        (Deed.SECOND_TAB, "opens-a-second-tab before-show"),
    ],
)
def test_every_deed_is_drawn_and_shrinks_to_itself_alone(deed: Deed, says: str) -> None:
    assert str(smallest(strategies.user_behaviour(), lambda way: any(act.deed is deed for act in way.acts))) == says


def test_a_user_who_does_nothing_walks_straight_through() -> None:
    assert str(smallest(strategies.user_behaviour())) == "walks straight through"


def test_deeds_out_of_order_are_refused() -> None:
    late, early = Act(deed=Deed.RELOAD, phase=Phase.DURING_VERDICT), Act(deed=Deed.WAIT, phase=Phase.BEFORE_SHOW)
    with pytest.raises(UsageError, match="in the order of the phases"):
        Way(acts=(late, early))
