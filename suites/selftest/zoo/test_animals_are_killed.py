"""Each animal of the zoo is killed by the findings that its ``expected.toml`` names, by the command as its owner runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from suites.selftest.zoo.compare import expected_findings

ROOT = Path(__file__).parents[3]
LIMIT_S = 480.0

# On both flows: the entry script is refused (F1's bug), and the verdict API is refused (B1's).
REFUSED = ("--link", "entry", "--link", "verdict", "--mode", "1001", "--mode", "2002", "--fault", "refused", "-k", "cold")
FORGED = ("-k", "forged")
AVAILABILITY = {"fallback-ticket", "business-completes"}
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "F1": ("fixtures/zoo/F1", *REFUSED),
    "B1": ("fixtures/zoo/B1", *REFUSED),
    "B5": ("fixtures/zoo/B5", *FORGED),
    "shop, refused": ("fixtures/shop", *REFUSED),
    "shop, forged": ("fixtures/shop", *FORGED),
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
    """Every command at once: they wait more than they work."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told: dict[str, Told] = {}
        self._processes = {name: self._start(name, words) for name, words in COMMANDS.items()}

    def _start(self, name: str, words: tuple[str, ...]) -> subprocess.Popen[str]:
        command = (sys.executable, "-m", "harness.cli.main", "run", *words, "--jobs", "2", "--out", str(self._folder / name))
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def told(self, name: str) -> Told:
        """Wait for a command and read what it wrote."""
        if name not in self._told:
            output, _ = self._processes[name].communicate(timeout=LIMIT_S)
            results = self._folder / name / "results.json"
            assert results.is_file(), output
            scenarios = {one["id"]: one for one in json.loads(results.read_text(encoding="utf-8"))["scenarios"]}
            self._told[name] = Told(code=self._processes[name].returncode, output=output, scenarios=scenarios)
        return self._told[name]

    def end(self) -> None:
        """End what still runs; its janitor removes what it made."""
        for process in self._processes.values():
            if process.poll() is None:
                process.terminate()
                process.communicate()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    commands = Running(tmp_path_factory.mktemp("zoo"))
    yield commands
    commands.end()


pytestmark = pytest.mark.timeout(LIMIT_S + 60)


@pytest.mark.parametrize("animal", ["F1", "B1", "B5"])
def test_an_animal_fails_by_the_findings_written_down_for_it_and_no_others(running: Running, animal: str) -> None:
    told = running.told(animal)
    assert told.code == 1, told.output
    wanted = expected_findings(ROOT / "fixtures" / "zoo" / animal, told.scenarios.values())
    assert told.found() == wanted
    assert set.union(*wanted.values()) == {"F1": AVAILABILITY, "B1": AVAILABILITY, "B5": {"nothing-for-free"}}[animal]


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


@pytest.mark.parametrize("animal", ["F1", "B1", "B5"])
def test_an_animal_is_told_how_to_mend_its_bug(running: Running, animal: str) -> None:
    word = {"F1": "onerror", "B1": "mint terror_2xxx", "B5": "send every ticket to the verdict API"}[animal]
    assert any(word in f["mend"] for scenario in running.told(animal).scenarios.values() for f in scenario["findings"])


@pytest.mark.parametrize("name", ["shop, refused", "shop, forged"])
def test_the_shop_passes_the_same_scenarios(running: Running, name: str) -> None:
    told = running.told(name)
    assert told.code == 0, told.output
    assert {scenario["verdict"] for scenario in told.scenarios.values()} == {"pass"}
    killers = ("F1", "B1") if name == "shop, refused" else ("B5",)
    for animal in killers:
        assert told.found().keys() == running.told(animal).found().keys()
