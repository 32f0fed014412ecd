"""What a failing item says: the findings, the evidence, and the one command that runs it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from harness.journal.model import Attempt, Evidence, Finding, Judgement, Record, SeenTicket, Visit
from harness.pytest_plugin.outcome import Outcome
from harness.report.text import duration, no_commands, one_line, visible

_ATTEMPTS_SHOWN = 5


def failing(outcome: Outcome, assertion: AssertionError, command: str) -> str:
    """Say why an item fails; its first line is fit for a summary."""
    own = [finding for finding in outcome.judgement.findings if finding.oracle in outcome.asked]
    lines = [_headline(outcome, own, assertion)]
    for finding in own:
        lines += _finding(finding)
    if not own:
        lines += ["", f"  {visible(str(assertion), 600)}" if str(assertion) else "  the claim does not hold"]
    return no_commands("\n".join([*lines, *_evidence(outcome.record), "", f"run it again: {command}"]))


def unknown(record: Record, because: str, command: str) -> str:
    """Say why an item is an error: nothing is known about the target."""
    why = visible(because, 600)
    return no_commands(
        "\n".join([f"{record.scenario.id} is unknown: {why}", *_evidence(record), "", f"run it again: {command}"])
    )


def evidence(record: Record, judgement: Judgement) -> str:
    """Say what a scenario came to and what was recorded, for whoever reads it apart from the item."""
    lines = [f"{record.scenario.id}: {judgement.verdict.value}"]
    lines += [f"  {visible(judgement.unknown_because, 600)}"] if judgement.unknown_because else []
    for finding in judgement.findings:
        lines += _finding(finding)
    return "\n".join([*lines, *_evidence(record)])


def command(nodeid: str, *, target: Path | None, engine: str, real_time: bool) -> str:
    """The command line that runs one item again."""
    words = ["python", "-m", "pytest", nodeid]
    words += [f"--captchaos-target={target}"] if target is not None else []
    words += [f"--captchaos-engine={engine}"] if engine != "chromium" else []
    words += ["--captchaos-real-time"] if real_time else []
    return shlex.join(words)


def _headline(outcome: Outcome, own: list[Finding], assertion: AssertionError) -> str:
    if own:
        return f"{outcome.scenario.id}: {own[0].oracle}: {one_line(own[0].seen)}"
    return f"{outcome.scenario.id}: {one_line(str(assertion)) or 'the claim does not hold'}"


def _finding(finding: Finding) -> list[str]:
    return [
        "",
        f"{finding.severity.value}: {finding.oracle}",
        f"  expected  {visible(finding.expected)}",
        f"  seen      {visible(finding.seen)}",
        f"  source    {visible(finding.source)}",
        f"  mend      {visible(finding.mend)}",
    ]


def _evidence(record: Record) -> Iterator[str]:
    evidence: Evidence = record.evidence
    yield from ("", f"evidence (attempt {record.attempt}, {duration(evidence.real_ms)})")
    for sighting in evidence.sightings:
        yield f"  fault felt at {sighting.place}: {one_line(sighting.what)}"
    for ticket in _once(evidence.tickets):
        yield f"  ticket at {ticket.where} ({ticket.visit}): {one_line(ticket.text, 60)}"
    for visit in evidence.visits:
        yield f"  visit {_visit(visit)}"
    for attempt in _telling_first(evidence.attempts)[:_ATTEMPTS_SHOWN]:
        yield f"  try {_attempt(attempt)}"
    if len(evidence.attempts) > _ATTEMPTS_SHOWN:
        yield f"  and {len(evidence.attempts) - _ATTEMPTS_SHOWN} more tries"


def _visit(visit: Visit) -> str:
    said = f"{visit.name}: {visit.outcome}, {visit.effects} effects"
    if visit.business_ms is not None:
        said += f", done after {duration(visit.business_ms)}"
    return f"{said}; {one_line(visit.error)}" if visit.error else said


def _attempt(attempt: Attempt) -> str:
    status = "no answer" if attempt.status is None else f"status {attempt.status}"
    return f"{one_line(attempt.label, 60)} ({attempt.health}): {status}, {attempt.effects} effects"


def _telling_first(attempts: tuple[Attempt, ...]) -> list[Attempt]:
    return sorted(attempts, key=lambda attempt: (not attempt.server_error, -attempt.effects))


def _once(tickets: tuple[SeenTicket, ...]) -> Iterator[SeenTicket]:
    seen = set()
    for ticket in tickets:
        if (key := (ticket.text, ticket.where, ticket.visit)) not in seen:
            seen.add(key)
            yield ticket
