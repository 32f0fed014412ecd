"""Findings and unknowns gathered so that one mend is read once, however many scenarios it hits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Side
from harness.journal.model import Finding, Severity, Verdict
from harness.report.view import ScenarioView

_WORST_FIRST = (Severity.BLOCKER, Severity.MAJOR, Severity.MINOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One scenario that a finding hits, with what was seen there."""

    scenario: ScenarioView
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingGroup:
    """One thing to mend: the findings of one oracle with the same source and mend, the first of them as the example."""

    oracle: str
    severity: Severity
    example: Finding
    hits: tuple[Hit, ...]

    @property
    def shown(self) -> ScenarioView:
        """The scenario of the example."""
        return next(hit.scenario for hit in self.hits if hit.finding is self.example)

    @property
    def behind_the_server(self) -> bool:
        """Whether it came only where a link of the server's was broken: its back end is then what to look at first."""
        return all(hit.scenario.record.scenario.link_side is Side.SERVER for hit in self.hits)

    @property
    def struck(self) -> tuple[ScenarioView, ...]:
        """The scenarios it hits, once each: one scenario may have many findings of an oracle."""
        return tuple({hit.scenario.id: hit.scenario for hit in self.hits}.values())

    @property
    def scenarios(self) -> int:
        """How many scenarios it hits."""
        return len(self.struck)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownGroup:
    """Scenarios about which nothing can be said, for the same reason."""

    because: str
    scenarios: tuple[ScenarioView, ...]


def group_findings(scenarios: Sequence[ScenarioView]) -> tuple[FindingGroup, ...]:
    """Gather findings by oracle, source and mend, the worst and most frequent first."""
    gathered: dict[tuple[str, str, str], list[Hit]] = {}
    for one in scenarios:
        for finding in one.judgement.findings:
            gathered.setdefault((finding.oracle, finding.source, finding.mend), []).append(Hit(scenario=one, finding=finding))
    groups = [_group(oracle, hits) for (oracle, _, _), hits in gathered.items()]
    return tuple(sorted(groups, key=lambda group: (_WORST_FIRST.index(group.severity), -len(group.hits), group.oracle)))


def _group(oracle: str, hits: list[Hit]) -> FindingGroup:
    worst = min((hit.finding.severity for hit in hits), key=_WORST_FIRST.index)
    example = next(hit.finding for hit in hits if hit.finding.severity is worst)
    return FindingGroup(oracle=oracle, severity=worst, example=example, hits=tuple(hits))


def group_unknowns(scenarios: Sequence[ScenarioView]) -> tuple[UnknownGroup, ...]:
    """Gather unknown verdicts by their reason, the most frequent first."""
    gathered: dict[str, list[ScenarioView]] = {}
    for one in scenarios:
        if one.verdict is Verdict.UNKNOWN:
            gathered.setdefault(one.judgement.unknown_because, []).append(one)
    groups = [UnknownGroup(because=because, scenarios=tuple(ones)) for because, ones in gathered.items()]
    return tuple(sorted(groups, key=lambda group: -len(group.scenarios)))
