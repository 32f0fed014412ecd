"""What a user does besides walking straight through a flow, one thing after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from harness.catalog.words import Phase
from harness.errors import UsageError, closest


class Deed(StrEnum):
    """One everyday thing; none may change how often the business takes effect."""

    CLICK_AGAIN = "clicks-again"
    WAIT = "waits"
    CLOSE = "closes-the-challenge"
    REFRESH = "asks-for-another-picture"
    RELOAD = "reloads"
    GO_BACK = "goes-back"
    SECOND_TAB = "opens-a-second-tab"


WHEN: Mapping[Deed, tuple[Phase, ...]] = MappingProxyType(
    {
        Deed.CLICK_AGAIN: (Phase.BEFORE_SUBMIT, Phase.DURING_VERDICT, Phase.MID_CHALLENGE),
        Deed.WAIT: (Phase.BEFORE_SHOW, Phase.MID_CHALLENGE),
        Deed.CLOSE: (Phase.MID_CHALLENGE,),
        Deed.REFRESH: (Phase.MID_CHALLENGE,),
        Deed.RELOAD: (Phase.BEFORE_SHOW, Phase.MID_CHALLENGE, Phase.DURING_VERDICT),
        Deed.GO_BACK: (Phase.BEFORE_SHOW, Phase.MID_CHALLENGE, Phase.DURING_VERDICT),
        Deed.SECOND_TAB: (Phase.BEFORE_SHOW,),
    }
)
"""In which phases of a flow each can be done."""

_ORDER = {phase: number for number, phase in enumerate(Phase)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One deed, in a phase of the flow, ``after_ms`` of page time after the phase began or the deed before it was done."""

    deed: Deed
    phase: Phase
    after_ms: int = 0

    def __post_init__(self) -> None:
        """Refuse a deed that nobody can do then; raises :class:`UsageError`."""
        if self.phase not in WHEN[self.deed]:
            raise UsageError(f"nobody {self.deed} {self.phase}; it is done {' or '.join(WHEN[self.deed])}")
        if self.after_ms < 0:
            raise UsageError(f"after_ms of a deed must be 0 or more, not {self.after_ms}")

    def __str__(self) -> str:
        """Say it as a person would."""
        waited = f" after {self.after_ms} ms" if self.after_ms else ""
        return f"{self.deed} {self.phase}{waited}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one user does on the way through a flow, in the order of the phases; a challenge that stays is solved."""

    acts: tuple[Act, ...] = ()

    def __post_init__(self) -> None:
        """Refuse deeds of an earlier phase behind those of a later one; raises :class:`UsageError`."""
        phases = [_ORDER[act.phase] for act in self.acts]
        if phases != sorted(phases):
            raise UsageError(f"what a user does must stand in the order of the phases, not: {self}")

    def __str__(self) -> str:
        """Say it in one line."""
        return ", then ".join(map(str, self.acts)) or "walks straight through"

    def as_json(self) -> dict[str, object]:
        """The way as a JSON object."""
        return {"acts": [{"deed": act.deed.value, "phase": act.phase.value, "after_ms": act.after_ms} for act in self.acts]}

    @classmethod
    def from_json(cls, said: object) -> Way:
        """Read what :meth:`as_json` wrote; raises :class:`UsageError` for anything else."""
        match said:
            case {"acts": list(acts)}:
                return cls(acts=tuple(map(_act, acts)))
        raise UsageError('what a user does is an object such as {"acts": [{"deed": "reloads", "phase": "before-show"}]}')


def in_order(acts: tuple[Act, ...]) -> Way:
    """Put deeds in the order of the phases; those of one phase stay as they stand."""
    return Way(acts=tuple(sorted(acts, key=lambda act: _ORDER[act.phase])))


def _act(said: object) -> Act:
    match said:
        case {"deed": str(deed), "phase": str(phase), **rest}:
            after_ms = rest.pop("after_ms", 0)
        case _:
            raise UsageError('each of the acts is an object such as {"deed": "reloads", "phase": "before-show"}')
    if rest or type(after_ms) is not int:
        raise UsageError("beside deed and phase an act has after_ms, a whole number, and no more")
    for name, word, known in (("deed", deed, list(Deed)), ("phase", phase, list(Phase))):
        if word not in known:
            raise UsageError(f"no {name} is called {word!r:.60}{closest(word, map(str, known))}")
    return Act(deed=Deed(deed), phase=Phase(phase), after_ms=after_ms)
