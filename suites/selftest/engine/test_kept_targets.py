"""The shop, started once for many scenarios: emptied and proven before each, begun afresh where that does not help."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from harness.journal.model import Verdict
from harness.judge.repeat import SHARED
from suites.selftest.acceptance.command import SHOP

pytestmark = pytest.mark.nightly

# In the mini program: no browser has to be fast here.
CLIENT = (
    "mini-profile-1012-refresh-refused-warm",
    "mini-profile-1012-refresh-reset-warm",
    "mini-profile-1006-config-refused-cold",
)
VERDICT = ("mini-profile-2002-verdict-refused-warm", "mini-profile-2002-verdict-reset-warm")
VERDICT_COLD = "mini-profile-2002-verdict-refused-cold"
CONTROL = "mini-profile-control-classic"
# Notes each start, is as slow as it is told, and then is the shop.
STARTS = """\
import os, sys, time
from pathlib import Path
with (Path(__file__).parent / "starts").open("a") as starts:
    starts.write("1\\n")
time.sleep(float(os.environ["STARTS_IN_S"]))
words = [sys.executable, "-m", "uvicorn", os.environ["APP"], "--host", "127.0.0.1", "--port", sys.argv[1]]
words += ["--log-level", "warning", "--timeout-keep-alive", "75", "--app-dir", str(Path(__file__).parent)]
os.execv(sys.executable, words)
"""
# Empties it as the shop's own target file does, and notes what it found.
BACK = """\
import os, runpy, sqlite3
from pathlib import Path
with sqlite3.connect(os.environ["SHOP_DATABASE_URL"].removeprefix("sqlite:///")) as database:
    (found,) = database.execute("select count(*) from profile_changes").fetchone()
with (Path(__file__).parent / "found").open("a") as file:
    file.write(f"{found}\\n")
runpy.run_path("empty.py")
"""
# A shop whose breaker opens at the first outage, and stays so as long as the process lives.
STUCK = """\
from shop.gate import Gate
from shop.reading import NoVerdict
import shop.gate

no_verdict, judge, stuck = Gate.no_verdict, Gate.judge, []

def opens(self, answer, submission):
    stuck.append(answer)
    return no_verdict(self, answer, submission)

async def judging(self, submission):
    return no_verdict(self, stuck[0], submission) if stuck else await judge(self, submission)

Gate.no_verdict, Gate.judge = opens, judging
from app import app
"""


class Kept:
    """A target file of the shop's in a folder of its own, that keeps one process for each slot."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "starts.py").write_text(STARTS)
        (folder / "back.py").write_text(BACK)
        (folder / "stuck.py").write_text(STUCK)
        shutil.copy(SHOP / "flows.py", folder)
        shutil.copytree(SHOP / "clients", folder / "clients")

    def written(
        self, *, isolation: str = "slot", reset: str = "{python} empty.py", app: str = "app:app", in_s: float = 0
    ) -> str:
        """Write the target file, and return where."""
        head, rest = (SHOP / "captchaos.toml").read_text(encoding="utf-8").split("[target.env]\n", 1)
        lines = [line for line in head.splitlines() if not line.startswith(("start =", "isolation ="))]
        own = f'''
cwd = "{SHOP}"
start = "{{python}} {self.folder}/starts.py {{port}}"
isolation = "{isolation}"
'''
        own += f"reset = {reset!r}\n" if isolation == "slot" else ""
        env = f'[target.env]\nAPP = "{app}"\nSTARTS_IN_S = "{in_s}"\nPYTHONPATH = "{SHOP}"\n'
        file = self.folder / f"{isolation}.toml"
        file.write_text("\n".join(lines) + own + env + rest, encoding="utf-8")
        return str(file)

    @property
    def back(self) -> str:
        """The command that empties it and notes what it found."""
        return f"{{python}} {self.folder}/back.py"

    @property
    def starts(self) -> int:
        """How many processes have been started since this was last asked."""
        noted = self.folder / "starts"
        count = len(noted.read_text().splitlines())
        noted.unlink()
        return count


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def passes(ran: Any, *ids: str) -> bool:
    told = {name: ran.judgements[name] for name in ids if ran.judgements[name].verdict is not Verdict.PASS}
    assert not told
    return True


def restarts(ran: Any) -> int:
    """How many processes took the place of another: a busy machine may have something repeated, or a control fail."""
    repeated = [record for record in ran.records if record.attempt > 1]
    unhealed = {record.process.number for record in ran.records if record.process.unhealed}
    return len(repeated) + len(unhealed)


def test_one_process_serves_all_but_what_must_find_the_server_cold(run_scenarios: Any, kept: Kept) -> None:
    ran = run_scenarios(*CLIENT, *VERDICT, VERDICT_COLD, target=kept.written(reset=kept.back), jobs=1)
    assert passes(ran, *ran.judgements)
    assert kept.starts == 2 + restarts(ran)
    assert ran.record(VERDICT_COLD).process.labs_before == 0
    assert all(ran.first(name).process.labs_before > 0 for name in (*CLIENT, *VERDICT))
    assert SHARED not in {record.repeat_reason for record in ran.records}
    found = [int(line) for line in (kept.folder / "found").read_text().splitlines()]
    # Before each scenario but the first, which a control has just proven, it is emptied twice: for the control and for itself.
    assert len(found) >= 2 * len((*CLIENT, *VERDICT)) - 1
    assert set(found) <= set(range(1, 6)), "nobody finds more than the users of one scenario have left"


def test_one_scenario_by_itself_has_a_fresh_process(run_scenarios: Any, kept: Kept) -> None:
    ran = run_scenarios(CLIENT[0], target=kept.written(), jobs=1)
    assert passes(ran, *ran.judgements)
    assert ran.record(CLIENT[0]).process.labs_before == 0
    assert kept.starts == 2 + restarts(ran)


def test_a_breaker_that_stays_open_costs_a_start_and_nobody_elses_verdict(run_scenarios: Any, kept: Kept) -> None:
    ran = run_scenarios(VERDICT[0], *CLIENT[:2], target=kept.written(app="stuck:app"), jobs=1, in_order=True)
    # That is what is wrong with it, and rests on a process that had served nobody.
    assert ran.judgements[VERDICT[0]].verdict is Verdict.FAIL
    assert "recovers" in {finding.oracle for finding in ran.judgements[VERDICT[0]].findings}
    assert ran.record(VERDICT[0]).process.labs_before == 0
    assert passes(ran, *CLIENT[:2], CONTROL)
    told = ran.first(CLIENT[0]).process
    assert told.unhealed
    assert f"had not healed after {VERDICT[0]}: " in told.started_because
    assert kept.starts == 1 + restarts(ran)


def test_a_reset_that_fails_costs_a_start_for_each_and_no_verdict(run_scenarios: Any, kept: Kept) -> None:
    (kept.folder / "broken.py").write_text("raise SystemExit('no database to empty')\n")
    ran = run_scenarios(*CLIENT, target=kept.written(reset=f"{{python}} {kept.folder}/broken.py"), jobs=1, in_order=True)
    assert passes(ran, *ran.judgements)
    # The first finds out, and the second that it stays so: a control before and after, and one process for each.
    assert {ran.record(name).process.labs_before for name in CLIENT} == {0}
    assert kept.starts == 2 + len(CLIENT)
    said = ran.record(CLIENT[-1]).process.started_because
    assert said.startswith("nothing puts back what has served others: target.reset ended with exit status 1")
    assert "printed 'no database to empty'" in said


def test_it_saves_the_starts(run_scenarios: Any, kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    took: dict[str, tuple[float, int]] = {}
    for isolation in ("scenario", "slot"):
        file, began = kept.written(isolation=isolation, in_s=12), time.monotonic()
        assert passes(run_scenarios(*CLIENT, target=file, jobs=1), *CLIENT)
        took[isolation] = (time.monotonic() - began, kept.starts)
    with capsys.disabled():
        print(f"\nstarts that take 12 s, three scenarios: {took}")  # noqa: T201 - the figure of docs/target-file.md
    assert took["scenario"][1] >= 5
    assert took["slot"][1] < took["scenario"][1]
    assert took["slot"][0] < took["scenario"][0]
