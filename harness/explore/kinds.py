"""What ``captchaos fuzz`` can search by: one module of this package each, registered where it stands."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from harness.errors import MissingPartError
from harness.explore.coverage import Coverage
from harness.registry import Registry
from harness.target.spec import Target

if TYPE_CHECKING:
    from harness.explore.cases import Case, Rerun
    from harness.explore.finding import Discovery

CaseKind = Literal["ticket", "answer", "schedule", "behaviour", "callback"]
HEALTHS = ("health", "outage")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a search goes. It ends after ``examples`` or ``seconds``, whichever comes first; None is no bound.

    ``healths`` and ``flows`` are what it is narrowed down to, empty for all. ``cases`` is where failures are kept, None
    beside the target file. ``tell`` is told a line about what is under way, ``found`` each discovery.
    """

    seconds: float | None = 60.0
    examples: int | None = None
    seed: int = 0
    healths: tuple[str, ...] = HEALTHS
    flows: tuple[str, ...] = ()
    cases: Path | None = None
    toxiproxy: str | None = None
    browser: str | None = None
    tell: Callable[[str], None] = field(default=lambda _line: None)
    found: Callable[[Discovery], None] = field(default=lambda _discovery: None)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a search has come to; it grows while the search goes on, so that an interrupted one can be told.

    ``labels`` counts examples by label and what became of them. ``making_s`` and ``asking_s`` are the seconds spent on making
    examples and on asking the target. ``notes`` are sentences beside: what was not tried, and why.
    ``coverage`` counts by place.
    """

    examples: int = 0
    labels: dict[str, dict[str, int]] = field(default_factory=dict)
    discoveries: list[Discovery] = field(default_factory=list)
    making_s: float = 0.0
    asking_s: float = 0.0
    notes: list[str] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)

    def count(self, label: str, became: str, *, flow: str = "", health: str = "", drawn: bool = True) -> None:
        """Count one example, where it was tried, and whether it was drawn or chosen."""
        self.examples += 1
        row = self.labels.setdefault(label, {})
        row[became] = row.get(became, 0) + 1
        if flow:
            self.coverage.count(flow, health, became, drawn=drawn)


class Kind(Protocol):
    """One way to search. ``name`` is the word of the command line, ``case_kind`` stands in its case files."""

    name: str
    case_kind: CaseKind
    title: str

    def explore(self, target: Target, options: Options, outcome: Outcome) -> None:
        """Search until the options end it; whatever is found stands in ``outcome`` at once."""

    def rerun(self, case: Case, target: Target, *, times: int, options: Options) -> Rerun:
        """Try a case again, each time on a fresh target."""


KINDS: Registry[Kind] = Registry("kind of search", package="harness.explore", entry_point_group="captchaos.searches")


def demand_hypothesis() -> None:
    """Raise :class:`MissingPartError` where Hypothesis, which makes the examples, is not installed."""
    if importlib.util.find_spec("hypothesis") is None:
        raise MissingPartError("a search needs Hypothesis: install captchaos[fuzz], or `pip install hypothesis`")


def kind_of_case(case_kind: str) -> Kind:
    """The kind of search that writes cases of this kind; raises :class:`MissingPartError` where none does."""
    found: Mapping[str, Kind] = {kind.case_kind: kind for kind in KINDS}
    if case_kind not in found:
        raise MissingPartError(f"this captchaos has no search that runs a case of kind {case_kind!r} again")
    return found[case_kind]
