"""What the documents say of the commands, tried by them: a replay says the same 20 times, searches find, keep, replay."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.errors import ExitCode
from harness.zoo.materialise import materialised

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1500)]


def test_a_deterministic_bug_is_replayed_the_same_twenty_times_of_twenty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where no verdict comes this server lets its users in, and mints no ticket: nothing of that hangs on a time."""
    run, again, scenario = tmp_path / "run", tmp_path / "again", "login-2002-verdict-refused-cold"
    with materialised("outage-leaves-no-ticket") as folder:
        assert main(["run", str(folder), "-k", scenario, "--out", str(run)]) == ExitCode.SOME_FAIL
        assert main(["replay", str(run), scenario, "--times", "20", "--out", str(again)]) == ExitCode.ALL_PASS
    said = capsys.readouterr()
    assert f"the same verdict in 20 of 20: {scenario}, fail" in said.out
    assert said.err.count(" the same: fail (") == 20
    rows = json.loads((again / "results.json").read_text(encoding="utf-8"))["scenarios"]
    shown = [row for row in rows if row["id"].partition("~")[0] == scenario]
    assert len(shown) == 20
    assert all([one["oracle"] for one in row["findings"]] == ["fallback-ticket"] for row in shown)


def test_a_search_for_schedules_finds_keeps_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """B8: an exception of the verdict call escapes. Of the first two that this seed draws one has the fault among others."""
    words = ["schedules", "--flow", "mini-profile", "--examples", "2", "--seed", "3"]
    rule, sent = "business-completes", "verdict refused, cold, during-verdict, for 200 ms"
    kept = tmp_path / "kept"
    with materialised("B8") as folder:
        assert main(["fuzz", *words, "--target", str(folder), "--cases", str(kept)]) == ExitCode.SOME_FAIL
        said = capsys.readouterr().out
        cases = [(file, json.loads(file.read_text(encoding="utf-8"))) for file in sorted(kept.glob("*.case.json"))]
        (file,) = (file for file, one in cases if one["finding"]["rule"] == rule and sent in one["finding"]["cause"])
        assert file.name in said
        assert main(["replay", str(file)]) == ExitCode.SOME_FAIL
    assert f"{rule} (" in (shown := capsys.readouterr().out)
    assert "came in 1 of 1" in shown


def test_a_search_for_what_users_do_finds_keeps_and_replays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who presses again orders twice; the third that this seed draws has such a press among others."""
    words = ["behaviour", "--flow", "checkout", "--examples", "3", "--seed", "8"]
    kept = tmp_path / "kept"
    with materialised("double-click-orders-twice") as folder:
        assert main(["fuzz", *words, "--target", str(folder), "--cases", str(kept)]) == ExitCode.SOME_FAIL
        (file,) = kept.glob("behaviour-checkout-one-effect-clicks-again-*.case.json")
        assert file.name in capsys.readouterr().out
        assert main(["replay", str(file)]) == ExitCode.SOME_FAIL
    assert "one-effect (clicks-again) came in 1 of 1" in capsys.readouterr().out
