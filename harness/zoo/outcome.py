"""What became of an animal: which of the findings that it must have came, and what else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from harness.journal.model import Judgement, Scenario, Verdict
from harness.zoo.animals import Animal, Finding


class Fate(Enum):
    """How an animal ended, in the words of the table."""

    EXPECTED = "killed by the expected finding"
    ANOTHER = "killed by another"
    SURVIVED = "survived"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One finding that must come, and the scenarios where it did and where it did not.

    ``instead``: by scenario that missed it, what its oracle said there instead.
    """

    finding: Finding
    found: tuple[str, ...]
    missed: tuple[str, ...]
    unknown: tuple[str, ...]
    instead: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the run of one animal says. ``heard``: oracle → scenarios of every finding; ``broke``: why nothing can be said."""

    animal: Animal
    fate: Fate
    demands: tuple[Demand, ...] = ()
    heard: Mapping[str, tuple[str, ...]]
    unknown: Mapping[str, str]
    scenarios: int = 0
    seconds: float = 0.0
    broke: str = ""

    @property
    def others(self) -> tuple[str, ...]:
        """The oracles that spoke and were not asked for."""
        return tuple(slug for slug in self.heard if slug not in {one.finding.oracle for one in self.demands})

    @property
    def accused(self) -> tuple[str, ...]:
        """The oracles that spoke although the animal's file calls them innocent."""
        return tuple(slug for slug in self.heard if slug in self.animal.innocent)

    def as_json(self) -> dict[str, Any]:
        """The outcome for programs."""
        return {
            "name": self.animal.name,
            "title": self.animal.title,
            "harm": self.animal.harm,
            "fate": self.fate.name.lower(),
            "seconds": round(self.seconds, 1),
            "scenarios": self.scenarios,
            "expected": [
                {
                    "oracle": one.finding.oracle,
                    "seen": one.finding.seen,
                    "why": one.finding.why,
                    "found": one.found,
                    "missed": one.missed,
                }
                for one in self.demands
            ],
            "heard": self.heard,
            "accused_though_innocent": self.accused,
            "unknown": self.unknown,
            "broke": self.broke,
            "report": f"{self.animal.name}/index.html" if not self.broke else "",
        }


def outcome_of(
    animal: Animal, scenarios: Sequence[Scenario], judgements: Mapping[str, Judgement], *, whole: bool, seconds: float
) -> Outcome:
    """Compare what was judged with what the animal's file demands.

    A finding must come on every scenario that it speaks of; with ``whole``, the animal's whole plan, on one of them.
    """
    demands = tuple(_demand(finding, scenarios, judgements) for finding in animal.findings)
    heard = _heard(judgements)
    unknown = {id_: said.unknown_because for id_, said in judgements.items() if said.verdict is Verdict.UNKNOWN}
    return Outcome(
        animal=animal,
        fate=_fate(animal, demands, heard, unknown, whole=whole),
        demands=demands,
        heard=heard,
        unknown=unknown,
        scenarios=len(scenarios),
        seconds=seconds,
    )


def broken(animal: Animal, why: str, *, seconds: float) -> Outcome:
    """An animal of which nothing can be said, since the laboratory broke over it."""
    return Outcome(animal=animal, fate=Fate.UNKNOWN, heard={}, unknown={}, seconds=seconds, broke=why)


def _demand(finding: Finding, scenarios: Sequence[Scenario], judgements: Mapping[str, Judgement]) -> Demand:
    ids = [one.id for one in scenarios if finding.speaks_of(one) and one.id in judgements]
    unknown = tuple(id_ for id_ in ids if judgements[id_].verdict is Verdict.UNKNOWN)
    found = tuple(id_ for id_ in ids if id_ not in unknown and any(finding.is_said_by(one) for one in judgements[id_].findings))
    missed = tuple(id_ for id_ in ids if id_ not in (*found, *unknown))
    return Demand(
        finding=finding,
        found=found,
        missed=missed,
        unknown=unknown,
        instead={id_: one.seen for id_ in missed for one in reversed(judgements[id_].findings) if one.oracle == finding.oracle},
    )


def _heard(judgements: Mapping[str, Judgement]) -> dict[str, tuple[str, ...]]:
    heard: dict[str, tuple[str, ...]] = {}
    for id_, judgement in judgements.items():
        for slug in dict.fromkeys(found.oracle for found in judgement.findings) if judgement.verdict is Verdict.FAIL else ():
            heard[slug] = (*heard.get(slug, ()), id_)
    return heard


def _fate(
    animal: Animal, demands: Sequence[Demand], heard: Mapping[str, object], unknown: Mapping[str, str], *, whole: bool
) -> Fate:
    enough = [bool(one.found) and (whole or not (one.missed or one.unknown)) for one in demands]
    if all(enough) and not animal.innocent & heard.keys():
        return Fate.EXPECTED
    if any(one.unknown for one, done in zip(demands, enough, strict=True) if not done):
        return Fate.UNKNOWN
    if heard:
        return Fate.ANOTHER
    return Fate.UNKNOWN if unknown else Fate.SURVIVED
