"""``cliff.html``: what a search for cliffs has found, whole without a network and without a script."""

from __future__ import annotations

from pathlib import Path

from harness.journal.cliff import CliffRun, State
from harness.journal.whole_file import write_whole
from harness.report.alone import environment, moment
from harness.report.cliff_plot import plots
from harness.report.cliff_words import amount, rows, sentence

PAGE_NAME = "cliff.html"


def cliff_html(run: CliffRun, before: CliffRun | None) -> str:
    """Render the page; ``before`` is the run it is compared with."""
    unknown = sum(not cliff.told for cliff in run.cliffs)
    breaking = sum(cliff.breaks is not None and cliff.breaks.bad is not None for cliff in run.cliffs)
    return (
        environment()
        .get_template("cliff.html.j2")
        .render(
            run=run,
            before=before,
            amount=amount,
            began=moment(run.began_unix_s),
            began_before=moment(before.began_unix_s) if before else "",
            plots=plots(run, before),
            rows=list(zip(run.cliffs, rows(run, before), strict=True)),
            sentences=[sentence(cliff) for cliff in run.cliffs],
            unknown=unknown,
            breaking=breaking,
            states=tuple(State),
        )
    )


def write_page(run: CliffRun, before: CliffRun | None, out: Path) -> Path:
    """Write the page into a folder and return it; raises :class:`LaboratoryError` where it cannot be written."""
    page = out / PAGE_NAME
    write_whole(page, cliff_html(run, before))
    return page

