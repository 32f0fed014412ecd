"""Progress on a terminal and in a log."""

from __future__ import annotations

import io

import pytest

from harness.cli.progress import Progress, ProgressState, render_decade, render_live
from harness.journal.model import Verdict


def state(**changes: object) -> ProgressState:
    values = {
        "total": 118,
        "done": 40,
        "fails": 1,
        "unknowns": 2,
        "running": ("login-1004", "checkout-1013"),
        "elapsed_s": 20.0,
    }
    return ProgressState(**(values | changes))  # type: ignore[arg-type]


def test_the_live_line_says_counts_time_left_and_what_runs() -> None:
    line = render_live(state(), width=100, colour=False)
    assert line == "40/118 · 1 failed · 2 unknown · 39.0 s left · login-1004, checkout-1013"


@pytest.mark.parametrize("width", [20, 40, 52, 60, 71, 72, 200])
def test_the_live_line_never_wraps(width: int) -> None:
    line = render_live(state(running=("登录" * 40,), fails=0, unknowns=0), width=width, colour=False)
    cells = sum(2 if char in "登录" else 1 for char in line)
    assert cells < width or line == "40/118 · 39.0 s left"


def test_no_time_is_promised_before_there_is_a_pace() -> None:
    assert "left" not in render_live(state(done=2), width=100, colour=False)


def test_colour_changes_no_word() -> None:
    painted = render_live(state(), width=100, colour=True)
    assert "\x1b[31m1 failed\x1b[0m" in painted
    assert painted.replace("\x1b[31m", "").replace("\x1b[33m", "").replace("\x1b[0m", "") == render_live(
        state(), width=100, colour=False
    )


def test_a_log_gets_a_line_per_trouble_and_one_per_tenth() -> None:
    out, now = io.StringIO(), [0.0]
    progress = Progress(out, 20, clock=lambda: now[0])
    for number in range(20):
        progress.scenario_started(f"s{number}")
        now[0] += 1
        progress.scenario_done(f"s{number}", {3: Verdict.FAIL, 5: Verdict.UNKNOWN}.get(number, Verdict.PASS), 1234.0)
    progress.finish()
    lines = out.getvalue().splitlines()
    assert lines[:4] == [
        " 10 % · 2/20 done",
        "fail    s3 (1.23 s)",
        " 20 % · 4/20 done · 1 failed · about 16.0 s left",
        "unknown s5 (1.23 s)",
    ]
    assert lines[-1] == "100 % · 20/20 done · 1 failed · 1 unknown"
    assert len(lines) == 12
    assert "\x1b" not in out.getvalue()


def test_a_run_of_three_tells_each_tenth_once() -> None:
    out = io.StringIO()
    progress = Progress(out, 3)
    for name in "abc":
        progress.scenario_done(name, Verdict.PASS, 1.0)
    assert [line[:5] for line in out.getvalue().splitlines()] == [" 33 %", " 66 %", "100 %"]


def test_quiet_leaves_only_what_is_no_pass() -> None:
    out = io.StringIO()
    progress = Progress(out, 2, quiet=True, live=True)
    progress.message("hello")
    progress.scenario_started("a")
    progress.scenario_done("a", Verdict.PASS, 1.0)
    progress.scenario_done("b", Verdict.FAIL, 1.0)
    progress.finish()
    assert out.getvalue() == "fail    b (1 ms)\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_no_color_is_respected_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    progress = Progress(out, 5, width=lambda: 80)
    progress.scenario_done("a", Verdict.FAIL, 1.0)
    assert "\x1b[31m" not in out.getvalue()
    monkeypatch.delenv("NO_COLOR")
    painted = Terminal()
    Progress(painted, 5, width=lambda: 80).scenario_done("a", Verdict.FAIL, 1.0)
    assert "\x1b[31m" in painted.getvalue()


def test_a_terminal_keeps_one_live_line_and_leaves_it_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    progress = Progress(out, 5, colour=False, width=lambda: 80)
    progress.scenario_started("a")
    progress.message("note\x1b]0;owned\x07")
    progress.finish()
    assert out.getvalue() == "\r\x1b[2K0/5 · a\r\x1b[2Knote⟦U+001B⟧]0;owned⟦U+0007⟧\n\r\x1b[2K0/5 · a\r\x1b[2K"


def test_the_last_tenth_promises_nothing() -> None:
    assert "left" not in render_decade(state(done=118))
