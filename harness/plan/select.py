"""Choose from a plan by flow, mode, link, fault, phase, oracle or a part of the id; an unknown word gets the closest match."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from harness.errors import UsageError, closest
from harness.journal.model import Scenario
from harness.plan.demand import needed_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to keep; an empty tuple keeps everything. ``word`` must be the id or a part of it (``-k``)."""

    flows: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    word: str = ""


_KEYS: tuple[tuple[str, str, Callable[[Scenario], str]], ...] = (
    ("flows", "flow", lambda s: s.flow),
    ("modes", "mode", lambda s: str(s.mode or "")),
    ("links", "link", lambda s: s.link),
    ("faults", "fault", lambda s: s.fault.name if s.fault else ""),
    ("phases", "phase", lambda s: s.phase.value),
)


def select(scenarios: Sequence[Scenario], selection: Selection) -> tuple[Scenario, ...]:
    """Keep what the selection names; raises UsageError when a word is unknown or nothing is left."""
    kept = list(scenarios)
    for field, kind, value_of in _KEYS:
        wanted: tuple[str, ...] = getattr(selection, field)
        known = {value_of(scenario) for scenario in scenarios} - {""}
        for word in wanted:
            if word not in known:
                raise UsageError(f"no scenario of this target has the {kind} {word!r}{closest(word, known)}")
        if wanted:
            kept = [scenario for scenario in kept if value_of(scenario) in wanted]
    if selection.oracles:
        kept = needed_by(selection.oracles, kept)
    if selection.word:
        exact = [scenario for scenario in kept if scenario.id == selection.word]
        kept = exact or [scenario for scenario in kept if selection.word in scenario.id]
        if not kept and " " in selection.word:
            raise UsageError(
                f"-k takes one part of an id, and no expression as {selection.word!r} is: name one part, choose by --flow, "
                "--mode, --link or --fault, which can be said several times, or run it by pytest, whose -k takes expressions"
            )
        if not kept:
            ids = [scenario.id for scenario in scenarios]
            raise UsageError(f"no scenario's id contains {selection.word!r}{closest(selection.word, ids)}"[:400])
    if not kept:
        raise UsageError("nothing is selected: each word is known, but no scenario has them all")
    return tuple(kept)
