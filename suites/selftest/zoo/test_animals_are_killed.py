"""Each animal of the zoo is killed by the findings that its ``expected.toml`` names, by the command as its owner runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.journal.model import Verdict
from harness.judge import ORACLES
from harness.plan.build import make_plan
from harness.plan.select import select
from harness.target.loader import find_target, load_target
from harness.zoo.animals import load_animals, names, zoo_folder

ROOT = Path(__file__).parents[3]
LIMIT_S = 900.0
LABS = "8"
ANIMALS = names(zoo_folder())
# What the whole thing is for, by the survey of real integrations: which oracle must name which of its classes.
KILLED_BY = {
    "F1": {"fallback-ticket", "business-completes"},
    "F2": {"healthy-control"},
    "F3": {"fallback-ticket", "business-completes"},
    "F4": {"fallback-ticket", "business-completes"},
    "F5": {"fallback-ticket", "business-completes"},
    "F6": {"fallback-ticket", "business-completes"},
    "F7": {"page-usable"},
    "F8": {"healthy-control"},
    "F9": {"healthy-control"},
    "F10": {"fallback-ticket", "business-completes"},
    "B1": {"fallback-ticket", "business-completes"},
    "B2": {"fallback-ticket", "business-completes"},
    "B3": {"business-completes"},
    "B5": {"nothing-for-free"},
    "B6": {"fallback-ticket", "business-completes", "no-side-effect", "nothing-for-free"},
    "B7": {"bounded-wait"},
    "B8": {"verdict-is-a-verdict", "fallback-ticket", "business-completes"},
    "B10": {"private"},
    "B11": {"healthy-control"},
    "B12": {"verdict-is-a-verdict", "fallback-ticket"},
    "B14": {"private"},
    "B15": {"healthy-control"},
    "M": {"fallback-ticket", "business-completes"},
    "late-callback-orders-twice": {"business-completes"},
    "watchdog-outlives-session": {"business-completes"},
    "degraded-mode-never-ends": {"recovers"},
    "outage-leaves-no-ticket": {"fallback-ticket"},
    "slow-to-give-up": {"bounded-wait"},
    "button-waits-for-the-captcha": {"page-usable"},
    "sms-in-an-outage": {"no-side-effect"},
    "one-outage-closes-all": {"other-way-open"},
    "real-ip-not-passed-on": {"private"},
    "first-forwarded-address-is-believed": {"private", "nothing-for-free"},
    "secret-in-the-page": {"private"},
    "code-in-the-answer": {"private"},
    "secret-follows-a-redirect": {"private"},
    "retry-resends-used-ticket": {"no-reuse"},
}
MENDS = {
    "F1": "onerror",
    "F3": "ret === 0 with an errorCode is a fallback ticket",
    "B1": "mint terror_2xxx",
    "B5": "send every ticket to the verdict API",
    "B6": "the provider's captcha_token as its argument",
    "B12": "leave certificate verification on",
}
CERTIFICATES = {"expired": "has expired", "wrong-name": "names another host", "unknown-ca": "comes from an unknown CA"}

pytestmark = pytest.mark.timeout(LIMIT_S + 60)


class Told:
    """What the command said: its exit code and output, ``zoo.json``, and each animal's ``results.json``."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder
        self.output = ""

    def end(self) -> None:
        """Wait for the command."""
        if not self.output:
            self.output, _ = self._process.communicate(timeout=LIMIT_S)

    @property
    def code(self) -> int:
        """The exit code."""
        self.end()
        return self._process.returncode

    def animal(self, name: str) -> Mapping[str, Any]:
        """What zoo.json says of one animal."""
        self.end()
        file = self._folder / "zoo.json"
        assert file.is_file(), self.output
        return {one["name"]: one for one in json.loads(file.read_text(encoding="utf-8"))["animals"]}[name]

    def findings(self, name: str, scenario_id: str) -> dict[str, tuple[str, str]]:
        """Oracle → severity and what was seen, of one scenario of an animal."""
        return {f["oracle"]: (f["severity"], f["seen"]) for f in self.scenarios(name)[scenario_id]["findings"]}

    def scenarios(self, name: str) -> dict[str, Any]:
        """Each scenario of an animal's results.json by its id."""
        self.end()
        results = json.loads((self._folder / name / "results.json").read_text(encoding="utf-8"))
        return {one["id"]: one for one in results["scenarios"]}


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """The whole zoo, run once by one command, which fills the machine."""
    out = tmp_path_factory.mktemp("zoo")
    command = (sys.executable, "-m", "harness.cli.main", "zoo", "--jobs", LABS, "--out", str(out))
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    yield Told(process, out)
    if process.poll() is None:
        process.terminate()
        process.communicate()


@pytest.mark.nightly  # every day the sample in suites/ runs the shop on most of it
def test_the_shop_passes_what_kills_the_animals(zoo: Told, run_scenarios: Callable[..., Any]) -> None:
    plan = make_plan(load_target(find_target(None)))
    lines = [line for animal in load_animals(zoo_folder()) for line in animal.run]
    ran = run_scenarios(ROOT / "fixtures" / "shop", sorted({one.id for line in lines for one in select(plan.scenarios, line)}))
    assert {judgement.verdict for judgement in ran.judgements.values()} == {Verdict.PASS}, ran.judgements


@pytest.mark.parametrize("name", ANIMALS)
def test_an_animal_is_killed_by_the_findings_written_down_for_it(zoo: Told, name: str) -> None:
    said = zoo.animal(name)
    assert said["fate"] == "expected", said


@pytest.mark.parametrize("name", KILLED_BY)
def test_a_class_of_the_survey_is_killed_by_the_oracle_that_is_for_it(zoo: Told, name: str) -> None:
    said = zoo.animal(name)
    assert {one["oracle"] for one in said["expected"] if one["found"]} >= KILLED_BY[name]


@pytest.mark.parametrize("slug", ORACLES.all())
def test_every_oracle_kills_an_animal_that_no_other_kills(zoo: Told, slug: str) -> None:
    assert [name for name in ANIMALS if set(zoo.animal(name)["heard"]) == {slug}]


def test_the_command_is_content_with_a_zoo_in_which_all_are_killed(zoo: Told) -> None:
    assert zoo.code == 0, zoo.output
    assert f"{len(ANIMALS)} killed by the expected finding, 0 killed by another, 0 survived, 0 unknown" in zoo.output


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_f1_leaves_the_user_behind_a_dead_button_without_a_ticket(zoo: Told, flow: str) -> None:
    findings = zoo.findings("F1", f"{flow}-1001-entry-refused-cold")
    assert findings["fallback-ticket"] == ("blocker", "no ticket at all")
    assert findings["business-completes"] == ("blocker", "the business not completed")


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_b1_refuses_the_user_when_the_verdict_api_is_refused(zoo: Told, flow: str) -> None:
    findings = zoo.findings("B1", f"{flow}-2002-verdict-refused-cold")
    assert findings["fallback-ticket"] == ("blocker", "no ticket at all")
    assert findings["business-completes"] == ("blocker", "the business refused")


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_b5_gives_forgers_what_they_ask_for(zoo: Told, flow: str) -> None:
    findings = zoo.scenarios("B5")[f"{flow}-forged"]["findings"]
    (foreign,) = [
        f for f in findings if "fallback-ticket-of-another-app" in f["expected"] and f["oracle"] == "nothing-for-free"
    ]
    assert foreign["severity"] == "blocker"
    assert "took effect once" in foreign["seen"]


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_f3_has_the_ticket_in_its_callback_and_never_submits_it(zoo: Told, flow: str) -> None:
    findings = zoo.findings("F3", f"{flow}-1004-frame-refused-cold")
    severity, seen = findings["fallback-ticket"]
    assert severity == "blocker"
    assert "callback brought 'terror_1004_199999164_" in seen
    assert seen.endswith("but the page never submitted it")
    assert findings["business-completes"] == ("blocker", "the business not completed")


def test_b6_has_an_sms_sent_to_whoever_it_was_asked_for(zoo: Told) -> None:
    severity, seen = zoo.findings("B6", "register-2003-verdict-status-500-cold")["no-side-effect"]
    assert severity == "blocker"
    assert seen.endswith("for which no pass had come, and the provider did it")


@pytest.mark.parametrize(("flow", "kind"), [*(("login", kind) for kind in CERTIFICATES), ("checkout", "unknown-ca")])
def test_b12_accepts_a_certificate_that_it_must_refuse(zoo: Told, flow: str, kind: str) -> None:
    scenario_id = f"{flow}-2002-verdict-{kind}-certificate-cold"
    severity, seen = zoo.findings("B12", scenario_id)["verdict-is-a-verdict"]
    assert severity == "blocker"
    assert f"accepted a certificate that {CERTIFICATES[kind]}: its verdict call arrived over it once" in seen


@pytest.mark.parametrize("name", MENDS)
def test_an_animal_is_told_how_to_mend_its_bug(zoo: Told, name: str) -> None:
    assert any(MENDS[name] in f["mend"] for scenario in zoo.scenarios(name).values() for f in scenario["findings"])
