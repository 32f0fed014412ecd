"""``cliff.html``: what a search for cliffs has found, whole without a network and without a script."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.errors import LaboratoryError
from harness.journal.cliff import CliffRun, State
from harness.report import text
from harness.report.cliff_plot import plots
from harness.report.cliff_words import amount, rows, sentence

PAGE_NAME = "cliff.html"


def cliff_html(run: CliffRun, before: CliffRun | None) -> str:
    """Render the page; ``before`` is the run it is compared with."""
    unknown = sum(not cliff.told for cliff in run.cliffs)
    breaking = sum(cliff.breaks is not None and cliff.breaks.bad is not None for cliff in run.cliffs)
    return (
        _environment()
        .get_template("cliff.html.j2")
        .render(
            run=run,
            before=before,
            began=_day(run),
            began_before=_day(before) if before else "",
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
    part = page.with_name(f"{page.name}.part")
    try:
        part.write_text(cliff_html(run, before), encoding="utf-8")
        os.replace(part, page)
    except OSError as error:
        raise LaboratoryError(f"{page} cannot be written ({error.strerror}): choose another --out") from error
    return page


def _day(run: CliffRun) -> str:
    return datetime.fromtimestamp(run.began_unix_s, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _environment() -> Environment:
    templates = Environment(
        loader=PackageLoader("harness.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(said=text.visible, line=text.one_line, ms=text.duration)
    # The base page allows one script by its digest; this page has none.
    templates.globals.update(lang="en", script_digest="", amount=amount)
    return templates
