"""Pages that stand alone: whole without a network and without a script."""

from __future__ import annotations

from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.report import text


def environment() -> Environment:
    """Templates that escape whatever they show."""
    templates = Environment(
        loader=PackageLoader("harness.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(said=text.visible, line=text.one_line, ms=text.duration)
    # The base page allows one script by its digest; such a page has none.
    templates.globals.update(lang="en", script_digest="")
    return templates


def moment(unix_s: float) -> str:
    """A moment to the minute."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
