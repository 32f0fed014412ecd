"""``search.html``: what a search has found, of what its examples were, and which values have met in schedules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from harness.journal.search import Became, Met, SearchRun
from harness.journal.whole_file import write_whole
from harness.report.alone import environment, moment

PAGE_NAME = "search.html"


def search_html(run: SearchRun) -> str:
    """Render the page."""
    words = list(dict.fromkeys(one.became for one in run.became))
    return (
        environment()
        .get_template("search.html.j2")
        .render(run=run, began=moment(run.began_unix_s), words=words, rows=_rows(run.became, words), groups=_groups(run.pairs))
    )


def write_page(run: SearchRun, out: Path) -> Path:
    """Write the page into a folder and return it; raises :class:`LaboratoryError` where it cannot be written."""
    page = out / PAGE_NAME
    write_whole(page, search_html(run))
    return page


def _rows(became: Sequence[Became], words: Sequence[str]) -> list[tuple[str, list[int]]]:
    counts: dict[str, dict[str, int]] = {}
    for one in became:
        counts.setdefault(one.label, {})[one.became] = one.examples
    return [(label, [row.get(word, 0) for word in words]) for label, row in counts.items()]


def _groups(pairs: Sequence[Met]) -> list[tuple[str, list[Met], list[Met]]]:
    """By what they are values of: those that were felt together, most often first, and those that were not."""
    groups: dict[tuple[str, str], list[Met]] = {}
    for one in pairs:
        groups.setdefault((one.of, one.with_of), []).append(one)
    return [
        (
            " and ".join(names),
            sorted((one for one in some if one.felt), key=lambda one: -one.felt),
            [one for one in some if not one.felt],
        )
        for names, some in groups.items()
    ]
