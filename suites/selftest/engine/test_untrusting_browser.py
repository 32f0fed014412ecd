"""A browser that cannot be made to trust the lab alone takes every certificate: all else is felt in it, as in any other.

WebKit is one, of which no build can be had everywhere: a real Chromium stands for it here, started without the lab's key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from harness.browsers import ENGINES
from harness.cli.run import report_of
from harness.journal.model import Verdict
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target
from suites.selftest.engine.conftest import Ran, RunScenarios
from suites.selftest.untrusting import Untrusting

REFUSED, HANGS = "login-1004-frame-refused-cold", "login-1001-entry-hang-cold"
# The server's client looks at certificates, whatever the browser does.
AT_THE_SERVER = "login-2002-verdict-unknown-ca-certificate-cold"
# A certificate of the lab's itself, which only who trusts the lab could tell from a bad one.
BAD = "login-1001-entry-expired-certificate-cold"

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module", autouse=True)
def _known() -> Iterator[None]:
    ENGINES[Untrusting.name] = Untrusting()
    yield
    del ENGINES[Untrusting.name]


@pytest.fixture(scope="module")
def ran(run_scenarios: RunScenarios) -> Ran:
    """Two faults of the browser's links, one of the server's, and a bad certificate that no plan for this browser has."""
    whole = make_plan(load_target(find_target(None)))
    bad = tuple(one for one in whole.scenarios if one.id == BAD)
    assert len(bad) == 1
    return run_scenarios(REFUSED, HANGS, AT_THE_SERVER, engine=Untrusting.name, also=lambda _plan: bad)


def test_what_is_healthy_passes_over_a_certificate_that_the_browser_cannot_trust(ran: Ran) -> None:
    controls = [record.scenario.id for record in ran.records if record.scenario.kind == "control"]
    assert controls
    assert {ran.judgements[id_].verdict for id_ in controls} == {Verdict.PASS}


@pytest.mark.parametrize("scenario_id", [REFUSED, HANGS, AT_THE_SERVER])
def test_a_fault_that_it_can_feel_is_felt_and_survived(ran: Ran, scenario_id: str) -> None:
    assert ran.judgements[scenario_id].verdict is Verdict.PASS
    assert ran.judgements[scenario_id].fault_felt


def test_a_bad_certificate_would_not_be_felt_and_tell_nothing(ran: Ran) -> None:
    (visit, *_) = ran.record(BAD).evidence.visits
    assert visit.outcome == "verified", "the browser took the certificate, and the captcha came"
    assert ran.judgements[BAD].verdict is Verdict.UNKNOWN
    assert "was not felt" in ran.judgements[BAD].unknown_because


def test_the_report_names_what_was_not_tried_and_why(ran: Ran) -> None:
    report_of(ran.out, "en")
    told = json.loads((ran.out / "results.json").read_text())["run"]["untold"]
    assert len(told) == 1
    assert BAD in told[0]
    assert AT_THE_SERVER not in told[0]
    for page in ("summary.md", "index.html"):
        text = (ran.out / page).read_text()
        assert "Not tried in this browser" in text
        assert "it is made to take every one" in text
