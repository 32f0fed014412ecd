"""Errors of the command reach a terminal, and what a target printed may stand in them."""

from __future__ import annotations

import pytest

from harness.cli import main as command
from harness.errors import TargetError


def test_what_a_target_printed_does_not_command_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(_words: list[str]) -> None:
        raise TargetError("the target died. Its last output:\n\x1b]0;owned\x07\rsecond line")

    monkeypatch.setattr(command, "build_parser", fails)
    assert command.main(["run"]) == 4
    said = capsys.readouterr().err
    assert said == "captchaos: the target died. Its last output:\n⟦U+001B⟧]0;owned⟦U+0007⟧⟦U+000D⟧second line\n"
