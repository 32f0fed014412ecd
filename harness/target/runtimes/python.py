"""Python: the proxy by its variable, and the authority by a ``sitecustomize`` that stands first on the interpreter's path."""

from __future__ import annotations

from pathlib import Path

from harness.target.runtimes.route import LOOPBACK, Route

FOLDER = Path(__file__).parent / "python_path"


def variables(route: Route) -> dict[str, str]:
    """The variables of a Python server; ``REQUESTS_CA_BUNDLE`` would not do, for vendors' SDKs bring their own list."""
    return {
        "HTTPS_PROXY": route.proxy,
        "NO_PROXY": f"{LOOPBACK},localhost",
        "PYTHONPATH": str(FOLDER),
        "CAPTCHAOS_CA_FILE": str(route.ca_file),
    }
