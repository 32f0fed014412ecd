"""The shop's mini program and app through the real engine: felt, passed, and never with a fault that does nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from harness import tickets
from harness.catalog import Place
from harness.journal.model import Record, Verdict
from harness.target.loader import find_target
from suites.selftest.engine.test_sabotage import Liar

SHOP = find_target(None).parent
TRUSTS_PREFIX = "B5"

# The code that must come: the plug-in's, the watchdogs' of page and native part, the server's.
CODES = {
    "mini-profile-1006-config-refused-cold": 1006,
    "mini-profile-1013-verify-hang-cold": 1001,
    "mini-profile-2006-verdict-mini-unauthorized-cold": 2006,
    "app-checkout-1001-page-status-503-cold": 1001,
}
# What is waited for in real time is tried every night; sabotaged, it is over at once.
SILENT_BRIDGE = "app-checkout-1001-bridge-bridge-silent-warm"
# Sabotaged, a hang is a healthy visit that is waited for and repeated.
QUICK = [
    *(scenario_id for scenario_id in CODES if "hang" not in scenario_id),
    "mini-profile-own-edge-submit-answer-lost-warm",
    SILENT_BRIDGE,
]
LONGER = {
    "mini-profile-1012-refresh-hang-warm": 1012,
    "mini-profile-own-edge-submit-answer-lost-warm": None,
    "app-checkout-1001-page-refused-cold": 1001,
    "app-checkout-1001-page-hang-cold": 1001,
}


def code_of(record: Record) -> int | None:
    seen = [t for t in record.evidence.tickets if t.visit == "honest" and t.where in ("submit", "answer", "effect")]
    return next((ticket.code for one in seen if (ticket := tickets.read(one.text).ticket) is not None), None)


@pytest.fixture(scope="module")
def ran(run_scenarios: Any) -> Any:
    return run_scenarios(*CODES)


def assert_passes(ran: Any, scenario_id: str, code: int | None) -> None:
    judgement = ran.judgements[scenario_id]
    assert (judgement.verdict, judgement.unknown_because, judgement.findings) == (Verdict.PASS, "", ())
    assert judgement.fault_felt
    assert code_of(ran.record(scenario_id)) == code


@pytest.mark.parametrize("scenario_id", CODES)
def test_it_passes_with_its_code_and_was_felt(ran: Any, scenario_id: str) -> None:
    assert_passes(ran, scenario_id, CODES[scenario_id])


@pytest.mark.nightly
@pytest.mark.parametrize("real_time", [False, True])
def test_so_it_does_by_either_clock(run_scenarios: Any, real_time: bool) -> None:
    ran = run_scenarios(*LONGER, real_time=real_time)
    for scenario_id, code in LONGER.items():
        assert_passes(ran, scenario_id, code)


def test_what_the_plug_in_said_is_evidence_and_no_picture_is(ran: Any) -> None:
    record = ran.record("mini-profile-1006-config-refused-cold")
    said = [json.loads(callback.fields) for callback in record.evidence.callbacks if callback.visit == "honest"]
    assert [(one["event"], one["ret"]) for one in said] == [("verify", 0)]
    assert "errorCode" not in said[0]
    assert [visit.screenshot for visit in record.evidence.visits] == ["", "", "", ""]


def test_the_scripted_clients_own_error_stands_where_a_browsers_would(ran: Any) -> None:
    seen = {one.place: one.what for one in ran.record("mini-profile-1006-config-refused-cold").evidence.sightings}
    assert {Place.TOXIPROXY, Place.ROUTER, Place.BROWSER} <= set(seen)
    assert seen[Place.BROWSER].startswith("ConnectError connection refused after ")


def test_a_hang_is_not_waited_out_and_its_ticket_has_the_time_of_its_minting(ran: Any) -> None:
    record = ran.record("mini-profile-1013-verify-hang-cold")
    (honest, *_others) = record.evidence.visits
    assert record.evidence.clock == "advanced"
    assert honest.business_ms is not None
    # The shop's watchdog ends it after 60 s with the puzzle on the screen; what is more is the machine's.
    assert 60_000 <= honest.business_ms < 62_500
    assert record.evidence.real_ms < 30_000
    [seen] = [one for one in record.evidence.tickets if one.visit == "honest" and one.where == "submit"]
    ticket = tickets.read(seen.text).ticket
    assert ticket is not None
    # The device's own clock when the submit came, and the world's: of the minute that was stepped over neither knows.
    assert 0 <= seen.page_unix_s - ticket.timestamp_s < 2.5
    assert abs(seen.unix_s - ticket.timestamp_s) < 20


@pytest.mark.nightly
def test_both_ends_of_a_silent_bridge_are_heard(run_scenarios: Any) -> None:
    ran = run_scenarios(SILENT_BRIDGE)
    assert_passes(ran, SILENT_BRIDGE, 1001)
    seen = {one.place: one.what for one in ran.record(SILENT_BRIDGE).evidence.sightings}
    assert seen.keys() >= {Place.BROWSER, Place.NATIVE}
    assert seen[Place.NATIVE] == "1 of its messages arrived at the native part"


@pytest.mark.nightly
def test_no_scenario_passes_when_every_fault_and_its_read_back_lie(run_scenarios: Any) -> None:
    ran = run_scenarios(*QUICK, wrap=Liar)
    assert [ran.judgements[scenario_id].verdict for scenario_id in QUICK] == [Verdict.UNKNOWN] * len(QUICK)
    assert all("was not felt" in ran.judgements[scenario_id].unknown_because for scenario_id in QUICK)


# How the flows drive what a twin makes of the shop's clients.
DRIVES = """
import runpy

MINI, APP = runpy.run_path("{folder}mini_profile.py"), runpy.run_path("{folder}app_checkout.py")

{classes}

async def mini_profile(device, flow):
    page = Screen(device, flow)
    await page.load()
    await flow.show(page.tap)
    await flow.captcha(page.plugin)


async def app_checkout(app, flow):
    checkout = NativePart(app, flow)
    await app.bridge("ShopApp", checkout.heard)
    await flow.show(checkout.pay)
    await flow.captcha(app.webview)
"""


def twin(folder: Path, *, start: str = "", clients: str = "") -> str:
    """The shop's target file, run by another app or driven by other clients."""
    text = (SHOP / "captchaos.toml").read_text(encoding="utf-8")
    text = text.replace("app:app", f"app:app --app-dir {start}") if start else text
    text = text.replace("ready = ", f'cwd = "{SHOP}"\nready = ', 1).replace('"flows.py:', f'"{SHOP}/flows.py:')
    for name in ("mini_profile", "app_checkout") if clients else ():
        text = text.replace(f'"{SHOP}/flows.py:{name}"', f'"flows.py:{name}"')
    driven = DRIVES.format(folder=f"{SHOP}/clients/", classes=clients)
    (folder / "flows.py").write_text(driven, encoding="utf-8")
    file = folder / "captchaos.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def seen_in(ran: Any, scenario_id: str) -> dict[str, str]:
    """What each oracle saw in a twin's scenario, which must have failed."""
    judgement = ran.judgements[scenario_id]
    assert judgement.verdict is Verdict.FAIL
    slugs = dict.fromkeys(one.oracle for one in judgement.findings)
    return {slug: "; ".join(one.seen for one in judgement.findings if one.oracle == slug) for slug in slugs}


def found(run_scenarios: Any, scenario_id: str, target: str) -> dict[str, str]:
    return seen_in(run_scenarios(scenario_id, target=target), scenario_id)


# Both break only where somebody goes on with a ticket of the server's. With their faults the provider's own ticket comes, and
# about that one the bad back end asks the verdict API as it should: there, nothing is wrong but the script.
BREAKS = """
class Screen(MINI["ProfilePage"]):
    def _done_or_not(self, told):
        super()._done_or_not(told)
        if told.get("ticket"):
            raise ValueError("message of undefined")


class NativePart(APP["Checkout"]):
    def _paid_or_not(self, told):
        super()._paid_or_not(told)
        if self._order:
            raise ValueError("message of undefined")
"""
BAD_BACK_END = "mini-profile-1006-config-reset-cold"
BAD_SCREEN, BAD_NATIVE_PART = "mini-profile-2003-verdict-internal-error-cold", "app-checkout-2003-verdict-internal-error-cold"


@pytest.fixture(scope="module")
def ran_badly(run_scenarios: Any, tmp_path_factory: pytest.TempPathFactory, animal_folder: Any) -> Any:
    target = twin(tmp_path_factory.mktemp("twin"), start=str(animal_folder(TRUSTS_PREFIX)), clients=BREAKS)
    return run_scenarios(BAD_BACK_END, BAD_SCREEN, BAD_NATIVE_PART, target=target)


@pytest.mark.nightly
def test_a_back_end_that_takes_the_tickets_prefix_for_good_is_caught(ran_badly: Any) -> None:
    # Nor does it say anywhere that it lets somebody in whom nobody vouched for.
    assert seen_in(ran_badly, BAD_BACK_END).keys() == {"business-completes", "nothing-for-free", "observable"}


@pytest.mark.nightly
def test_a_mini_program_whose_screen_breaks_when_it_is_answered_is_caught(ran_badly: Any) -> None:
    seen = seen_in(ran_badly, BAD_SCREEN)
    assert seen.keys() == {"business-completes"}
    assert "ValueError: message of undefined" in seen["business-completes"]
    assert "took effect once though the user was told otherwise" in seen["business-completes"]


@pytest.mark.nightly
def test_a_native_part_that_breaks_when_it_has_bought_is_caught(ran_badly: Any) -> None:
    seen = seen_in(ran_badly, BAD_NATIVE_PART)
    assert seen.keys() == {"business-completes"}
    assert "ValueError: message of undefined" in seen["business-completes"]
    assert "took effect once though the user was told otherwise" in seen["business-completes"]


@pytest.mark.nightly
def test_a_forger_finds_it_too(run_scenarios: Any, tmp_path: Path, animal_folder: Any) -> None:
    target = twin(tmp_path, start=str(animal_folder(TRUSTS_PREFIX)))
    assert "nothing-for-free" in found(run_scenarios, "mini-profile-forged", target)


BAD_CLIENTS = """
class Screen(MINI["ProfilePage"]):
    async def load(self):
        await super().load()
        self.plugin = self._device.client(self._heard, appid_property=self._app_id)


class NativePart(APP["Checkout"]):
    def _watch(self):
        pass
"""


@pytest.mark.nightly
def test_a_page_that_gives_its_app_id_as_a_property_is_caught(run_scenarios: Any, tmp_path: Path) -> None:
    seen = found(run_scenarios, "mini-profile-1006-config-refused-cold", twin(tmp_path, clients=BAD_CLIENTS))
    assert "empty-app-id" in seen["fallback-ticket"]


@pytest.mark.nightly
def test_a_native_part_that_waits_for_its_bridge_is_caught(run_scenarios: Any, tmp_path: Path) -> None:
    scenario_id = "app-checkout-1001-bridge-bridge-silent-cold"
    ran = run_scenarios(scenario_id, target=twin(tmp_path, clients=BAD_CLIENTS))
    assert ran.judgements[scenario_id].verdict is Verdict.FAIL
    assert {"fallback-ticket", "business-completes"} <= {one.oracle for one in ran.judgements[scenario_id].findings}
    # It still shows its web view: that is drawn, in the size of a phone.
    with Image.open(ran.out / ran.record(scenario_id).evidence.visits[0].screenshot) as drawn:
        assert drawn.width == 390
