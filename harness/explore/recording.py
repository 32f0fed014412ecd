"""A search as its report has it: what it has come to so far, in the words of ``search.json`` and ``search.html``."""

from __future__ import annotations

from pathlib import Path

import harness
from harness.explore.finding import Discovery
from harness.explore.kinds import Options, Outcome
from harness.explore.pairs import factor, value
from harness.explore.telling import beside, summary
from harness.journal.search import FILE_NAME, Became, Found, Met, SearchRun, write_search
from harness.report.search_page import write_page
from harness.target.problems import display
from harness.target.spec import Target


def write_report(
    out: Path, target: Target, kind: str, options: Options, outcome: Outcome, *, began_unix_s: float, whole: bool
) -> Path:
    """Write both files into a folder, and return the page; raises :class:`LaboratoryError` where they cannot be written."""
    run = SearchRun(
        target=target.name,
        captchaos_version=harness.__version__,
        kind=kind,
        seed=options.seed,
        began_unix_s=began_unix_s,
        whole=whole,
        examples=outcome.examples,
        summary=summary(outcome),
        found=tuple(map(_found, outcome.discoveries)),
        became=tuple(
            Became(label=label, became=word, examples=count)
            for label, row in outcome.labels.items()
            for word, count in row.items()
        ),
        beside=tuple(beside(outcome)),
        pairs=tuple(
            Met(of=factor(of), value=value(of, one), with_of=factor(with_of), with_value=value(with_of, other), felt=felt)
            for ((of, one), (with_of, other)), felt in outcome.coverage.pairs.items()
        ),
    )
    write_search(run, out / FILE_NAME)
    return write_page(run, out)


def _found(one: Discovery) -> Found:
    return Found(
        rule=one.failure.rule,
        cause=one.failure.cause,
        flow=one.flow,
        health=one.health,
        sent=one.shown,
        expected=one.failure.expected,
        seen=one.failure.seen,
        came=one.seen,
        of=one.of,
        also=tuple(sorted(one.also)),
        case=display(one.case) if one.case else "",
    )
