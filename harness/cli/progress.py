"""What the terminal shows while scenarios run: one live line on a terminal, few plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from harness.journal.model import Verdict
from harness.report.text import duration, one_line

_COLOURS = {Verdict.PASS: "32", Verdict.FAIL: "31", Verdict.UNKNOWN: "33", Verdict.WAIVED: "35"}
_ENOUGH_FOR_ETA = 3
_WORTH_NAMING = 8
_ERASE = "\r\x1b[2K"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressState:
    """All that a line of progress says. ``running`` are ids, the oldest first."""

    total: int
    done: int
    fails: int
    unknowns: int
    running: tuple[str, ...]
    elapsed_s: float
    waived: int = 0

    @property
    def left_s(self) -> float | None:
        """Seconds still to go at the pace so far; None as long as that would be a guess."""
        if self.done < _ENOUGH_FOR_ETA:
            return None
        return self.elapsed_s / self.done * max(0, self.total - self.done)


def render_live(state: ProgressState, *, width: int, colour: bool) -> str:
    """Render the live line, at most ``width`` cells wide: counts, time left, and what runs now."""
    room = width - 1 - _cells(_head(state, colour=False)) - len(" · ")
    running = ", ".join(one_line(id_, 80) for id_ in state.running)
    head = _head(state, colour=colour)
    return f"{head} · {_fit(running, room)}" if running and room >= _WORTH_NAMING else head


def render_decade(state: ProgressState) -> str:
    """Render the line that a log gets at every tenth of the run."""
    parts = [f"{100 * state.done // state.total:3d} %", f"{state.done}/{state.total} done", *_troubles(state, colour=False)]
    if state.left_s is not None and state.done < state.total:
        parts.append(f"about {duration(state.left_s * 1000)} left")
    return " · ".join(parts)


def render_done(scenario_id: str, verdict: Verdict, real_ms: float, *, colour: bool) -> str:
    """Render the line that whatever is no pass gets."""
    word = _paint(f"{verdict.value:<7}", _COLOURS[verdict], colour=colour)
    return f"{word} {one_line(scenario_id)} ({duration(real_ms)})"


class Progress:
    """Listen to a run and tell ``stream`` about it.

    ``quiet`` leaves only what is no pass. ``live`` and ``colour`` follow the stream and ``NO_COLOR`` when left out.
    """

    def __init__(
        self,
        stream: TextIO,
        total: int,
        *,
        quiet: bool = False,
        live: bool | None = None,
        colour: bool | None = None,
        width: Callable[[], int] = lambda: shutil.get_terminal_size().columns,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._stream = stream
        self._quiet = quiet
        self._live = (terminal if live is None else live) and not quiet
        self._colour = (terminal and not os.environ.get("NO_COLOR")) if colour is None else colour
        self._width = width
        self._clock = clock
        self._began_s = clock()
        self._total = total
        self._counts = dict.fromkeys(Verdict, 0)
        self._running: dict[str, None] = {}
        self._decade = 0

    @property
    def state(self) -> ProgressState:
        """What has happened so far."""
        return ProgressState(
            total=self._total,
            done=sum(self._counts.values()),
            fails=self._counts[Verdict.FAIL],
            unknowns=self._counts[Verdict.UNKNOWN],
            running=tuple(self._running),
            elapsed_s=self._clock() - self._began_s,
            waived=self._counts[Verdict.WAIVED],
        )

    def scenario_started(self, scenario_id: str) -> None:
        """Show a scenario as running."""
        self._running[scenario_id] = None
        self._refresh()

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Count a scenario, and name it when it is no pass."""
        self._running.pop(scenario_id, None)
        self._counts[verdict] += 1
        if verdict is not Verdict.PASS:
            self._line(render_done(scenario_id, verdict, real_ms, colour=self._colour))
        self._tell_decade()
        self._refresh()

    def message(self, text: str) -> None:
        """Show a line of its own."""
        if not self._quiet:
            self._line("\n".join(one_line(line, 1000) for line in text.splitlines()))
            self._refresh()

    def finish(self) -> None:
        """Take the live line away."""
        if self._live:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._live = False

    def _tell_decade(self) -> None:
        state = self.state
        decade = 10 * state.done // self._total if self._total else 0
        if decade > self._decade and not self._live and not self._quiet:
            self._line(render_decade(state))
        self._decade = max(decade, self._decade)

    def _line(self, text: str) -> None:
        self._stream.write(f"{_ERASE if self._live else ''}{text}\n")
        self._stream.flush()

    def _refresh(self) -> None:
        if self._live:
            self._stream.write(_ERASE + render_live(self.state, width=self._width(), colour=self._colour))
            self._stream.flush()


def _head(state: ProgressState, *, colour: bool) -> str:
    left = [] if state.left_s is None else [f"{duration(state.left_s * 1000)} left"]
    return " · ".join([f"{state.done}/{state.total}", *_troubles(state, colour=colour), *left])


def _troubles(state: ProgressState, *, colour: bool) -> list[str]:
    fails, unknowns = (state.fails, "failed", Verdict.FAIL), (state.unknowns, "unknown", Verdict.UNKNOWN)
    counts = (fails, unknowns, (state.waived, "waived", Verdict.WAIVED))
    return [_paint(f"{count} {word}", _COLOURS[verdict], colour=colour) for count, word, verdict in counts if count]


def _paint(text: str, code: str, *, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _fit(text: str, room: int) -> str:
    if _cells(text) <= room:
        return text
    while text and _cells(text) > room - 1:
        text = text[:-1]
    return f"{text}…"
