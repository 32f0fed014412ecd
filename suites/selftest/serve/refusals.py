"""What ``captchaos serve`` refuses before it serves anything, and a reason to."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator, Sequence

import pytest

from harness.cli.main import main
from suites.selftest.acceptance.command import one_sentence


def refusal(capsys: pytest.CaptureFixture[str], words: Sequence[str]) -> str:
    """The one sentence that these words are answered with, beside exit code 3 and an empty output."""
    assert main(words) == 3
    said = capsys.readouterr()
    assert said.out == ""
    return one_sentence(said.err)


@contextlib.contextmanager
def taken_port() -> Iterator[int]:
    """A port of 127.0.0.1 on which somebody else listens."""
    with socket.socket() as holds:
        holds.bind(("127.0.0.1", 0))
        holds.listen()
        yield int(holds.getsockname()[1])
