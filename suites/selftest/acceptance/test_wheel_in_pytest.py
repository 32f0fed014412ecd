"""pytest in a repository that has captchaos from its wheel, beside the plugins that others have: as its users expect."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as Xml
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from suites.selftest.acceptance.command import SHOP, House

REFUSED = "login-2002-verdict-refused-cold"
BACKEND = "captchaos.toml::backend::verdict_does_not_come"
# As unlike ours as repositories are, so that none of it decides what is tested.
THEIR_INI = """
[pytest]
filterwarnings = error
python_files = check_*.py
python_functions = check_*
addopts = --strict-markers --strict-config
"""
THEIR_TEST = """
import pytest

@pytest.fixture
def outcome() -> str:
    return "mine"

def check_ours(outcome):
    assert outcome == "mine"
"""
# pytest-playwright's page, in one session with the claims of the target file.
THEIR_PAGE = """
import pytest

@pytest.mark.fault("entry", "refused")
def check_login_page(page):
    page.goto("/login")
    page.fill("#username", "user-1@shop.test")
    page.fill("#password", "correct horse")
    page.click("#login-button")
    page.wait_for_selector("#done:visible")
"""

pytestmark = pytest.mark.timeout(900)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository(House):
    """A house in which pytest is the command; a session may take its time where others work beside it."""

    def run(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a session to its end."""
        return subprocess.run(
            [*self.command, *map(str, words)],
            capture_output=True, text=True, cwd=self.root, env=self.environment(**env), timeout=800, check=False,
        )  # fmt: skip

    def left_behind(self) -> list[str]:
        """The same without the folder that pytest's own workers keep their temporary files in."""
        return [one for one in House.left_behind(self) if "pytest-of-" not in one]


@pytest.fixture
def theirs(venv: Path, tmp_path: Path, toxiproxy_path: Path) -> Repository:
    """A repository of somebody's with an application that has a captchaos.toml; its command is pytest, with every plugin."""
    root = tmp_path / "theirs"
    shutil.copytree(SHOP, root, ignore=shutil.ignore_patterns("*.db", "__pycache__"))
    (root / "tmp").mkdir()
    (root / "pytest.ini").write_text(THEIR_INI)
    (root / "check_ours.py").write_text(THEIR_TEST)
    env = {"CAPTCHAOS_TOXIPROXY": str(toxiproxy_path), "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": ""}
    return Repository(root=root, env=env, command=(str(venv / "bin" / "python"), "-m", "pytest"))


def results(junit: Path) -> dict[str, str]:
    """What became of each item of a session, by its claim or its own name: passed, failed, error or skipped."""
    words = {"failure": "failed", "error": "error", "skipped": "skipped"}
    cases = Xml.parse(junit).iter("testcase")  # noqa: S314 - pytest has just written it
    return {str(case.get("name")): next((words[one.tag] for one in case if one.tag in words), "passed") for case in cases}


def tried(report: Path) -> list[str]:
    """The scenarios that a run's journal has, one for each time one was run; controls left out."""
    lines = (report / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    records = [record for line in lines if (record := json.loads(line).get("record")) is not None]
    return sorted(record["scenario"]["id"] for record in records if record["scenario"]["kind"] != "control")


def test_help_takes_less_than_300_ms(installed: House) -> None:
    """Of six starts the quickest, in time of the processor: the rest says how busy the machine is."""
    took_s = []
    for _ in range(6):
        before = os.times()
        assert installed.run("--help").returncode == 0
        after = os.times()
        took_s.append(after.children_user + after.children_system - before.children_user - before.children_system)
    assert min(took_s) < 0.3


def test_a_target_file_is_tested_where_it_is_named_or_the_configuration_wants_it(theirs: Repository) -> None:
    """No chaos because a file lies there; and listing the tests starts no laboratory."""
    assert theirs.run("-q").stdout.splitlines()[-1].startswith("1 passed")

    listed = theirs.run("-q", "--co", "captchaos.toml", "-k", REFUSED)
    assert f"{BACKEND}::test_business_completes[{REFUSED}]" in listed.stdout.splitlines()
    items = [line for line in listed.stdout.splitlines() if "::" in line]
    assert {item.split("::")[1] for item in items} == {"backend"}
    # An editor hands over what was listed, one by one or several.
    again = theirs.run("-q", "--co", *items[:3])
    assert [line for line in again.stdout.splitlines() if "::" in line] == items[:3]

    wanted = theirs.run("-q", "--co", "-o", "captchaos=true", "-m", "scenarios(kind='storm') or not scenarios", "-n", "0")
    suites = {line.split("::")[1] for line in wanted.stdout.splitlines() if "::" in line}
    assert suites == {"check_ours", "recovery"}
    assert not (theirs.root / "reports").exists()


def test_a_mistake_in_the_target_file_is_one_sentence_with_its_line(theirs: Repository) -> None:
    file = theirs.root / "captchaos.toml"
    file.write_text(file.read_text().replace("isolation =", "isolatoin ="))
    done = theirs.run("captchaos.toml")
    assert done.returncode == 2
    assert re.search(r"^captchaos\.toml:6: .*'?isolation", done.stdout, re.M), done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_two_targets_are_two_sessions(theirs: Repository) -> None:
    other = theirs.root / "other.toml"
    other.write_text('extends = "captchaos.toml"\n')
    done = theirs.run("--co", "-q", "captchaos.toml", "other.toml")
    assert "a session tests one target, and this one tests captchaos.toml: test other.toml in another session" in done.stdout


def test_junit_html_and_allure_show_the_evidence(theirs: Repository) -> None:
    """One scenario, two claims: each reporter has what it takes to see what happened, and where the report is."""
    words = ("--junitxml=j.xml", "--html=html/index.html", "--alluredir=allure", "--captchaos-report=report")
    done = theirs.run("captchaos.toml", "-k", f"{REFUSED} and (business or ticket)", *words)
    assert done.returncode == 0, done.stdout + done.stderr
    page = f"report/data/scenarios/{REFUSED}.html"
    assert (theirs.root / page).is_file()

    case = next(Xml.parse(theirs.root / "j.xml").iter("testcase"))  # noqa: S314 - pytest has just written it
    assert case.get("classname") == BACKEND.replace("::", ".")
    assert case.get("name") == f"test_yields_its_fallback_ticket[{REFUSED}]"
    told = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert told["captchaos.scenario"] == REFUSED
    assert (told["captchaos.flow"], told["captchaos.link"], told["captchaos.fault"]) == ("login", "verdict", "refused")
    assert (told["captchaos.verdict"], told["captchaos.report"]) == ("pass", page)

    html = (theirs.root / "html" / "index.html").read_text()
    assert f"../{page}" in html
    assets = list((theirs.root / "html" / "assets").iterdir())
    assert len([one for one in assets if one.read_bytes().startswith(b"\x89PNG")]) == 3
    assert any(REFUSED in one.read_text() and "fault felt at" in one.read_text() for one in assets if one.suffix == ".txt")

    results = [json.loads(file.read_text()) for file in (theirs.root / "allure").glob("*-result.json")]
    assert {tuple(one["name"] for one in result["attachments"]) for result in results} == {("evidence", "screen")}
    assert {one["value"] for result in results for one in result["parameters"]} == {f"'{REFUSED}'"}
    assert theirs.left_behind() == []


@pytest.mark.nightly
def test_workers_make_one_report_beside_tests_with_a_page_of_playwrights(theirs: Repository) -> None:
    """Two scenarios over two workers, with every reporter, and a test of their own that pytest-playwright gives its page."""
    (theirs.root / "check_page.py").write_text(THEIR_PAGE)
    other = "login-2003-verdict-internal-error-cold"
    words = ("--junitxml=j.xml", "--html=html/index.html", "--alluredir=allure", "--captchaos-report=report")
    # pytest-playwright's own, where pytest-base-url is not there.
    words += ("-W", "ignore::pytest.PytestDeprecationWarning")
    done = theirs.run("captchaos.toml", "check_page.py", "-n", "2", "-k", f"{REFUSED} or {other} or login_page", *words)
    assert done.returncode == 0, done.stdout + done.stderr

    assert tried(theirs.root / "report") == sorted([REFUSED, other])
    assert not (theirs.root / "report" / "workers").exists()
    assert not (theirs.root / "reports").exists()
    assert "2 pass, 0 fail, 0 unknown" in done.stdout.splitlines()
    came = results(theirs.root / "j.xml")
    assert set(came.values()) == {"passed"}
    claims = {name.partition("[")[0] for name in came if REFUSED in name}
    assert claims == {name.partition("[")[0] for name in came if other in name}
    assert len(came) == 2 * len(claims) + 1
    assert (theirs.root / "html" / "index.html").is_file()
    assert len(list((theirs.root / "allure").glob("*-result.json"))) == len(came)
    assert theirs.left_behind() == []


@pytest.mark.nightly
def test_what_failed_is_mended_and_run_again_and_nothing_else(theirs: Repository, animal_folder: Callable[[str], Path]) -> None:
    """``-x``, then all on ``-n auto``, then the bug is mended and ``--lf`` runs the red claims alone, which are green now."""
    gate = Path("shop", "gate.py")
    right = (theirs.root / gate).read_bytes()
    shutil.copy(animal_folder("B1") / gate, theirs.root / gate)
    (theirs.root / "impatient.toml").write_text('extends = "captchaos.toml"\n\n[budgets]\nbusiness = 4000\n')

    first = theirs.run("impatient.toml", "check_ours.py", "-k", f"{REFUSED} or check_ours", "-x", "--junitxml=x.xml")
    assert first.returncode == 1, first.stdout
    at_first = results(theirs.root / "x.xml")
    assert list(at_first.values()).count("failed") == 1
    assert len(at_first) < 5

    whole = theirs.run("impatient.toml", "check_ours.py", "-k", f"{REFUSED} or check_ours", "-n", "auto", "--junitxml=all.xml")
    assert whole.returncode == 1, whole.stdout
    came = results(theirs.root / "all.xml")
    red = {name for name, result in came.items() if result != "passed"}
    assert {f"test_yields_its_fallback_ticket[{REFUSED}]", f"test_business_completes[{REFUSED}]"} <= red
    assert {"check_ours", f"test_every_wait_is_bounded[{REFUSED}]"} <= set(came) - red
    test = f"impatient.toml::backend::verdict_does_not_come::test_business_completes[{REFUSED}]"
    assert f"run it again: python -m pytest '{test}'" in whole.stdout

    (theirs.root / gate).write_bytes(right)
    again = theirs.run("impatient.toml", "check_ours.py", "--lf", "--junitxml=lf.xml", "--captchaos-report=mended")
    assert again.returncode == 0, again.stdout
    assert results(theirs.root / "lf.xml") == dict.fromkeys(red, "passed")
    assert tried(theirs.root / "mended") == [REFUSED]
    assert theirs.left_behind() == []
