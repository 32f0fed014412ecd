"""What a target file leaves out is told before a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.main import main
from harness.target.loader import find_target

SHOP = find_target(None)


def test_a_run_says_that_a_silent_target_is_not_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "flows.py").write_bytes((SHOP.parent / "flows.py").read_bytes())
    file = tmp_path / SHOP.name
    mute = SHOP.read_text(encoding="utf-8").partition("\n[observe]")
    file.write_text(mute[0] + "\n", encoding="utf-8")
    assert main(["run", str(file), "-k", "login-1004-frame-refused-cold", "--dry-run"]) == 0
    assert "note: [observe] is not there: whether the degraded mode is signalled is not judged" in capsys.readouterr().err
    assert main(["run", str(SHOP), "-k", "login-1004-frame-refused-cold", "--dry-run"]) == 0
    assert "[observe]" not in capsys.readouterr().err
