"""What ``cliff.json`` holds: how strong a fault may get before a flow degrades, and before it breaks, with every look at it.

Values are whole numbers in their kind's unit. *Milder* and *worse* go by what they do to the flow: a thinner line is worse.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal

from harness.errors import JournalError, UsageError
from harness.journal.codec import decode, encode
from harness.journal.whole_file import write_whole

FILE_NAME = "cliff.json"
FORMAT = 1
_MARK = "captchaos_cliff"


class State(StrEnum):
    """What became of the business in one look. Degraded: it went on without a verification; broken: it was not completed."""

    VERIFIED = "verified"
    DEGRADED = "degraded"
    BROKEN = "broken"


Level = Literal["degraded", "broken"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One honest user against the fault at one value. ``said``: what was seen, in words that may be hostile.

    ``waited_ms`` is page time from the click, or real time of a submit, until the business had gone on or was given up.
    ``advanced``: the page's clock was moved meanwhile.
    """

    value: int
    state: State
    said: str = ""
    waited_ms: float | None = None
    advanced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How often a level was reached at a value: ``bad`` of ``of`` looks."""

    value: int
    bad: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Where a level begins: between ``mild``, where every look is still better, and ``bad``, where every look has reached it.

    ``mild`` is None where the mildest value reaches it already, ``bad`` where the worst does not. ``repeats``: the fewest looks
    that either side rests on. ``noisy`` are values between the two, or without a clean side, at which both were seen;
    ``islands`` those outside that contradict it: there the flow does not simply get worse.
    """

    level: Level
    mild: int | None
    bad: int | None
    repeats: int
    noisy: tuple[Count, ...] = ()
    islands: tuple[Count, ...] = ()

    @property
    def found(self) -> bool:
        """Whether looks that agree with each other say where it begins, or that it never does."""
        return not self.noisy or (self.mild is not None and self.bad is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cliff:
    """One link and kind of one flow. ``how``: by submits over HTTP, or by visits in a browser or a scripted client.

    ``unknown`` says why nothing can be said; the edges are None then.
    """

    flow: str
    link: str
    kind: str
    unit: str
    mildest: int
    worst: int
    how: Literal["submits", "visits"]
    looks: tuple[Look, ...] = ()
    degrades: Edge | None = None
    breaks: Edge | None = None
    took_s: float = 0.0
    unknown: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What the same search is called in every run."""
        return self.flow, self.link, self.kind

    @property
    def told(self) -> bool:
        """Whether both questions have an answer."""
        return not self.unknown and all(edge is not None and edge.found for edge in (self.degrades, self.breaks))


@dataclass(frozen=True, slots=True, kw_only=True)
class CliffRun:
    """All searches of one run. ``patience_s`` is how long a business may take before it counts as not completed."""

    target: str
    captchaos_version: str
    began_unix_s: float
    repeats: int
    patience_s: int
    cliffs: tuple[Cliff, ...] = ()

    def of(self, key: tuple[str, str, str]) -> Cliff | None:
        """The search of that name."""
        return next((cliff for cliff in self.cliffs if cliff.key == key), None)


def write_cliffs(run: CliffRun, file: Path) -> None:
    """Replace the file whole; raises :class:`LaboratoryError` where it cannot be written."""
    document = {_MARK: FORMAT, "run": encode(run)}
    write_whole(file, json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def read_cliffs(file: Path) -> CliffRun:
    """Read a run; raises :class:`UsageError` for what is none, or is of another version."""
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read ({error.strerror}): name a {FILE_NAME} or its folder") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no {FILE_NAME} of `captchaos cliff`: it is not JSON") from error
    if not isinstance(document, dict) or _MARK not in document:
        raise UsageError(f"{file} is no {FILE_NAME} of `captchaos cliff`: it has no field {_MARK!r}")
    if document[_MARK] != FORMAT:
        raise UsageError(f"{file} is of the form {str(document[_MARK])[:20]!r}, and this version reads {FORMAT}: measure again")
    try:
        return decode(CliffRun, document.get("run"))
    except JournalError as error:
        raise UsageError(f"{file} is damaged: {error}") from error


def latest(files: Iterable[Path], target: str, patience_s: int) -> tuple[Path, CliffRun] | None:
    """The newest run of that target and patience among the files; what cannot be read is passed over."""
    found: list[tuple[float, Path, CliffRun]] = []
    for file in files:
        try:
            run = read_cliffs(file)
        except UsageError:
            continue
        if (run.target, run.patience_s) == (target, patience_s):
            found.append((run.began_unix_s, file, run))
    if not found:
        return None
    _, file, run = max(found, key=lambda one: one[0])
    return file, run
