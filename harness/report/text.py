"""Hostile text made fit to be shown: nothing hidden, nothing that turns the line round, nothing without end."""

from __future__ import annotations

import os
import re

LONG = 2000
SHORT = 160
_LABEL = 80  # below this a text is a label, and its length would be longer than what it says
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, except tab and newline
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff"  # bidi controls and the invisible
    "\ud800-\udfff\U000e0000-\U000e007f]"  # lone surrogates and tags
)
# The runner takes white space away first; the older form counts anywhere in a line.
_COMMAND = re.compile(r"^(?=[^\S\n]*::)|(?<=##)(?=\[)", re.MULTILINE)


def visible(text: str, limit: int = LONG) -> str:
    """Name every hidden character (``⟦U+202E⟧``) and cut after ``limit`` characters, saying how many there were."""
    shown = _HIDDEN.sub(lambda found: f"⟦U+{ord(found[0]):04X}⟧", text[:limit])
    if len(text) <= limit:
        return shown
    return f"{shown}…" if limit < _LABEL else f"{shown}… ({len(text):,} characters)"


def one_line(text: str, limit: int = SHORT) -> str:
    """The same, with every run of white space as one space."""
    return visible(re.sub(r"[ \t\r\n]+", " ", text[: limit * 4]).strip() if len(text) <= limit * 4 else text, limit)


def in_actions() -> bool:
    """Whether what is printed is read by GitHub Actions, which obeys some of it."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def no_commands(text: str) -> str:
    """The same; where GitHub Actions reads it, no line of it is a command: what a target says is not to be obeyed."""
    return _COMMAND.sub("⟩", text) if in_actions() else text


def duration(milliseconds: float | None) -> str:
    """Milliseconds as people read them: ``340 ms``, ``2.45 s``, ``45.0 s``, ``3 min 05 s``."""
    if milliseconds is None:
        return "–"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 9_995:
        return f"{milliseconds / 1000:.2f} s"
    if milliseconds < 119_950:
        return f"{milliseconds / 1000:.1f} s"
    seconds = round(milliseconds / 1000)
    return f"{seconds // 60} min {seconds % 60:02d} s"
