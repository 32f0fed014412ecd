"""The scenario of load: a crowd before, in and after an outage of the verdict API, for each flow whose file asks for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.load.crowd import installed
from harness.target.spec import FlowSpec

# Nothing comes back and nothing says so: the outage that keeps workers waiting.
FAULT = "hang"
TITLE = "A crowd comes while the verdict API hangs"


def left_out(flows: Iterable[FlowSpec]) -> Iterator[str]:
    """Say which flows are not tried under load, though the file asks for it."""
    if not installed():
        for flow in flows:
            if flow.load is not None:
                yield f"{flow.name} under load: Locust is not installed (pip install 'captchaos[load]')"
