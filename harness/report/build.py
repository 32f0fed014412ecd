"""Build every artefact of a run from its journal alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from harness.errors import LaboratoryError
from harness.journal.model import Judgement
from harness.journal.reader import Journal
from harness.report.coverage import cover, documented_in
from harness.report.html import Pages
from harness.report.junit import junit_xml
from harness.report.markdown import summary_md
from harness.report.results import results_json
from harness.report.view import view_run
from harness.report.words import translator


def build_report(journal: Journal, judgements: Mapping[str, Judgement], out_dir: Path, *, lang: str = "en") -> Path:
    """Write results.json, junit.xml, summary.md, index.html, data/scenarios/ and data/mend/ into ``out_dir``; return the index.

    ``journal`` is one that was read back, so that its secrets are masked; screenshots are taken from ``out_dir/data``. A
    scenario without a judgement is unknown. Building again replaces every file whole; raises :class:`LaboratoryError`.
    """
    view = view_run(journal, judgements)
    coverage = cover(view.scenarios, documented_in(view.run))
    pages = Pages(view, coverage, out_dir, lang=lang)
    folder = out_dir / "data" / "scenarios"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(out_dir / "results.json", results_json(view, coverage).encode())
        _write(out_dir / "junit.xml", junit_xml(view))
        _write(out_dir / "summary.md", summary_md(view, coverage, translator(lang)).encode())
        for name, page in pages.scenarios():
            _write(folder / name, page.encode())
        _write_mending(pages, out_dir / "data" / "mend")
        _write(out_dir / "index.html", pages.index().encode())
    except OSError as problem:
        raise LaboratoryError(
            f"the report in {out_dir} cannot be written: {problem.strerror}; "
            f"the journal is kept, `captchaos report build {out_dir}` makes the report again"
        ) from problem
    return out_dir / "index.html"


def _write_mending(pages: Pages, folder: Path) -> None:
    """Only what was found has pages; those of a report that was built before go."""
    for left in folder.glob("*.html"):
        left.unlink()
    for name, page in pages.mending():
        folder.mkdir(exist_ok=True)
        _write(folder / name, page.encode())


def _write(path: Path, content: bytes) -> None:
    """Replace a file whole, so that nobody reads half of one."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)
