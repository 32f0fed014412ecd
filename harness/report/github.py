"""What a run says to GitHub Actions: annotations on the target file, and the job's summary.

Actions obeys what a step prints: a line that begins with ``::`` is a command. What targets and pages have said is made fit
for that by :func:`annotation_lines` and by :func:`harness.report.text.no_commands`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.journal.model import Finding, Judgement, Verdict
from harness.journal.reader import Journal
from harness.report.text import in_actions, one_line

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
# So many of each level does GitHub show of one step.
MOST = 10
# It refuses a summary of more than 1 MiB.
SUMMARY_BYTES = 1_000_000


def annotation_lines(
    journal: Journal, judgements: Mapping[str, Judgement], *, file: Path, lines: Mapping[str, int], here: Path
) -> list[str]:
    """One error for each oracle and flow that failed, one warning for each reason that something is unknown.

    ``lines`` has the line of each flow in ``file``, the target file; outside of ``here``, the checkout, no file is named.
    Empty outside of Actions.
    """
    if not in_actions():
        return []
    path = file.resolve()
    named = path.relative_to(here.resolve()).as_posix() if path.is_relative_to(here.resolve()) else ""
    flows = {record.scenario.id: record.scenario.flow for record in journal.records}
    return [
        *_shown([_line("error", named, lines.get(flow, 1), *said) for flow, said in _failed(judgements, flows)]),
        *_shown([_line("warning", named, lines.get(flow, 1), *said) for flow, said in _unknown(judgements, flows)]),
    ]


def add_summary(summary: Path) -> str:
    """Append a run's ``summary.md`` to the job's summary where there is one; returns why that could not be done, else ""."""
    job = os.environ.get(SUMMARY_VARIABLE)
    if not job:
        return ""
    try:
        text = summary.read_bytes()[:SUMMARY_BYTES]
        with Path(job).open("ab") as file:
            file.write(text + b"\n")
    except OSError as problem:
        return f"the job's summary {job} cannot be written: {problem.strerror}"
    return ""


def _failed(judgements: Mapping[str, Judgement], flows: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    hits: dict[tuple[str, str], list[tuple[str, Finding]]] = {}
    for id_, judgement in judgements.items():
        for finding in judgement.findings if judgement.verdict is Verdict.FAIL else ():
            hits.setdefault((finding.oracle, flows.get(id_, "")), []).append((id_, finding))
    for (oracle, flow), found in hits.items():
        id_, finding = found[0]
        counted = f" and {len(found) - 1} more" if len(found) > 1 else ""
        said = f"{id_}{counted}: expected {finding.expected}; seen {finding.seen}. Mend: {finding.mend}"
        yield flow, (f"captchaos: {oracle} ({flow})", said)


def _unknown(judgements: Mapping[str, Judgement], flows: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    reasons: dict[str, list[str]] = {}
    for id_, judgement in judgements.items():
        if judgement.verdict is Verdict.UNKNOWN:
            reasons.setdefault(judgement.unknown_because, []).append(id_)
    for because, ids in reasons.items():
        counted = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
        yield flows.get(ids[0], ""), ("captchaos: unknown", f"{ids[0]}{counted}: {because}")


def _shown(lines: list[str]) -> list[str]:
    return lines[:MOST]


def _line(level: str, file: str, line: int, title: str, said: str) -> str:
    where = {"file": file, "line": str(line)} if file else {}
    told = ",".join(f"{name}={_property(value)}" for name, value in {**where, "title": one_line(title)}.items())
    return f"::{level} {told}::{_data(one_line(said, 1000))}"


def _data(text: str) -> str:
    """Escape a command's message, as the runner reads it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
