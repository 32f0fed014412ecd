"""What mends a page that cannot do without somebody else's host: another thing than what mends the captcha's failure."""

from __future__ import annotations

from harness.journal.model import Scenario

_MEND = (
    "Front end: load what comes from other people's hosts with async, serve what the page cannot do without from its own "
    "origin, and let the form work before the rest has come; a script with defer that hangs still holds up every deferred one "
    "after it, and DOMContentLoaded. Back end: nothing to do."
)


def mend_of(scenario: Scenario) -> str:
    """The mend where a third party's link alone is broken; "" where the oracle's own stands."""
    return _MEND if scenario.third_party and len(scenario.schedule) < 2 else ""
