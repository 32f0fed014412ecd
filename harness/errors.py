"""The error tree, drawn once.

::

    HarnessError                 exit code
    ├── UsageError               3   a word on the command line or a value handed in is wrong
    ├── ConfigurationError       3   captchaos.toml or a file it names is wrong
    └── LaboratoryError          4   the laboratory itself broke
        ├── MissingPartError     4   no Toxiproxy, no browser
        ├── ToxiproxyError       4   the server did not do what it was told
        ├── TargetError          4   the target did not start, or died
        └── JournalError         4   evidence could not be written

Every message is one clear sentence: what failed, where, what to do about it, and the closest match where there is one.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What ``captchaos`` tells the shell (DESIGN.md, "The command")."""

    ALL_PASS = 0
    SOME_FAIL = 1
    SOME_UNKNOWN = 2
    USAGE = 3
    LABORATORY = 4


class HarnessError(Exception):
    """Root of everything captchaos raises on purpose."""

    exit_code: ClassVar[ExitCode] = ExitCode.LABORATORY


class UsageError(HarnessError):
    """A word on the command line, or a value handed to the API, is wrong."""

    exit_code = ExitCode.USAGE


class ConfigurationError(HarnessError):
    """A target file, or a file it names, is wrong; the message begins with ``file:line``."""

    exit_code = ExitCode.USAGE


class LaboratoryError(HarnessError):
    """The laboratory broke: nothing can be said about the target."""


class MissingPartError(LaboratoryError):
    """A part that a run needs is not on this machine; the message says how to get it."""


class ToxiproxyError(LaboratoryError):
    """The Toxiproxy server refused, lied, or did not answer in time."""


class TargetError(LaboratoryError):
    """The target did not start, was never ready, or died; the message ends with its last output."""


class JournalError(LaboratoryError):
    """Evidence could not be written, or a journal could not be read."""


def closest(word: str, known: Iterable[str]) -> str:
    """Say ``; did you mean 'x'?`` for the nearest known word, or list what is known when nothing is near."""
    choices = sorted(set(known))
    near = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; known: {', '.join(choices)}" if choices else ""
