"""What `captchaos cliff` says to a wrong word, and what it would search."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.main import main
from harness.errors import ExitCode


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--flow", "logn"], "no search is about the flow 'logn'; did you mean 'login'?"),
        (["--link", "verdct"], "no search is about the link 'verdct'; did you mean 'verdict'?"),
        (["--kind", "latancy"], "no search is about the kind 'latancy'; did you mean 'latency'?"),
        (["--link", "page", "--kind", "clock-skew"], "nothing is left to search"),
        (["--repeats", "0"], "'0' is no whole number from 1"),
        (["--against", "nowhere.json"], "nowhere.json cannot be read"),
    ],
)
def test_a_wrong_word_is_answered_with_a_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cliff", *words]) == ExitCode.USAGE
    out, err = capsys.readouterr()
    assert said in err
    assert out == ""
    assert err.count("\n") == 1


def test_a_folder_that_holds_a_result_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cliff.json").write_text("kept")
    assert main(["cliff", "--flow", "login", "--out", str(tmp_path)]) == ExitCode.USAGE
    assert "holds a cliff.json already" in capsys.readouterr().err
    assert (tmp_path / "cliff.json").read_text() == "kept"


def test_a_dry_run_lists_what_would_be_searched(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cliff", "--flow", "login", "--link", "verdict", "--link", "submit", "--dry-run"]) == ExitCode.ALL_PASS
    lines = capsys.readouterr().out.splitlines()
    on_verdict = [f"login verdict {kind}" for kind in ("latency", "bandwidth", "loss", "server-delay", "clock-skew")]
    assert sorted(lines) == sorted([*on_verdict, "login submit latency", "login submit bandwidth", "7 searches"])
