"""observable: whoever runs the target can see that it is degraded, and that it no longer is."""

from __future__ import annotations

from collections.abc import Iterator

from harness.journal.model import Finding, Record, Scenario, Severity, Signalled, Visit
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import HONEST, is_fault, times

_DEGRADED = frozenset({"unverified", "stepped-up"})
# The first visit after the fault may still be told that it is over.
_HEALTHY = ("control", "new-tab", "new-visitor")


class Observable:
    """An outage that nobody notices is an open door that nobody watches."""

    slug = "observable"
    demands = (
        "Where the target file names a log word or a metric, the degraded mode is signalled there with each visit that went on "
        "degraded, and with no visit that the provider verified, from the second one after the fault on; a gauge has the "
        "budget for recovery to fall."
    )
    why = "A degraded mode that nobody sees is never ended, and one that is always signalled is seen by nobody either."
    source = "docs/oracles.md (research O10)"
    severity = Severity.MAJOR
    mend = (
        "Front end: hand the client's error code over with the ticket. Back end: where a fallback ticket is taken or no "
        "verdict comes, count it by flow and reason and log one line, there and nowhere else; alert on the counter's rate."
    )
    needs = "fault and control, where the target file has [observe]"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on browser visits to a target whose file says where it signals."""
        return (is_fault(scenario) or scenario.kind == "control") and bool(scenario.expect.signals)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge what was signalled with each visit."""
        return tuple(found for visit in record.evidence.visits for found in self._visit(record, visit))

    def _visit(self, record: Record, visit: Visit) -> Iterator[Finding]:
        places = " or ".join(record.scenario.expect.signals)
        silent_is_wrong = visit.name == HONEST and visit.outcome in _DEGRADED
        word_is_wrong = visit.name in _HEALTHY and visit.outcome == "verified"
        if not silent_is_wrong and not word_is_wrong:
            return
        if visit.signalled is None:
            raise EvidenceMissing(f"nobody looked for {places} in the visit {visit.name}")
        said = _said(visit.signalled)
        if silent_is_wrong and not said:
            missing = f" ({visit.signalled.missing})" if visit.signalled.missing else ""
            yield finding(
                self,
                expected=f"a visit that goes on degraded is signalled: {places}",
                seen=f"{visit.name} ended {visit.outcome}, and nothing was signalled{missing}",
            )
        if word_is_wrong and said:
            yield finding(
                self,
                expected=f"no signal with a visit that the provider verified: {places}",
                seen=f"{visit.name} was verified, and {said}",
            )


def _said(signalled: Signalled) -> str:
    log = [f"the word was printed {times(signalled.log)}"] if signalled.log else []
    metric = [f"the metric says {signalled.metric:g}"] if signalled.metric is not None and signalled.metric > 0 else []
    late = f", {signalled.stood_ms / 1000:.1f} s later" if metric and signalled.stood_ms is not None else ""
    return " and ".join([*log, *metric]) + late


ORACLES.add("observable", Observable())
