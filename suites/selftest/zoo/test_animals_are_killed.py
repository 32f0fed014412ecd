"""Each animal of the zoo is killed by the findings that its ``expected.toml`` names, by the command as its owner runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from suites.selftest.zoo.compare import expected_findings

ROOT = Path(__file__).parents[3]
LIMIT_S = 480.0
AT_ONCE = 5

# All animals but B6 have the flows that the vendor's client guards, and no others.
FLOWS = ("--flow", "login", "--flow", "checkout")
# On both flows: the entry script is refused (F1's bug), and the verdict API is refused (B1's).
REFUSED = (
    *FLOWS, "--link", "entry", "--link", "verdict", "--mode", "1001", "--mode", "2002", "--fault", "refused", "-k", "cold",
)  # fmt: skip
FORGED = (*FLOWS, "-k", "forged")
# OneAccess says no word on who solved its captcha (B6).
NO_WORD = ("--flow", "register", "--link", "verdict", "--fault", "status-500")
# The client gives up and calls back with a ticket (F3); nobody may believe who answers the verdict call (B12).
CALLED_BACK = (*FLOWS, "--mode", "1004", "--fault", "refused", "-k", "cold")
CERTIFICATES = {"expired": "has expired", "wrong-name": "names another host", "unknown-ca": "comes from an unknown CA"}
BAD = (*FLOWS, "--link", "verdict", *(word for kind in CERTIFICATES for word in ("--fault", f"{kind}-certificate")))
AVAILABILITY = {"fallback-ticket", "business-completes"}
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "F1": ("fixtures/zoo/F1", *REFUSED),
    "F3": ("fixtures/zoo/F3", *CALLED_BACK),
    "B1": ("fixtures/zoo/B1", *REFUSED),
    "B5": ("fixtures/zoo/B5", *FORGED),
    "B6": ("fixtures/zoo/B6", *NO_WORD),
    "B12": ("fixtures/zoo/B12", *BAD),
    "shop, refused": ("fixtures/shop", *REFUSED),
    "shop, called back": ("fixtures/shop", *CALLED_BACK),
    "shop, forged": ("fixtures/shop", *FORGED),
    "shop, no word": ("fixtures/shop", *NO_WORD),
    "shop, bad certificates": ("fixtures/shop", *BAD),
}
# What the shop runs, and which animals run the same.
SHOP = {
    "shop, refused": ("F1", "B1"),
    "shop, called back": ("F3",),
    "shop, forged": ("B5",),
    "shop, no word": ("B6",),
    "shop, bad certificates": ("B12",),
}
KILLED_BY = {
    "F1": AVAILABILITY,
    "F3": AVAILABILITY,
    "B1": AVAILABILITY,
    "B5": {"nothing-for-free"},
    "B6": AVAILABILITY | {"no-side-effect", "nothing-for-free"},
    "B12": {"verdict-is-a-verdict", "fallback-ticket"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run of the command said: exit code, output, and each scenario of ``results.json`` by its id."""

    code: int
    output: str
    scenarios: Mapping[str, Mapping[str, Any]]

    def findings(self, scenario_id: str) -> dict[str, tuple[str, str]]:
        """Oracle → severity and what was seen."""
        return {f["oracle"]: (f["severity"], f["seen"]) for f in self.scenarios[scenario_id]["findings"]}

    def found(self) -> dict[str, set[str]]:
        """Scenario → the oracles that found something, of those scenarios that are no controls."""
        return {
            scenario_id: {finding["oracle"] for finding in scenario["findings"]}
            for scenario_id, scenario in self.scenarios.items()
            if scenario["kind"] != "control"
        }


class Running:
    """Every command, some at once: they wait more than they work."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[str]] = []
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._told = {name: self._pool.submit(self._run, name, words) for name, words in COMMANDS.items()}

    def _run(self, name: str, words: tuple[str, ...]) -> Told:
        command = (sys.executable, "-m", "harness.cli.main", "run", *words, "--jobs", "2", "--out", str(self._folder / name))
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._processes.append(process)
        output, _ = process.communicate()
        results = self._folder / name / "results.json"
        assert results.is_file(), output
        scenarios = {one["id"]: one for one in json.loads(results.read_text(encoding="utf-8"))["scenarios"]}
        return Told(code=process.returncode, output=output, scenarios=scenarios)

    def told(self, name: str) -> Told:
        """Wait for a command and read what it wrote."""
        return self._told[name].result(LIMIT_S)

    def end(self) -> None:
        """End what still runs; its janitor removes what it made."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        self._pool.shutdown()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    commands = Running(tmp_path_factory.mktemp("zoo"))
    yield commands
    commands.end()


pytestmark = pytest.mark.timeout(LIMIT_S + 60)


@pytest.mark.parametrize("animal", KILLED_BY)
def test_an_animal_fails_by_the_findings_written_down_for_it_and_no_others(running: Running, animal: str) -> None:
    told = running.told(animal)
    assert told.code == 1, told.output
    wanted = expected_findings(ROOT / "fixtures" / "zoo" / animal, told.scenarios.values())
    assert told.found() == wanted
    assert set.union(*wanted.values()) == KILLED_BY[animal]


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_f1_leaves_the_user_behind_a_dead_button_without_a_ticket(running: Running, flow: str) -> None:
    findings = running.told("F1").findings(f"{flow}-1001-entry-refused-cold")
    assert findings["fallback-ticket"] == ("blocker", "no ticket at all")
    assert findings["business-completes"] == ("blocker", "the business not completed")


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_b1_refuses_the_user_when_the_verdict_api_is_refused(running: Running, flow: str) -> None:
    findings = running.told("B1").findings(f"{flow}-2002-verdict-refused-cold")
    assert findings["fallback-ticket"] == ("blocker", "no ticket at all")
    assert findings["business-completes"] == ("blocker", "the business refused")


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_b5_gives_forgers_what_they_ask_for(running: Running, flow: str) -> None:
    findings = running.told("B5").scenarios[f"{flow}-forged"]["findings"]
    (foreign,) = [f for f in findings if "fallback-ticket-of-another-app" in f["expected"]]
    assert (foreign["oracle"], foreign["severity"]) == ("nothing-for-free", "blocker")
    assert "took effect once" in foreign["seen"]


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_f3_has_the_ticket_in_its_callback_and_never_submits_it(running: Running, flow: str) -> None:
    findings = running.told("F3").findings(f"{flow}-1004-frame-refused-cold")
    severity, seen = findings["fallback-ticket"]
    assert severity == "blocker"
    assert "callback brought 'terror_1004_199999164_" in seen
    assert seen.endswith("but the page never submitted it")
    assert findings["business-completes"] == ("blocker", "the business not completed")


def test_b6_has_an_sms_sent_to_whoever_it_was_asked_for(running: Running) -> None:
    severity, seen = running.told("B6").findings("register-2003-verdict-status-500-cold")["no-side-effect"]
    assert severity == "blocker"
    assert seen.endswith("for which no pass had come, and the provider did it")


@pytest.mark.parametrize("flow", ["login", "checkout"])
@pytest.mark.parametrize("kind", CERTIFICATES)
def test_b12_accepts_a_certificate_that_it_must_refuse(running: Running, flow: str, kind: str) -> None:
    told = running.told("B12")
    scenario_id = f"{flow}-2002-verdict-{kind}-certificate-cold"
    assert told.scenarios[scenario_id]["verdict"] == "fail"
    severity, seen = told.findings(scenario_id)["verdict-is-a-verdict"]
    assert severity == "blocker"
    assert f"accepted a certificate that {CERTIFICATES[kind]}: its verdict call arrived over it once" in seen


@pytest.mark.parametrize("animal", KILLED_BY)
def test_an_animal_is_told_how_to_mend_its_bug(running: Running, animal: str) -> None:
    word = {
        "F1": "onerror",
        "F3": "ret === 0 with an errorCode is a fallback ticket",
        "B1": "mint terror_2xxx",
        "B5": "send every ticket to the verdict API",
        "B6": "the provider's captcha_token as its argument",
        "B12": "leave certificate verification on",
    }[animal]
    assert any(word in f["mend"] for scenario in running.told(animal).scenarios.values() for f in scenario["findings"])


@pytest.mark.parametrize("name", SHOP)
def test_the_shop_passes_the_same_scenarios(running: Running, name: str) -> None:
    told = running.told(name)
    assert told.code == 0, told.output
    assert {scenario["verdict"] for scenario in told.scenarios.values()} == {"pass"}
    for animal in SHOP[name]:
        assert told.found().keys() == running.told(animal).found().keys()
