"""The shop's login with an encrypted app id, through real labs: its endpoint fails in every way, and its clock.

Without the forced check the captcha comes without a value too, so whatever the endpoint does nobody needs a fallback ticket.
Where the vendor refuses a value, the client's documented timers and retries bring 1006, 1012 and 1013 (domain/tencent-client.md
3.2, 5), and the policy lets the user in, marked unverified.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness import tickets
from harness.catalog import Behaviour
from harness.journal.model import Record, Scenario, Verdict
from harness.plan.build import Plan

SHOP = Path(__file__).parents[3] / "fixtures" / "shop"
# The four kinds that cost no real waiting: reset, hung, garbage, and a value that expires while the captcha is open.
QUICK = {
    "login-own-edge-aid-reset-cold": set(),
    "login-own-edge-aid-no-answer-cold": set(),
    "login-own-edge-aid-html-cold": set(),
    "login-1013-verify-aid-expires-warm": {1013},
}
REST: dict[str, set[int]] = {
    "login-own-edge-aid-refused-cold": set(),
    "login-own-edge-aid-reset-unanswered-cold": set(),
    "login-own-edge-aid-status-503-cold": set(),
    "login-own-edge-aid-empty-cold": set(),
    "login-own-edge-aid-late-twice-cold": set(),
    "login-1006-config-server-clock-ahead-cold": {1006},
    "login-1012-refresh-aid-expires-warm": {1012},
}
FORCED = {"login-1006-aid-html-cold": {1006}, "login-1006-aid-status-503-cold": {1006}}
STAYS = "login-stays-on-the-page"
# Less than the five minutes that the vendor's API bears too, and the shop dates its values back by.
A_LITTLE_AHEAD, AHEAD_S = "login-server-a-little-ahead", 240
# The page's own wait for its server, and what the user then needs.
BOUNDED_MS = 8_000

UNPARSED = """
import sys
sys.path.insert(0, SHOP)
from shop.config import read_settings
from shop.web import build
from starlette.responses import Response
from starlette.routing import Route

SCRIPT = "export class Aid {" + '''
  constructor(url) { this.url = url; this.due = false; this.options = {}; }
  async renew() {
    const { aidEncrypted } = await fetch(this.url);
    this.options = { aidEncrypted };
  }
''' + "}"

async def script(_request):
    return Response(SCRIPT, media_type="text/javascript")

app = build(read_settings())
app.router.routes[:0] = [Route("/static/aid.js", script)]
"""

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]
Change = tuple[str, str]


def target(folder: Path, *changes: Change) -> str:
    """The shop's target file with changes, elsewhere."""
    text = (SHOP / "aid.toml").read_text(encoding="utf-8")
    for old, new in ((r'"flows.py:', f'"{SHOP}/flows.py:'), (r"ready = ", f'cwd = "{SHOP}"\nready = '), *changes):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = folder / "aid.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def a_user_who_stays_on_the_page(plan: Plan) -> Sequence[Scenario]:
    """Longer than a value of three seconds is good for."""
    control = plan.controls[0]
    return [replace(control, id=STAYS, behaviour=Behaviour(pause_before_show_ms=4_000))]


def a_server_that_is_a_little_ahead(plan: Plan) -> Sequence[Scenario]:
    far = next(scenario for scenario in plan.scenarios if scenario.id == "login-1006-config-server-clock-ahead-cold")
    return [replace(far, id=A_LITTLE_AHEAD, parameters=(("ahead_s", AHEAD_S),))]


def minted(record: Record) -> set[int]:
    """The codes of the fallback tickets that the honest user's page handed over."""
    seen = [t for t in record.evidence.tickets if t.visit in ("honest", "control") and t.where in ("submit", "callback")]
    return {read.ticket.code for read in (tickets.read(ticket.text) for ticket in seen) if read.ticket is not None}


def verdicts(ran: Any, names: Sequence[str]) -> dict[str, tuple[Verdict, str, set[int]]]:
    judged = {name: ran.judgements[name] for name in names}
    return {name: (found.verdict, found.unknown_because, minted(ran.record(name))) for name, found in judged.items()}


@pytest.fixture(scope="module")
def quick(run_scenarios: Callable[..., Any]) -> Any:
    return run_scenarios(*QUICK, target=str(SHOP / "aid.toml"), jobs=2)


def test_the_quick_kinds_are_felt_and_end_as_documented(quick: Any) -> None:
    assert verdicts(quick, list(QUICK)) == {name: (Verdict.PASS, "", codes) for name, codes in QUICK.items()}


def test_whatever_the_endpoint_does_the_user_is_verified_in_a_bounded_time(quick: Any) -> None:
    for name in [name for name, codes in QUICK.items() if not codes]:
        honest = quick.record(name).evidence.visits[0]
        assert (honest.outcome, honest.effects) == ("verified", 1), name
        assert honest.business_ms < BOUNDED_MS, name


def test_a_server_whose_clock_is_four_minutes_ahead_verifies_its_users_all_the_same(run_scenarios: Callable[..., Any]) -> None:
    record = run_scenarios(target=str(SHOP / "aid.toml"), also=a_server_that_is_a_little_ahead).first(A_LITTLE_AHEAD)
    [applied, healed] = [done.receipts for done in record.evidence.applied]
    assert (applied, healed) == (("provider: clock -240 s → clock -240 s",), ("provider: clock +0 s → clock +0 s",))
    assert (record.evidence.visits[0].outcome, minted(record)) == ("verified", set())


def test_each_is_seen_at_two_independent_places_and_garbage_at_the_origin(quick: Any) -> None:
    seen = {name: {sighting.place: sighting.what for sighting in quick.record(name).evidence.sightings} for name in QUICK}
    assert {name: places for name, places in seen.items() if len(places) < 2} == {}
    assert seen["login-own-edge-aid-html-cold"]["origin"] == "aid: answered with html"
    assert seen["login-1013-verify-aid-expires-warm"]["provider"] == "verify: answered error aidEncrypted expired"


def test_the_endpoint_is_counted_by_itself_and_used_in_the_control(quick: Any) -> None:
    control = next(record for record in quick.records if record.scenario.kind == "control")
    counted = dict(control.evidence.requests_at_origin)
    assert (counted["aid"], counted["aid-used"]) == (1, 1)
    assert {("aid", 1), ("aid-used", 1)} <= set(control.scenario.parameters)


def test_a_page_that_never_parses_the_answer_is_found_by_its_control_though_its_users_are_verified(
    run_scenarios: Callable[..., Any], tmp_path: Path
) -> None:
    """The sample of the vendor's guide: ``const { aidEncrypted } = await fetch(…)``, which is undefined (seed 003)."""
    (tmp_path / "app.py").write_text(UNPARSED.replace("SHOP", repr(str(SHOP))), encoding="utf-8")
    file = target(tmp_path, (f'cwd = "{SHOP}"', 'cwd = "."'))
    ran = run_scenarios(target=file, also=lambda plan: plan.controls[:1])
    [*_others, control] = [record for record in ran.records if record.scenario.kind == "control"]
    assert control.evidence.visits[0].outcome == "verified"
    [found] = ran.judgements[control.scenario.id].findings
    assert (found.oracle, found.seen) == ("healthy-control", "none (or too few) over aid-used")


def test_a_user_who_stays_longer_than_a_value_is_good_for_gets_a_fresh_one(
    run_scenarios: Callable[..., Any], tmp_path: Path
) -> None:
    forced = ("aid_encrypted_forced = false", 'aid_encrypted_forced = true\naid_encrypted_expired_in_use = "ignored"')
    short = target(tmp_path, ('"7200"', '"3"'), forced)
    record = run_scenarios(target=short, also=a_user_who_stays_on_the_page).record(STAYS)
    [visit] = record.evidence.visits
    assert (visit.outcome, visit.effects, minted(record)) == ("verified", 1, set())
    assert dict(record.evidence.requests_at_origin)["aid"] == 2
    sent = {found for event in record.evidence.events for found in re.findall(r"aidEncrypted=([^&]+)", event.detail)}
    assert len(sent) == 1, "the expired value was never sent"


def test_the_other_kinds_are_felt_and_end_as_documented(run_scenarios: Callable[..., Any]) -> None:
    ran = run_scenarios(*REST, target=str(SHOP / "aid.toml"), jobs=2)
    assert verdicts(ran, list(REST)) == {name: (Verdict.PASS, "", codes) for name, codes in REST.items()}


def test_with_the_forced_check_a_lost_value_ends_in_the_degraded_path(
    run_scenarios: Callable[..., Any], tmp_path: Path
) -> None:
    ran = run_scenarios(
        *FORCED, target=target(tmp_path, ("aid_encrypted_forced = false", "aid_encrypted_forced = true")), jobs=2
    )
    assert verdicts(ran, list(FORCED)) == {name: (Verdict.PASS, "", codes) for name, codes in FORCED.items()}
    assert {ran.record(name).evidence.visits[0].outcome for name in FORCED} == {"unverified"}
