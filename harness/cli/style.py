"""Lines for people: colour only on a terminal that wants it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

_CODES = {"ok": "32", "bad": "31", "note": "33"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Writes marked lines to one stream."""

    stream: TextIO
    colour: bool

    @classmethod
    def of(cls, stream: TextIO) -> Style:
        """Colour when ``stream`` is a terminal, ``NO_COLOR`` is unset or empty and ``TERM`` is not ``dumb``."""
        wanted = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        return cls(stream=stream, colour=wanted and stream.isatty())

    def line(self, mark: str, text: str) -> None:
        """Write ``mark`` (ok, bad or note; coloured if that is wanted) and ``text`` as one line, at once."""
        padded = f"{mark:<5}"
        shown = f"\x1b[{_CODES[mark]}m{padded}\x1b[0m" if self.colour and mark in _CODES else padded
        self.stream.write(f"{shown}{text}\n")
        self.stream.flush()
