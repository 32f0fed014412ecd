"""The pages on how to mend what was found. They lie beside the report, which is read offline and kept for years.

They are made from ``docs/mend`` and ``docs/zh/mend`` beforehand (``python -m handbook write``) and ship as fragments of HTML.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files

from markupsafe import Markup

from harness.report.view import RunView

_LINK = re.compile(r'<a href="([a-z0-9-]+)\.html">')


@functools.cache
def shipped(lang: str) -> Mapping[str, str]:
    """Every page of a language by its name: an oracle's slug, a failure mode's code, or ``fallback-tickets``."""
    folder = files("harness.report").joinpath("mending", lang)
    return {page.name.removesuffix(".html"): page.read_text(encoding="utf-8") for page in folder.iterdir()}


def needed(view: RunView, lang: str) -> frozenset[str]:
    """The pages of what a run found: of each oracle with a finding, of the failure mode behind it, and what these name."""
    found: set[str] = set()
    for one in view.scenarios:
        findings = [*one.judgement.findings, *(waived.finding for waived in one.judgement.waived)]
        found.update(finding.oracle for finding in findings)
        if findings and one.record.scenario.mode is not None:
            found.add(str(one.record.scenario.mode))
    return frozenset(_with_named(found, shipped(lang)))


def _with_named(names: Iterable[str], pages: Mapping[str, str]) -> Iterator[str]:
    seen: set[str] = set()
    waiting = [name for name in names if name in pages]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        yield name
        waiting += [to for to in _LINK.findall(pages[name]) if to in pages]


def fragment(name: str, lang: str) -> Markup:
    """A page's content, which is the package's own."""
    return Markup(shipped(lang)[name])  # noqa: S704 - made from the documents, no data of a run in it
