"""Node: a module that is loaded before the target's own, and the authority by Node's variable."""

from __future__ import annotations

from pathlib import Path

from harness.target.runtimes.route import Route

PRELOAD = Path(__file__).parent / "node" / "route.cjs"


def variables(route: Route) -> dict[str, str]:
    """The variables of a Node server. No proxy variable: behind an HTTP proxy every failure reads "socket hang up"."""
    quoted = str(PRELOAD).replace("\\", "\\\\").replace('"', '\\"')
    return {
        "NODE_OPTIONS": f'--require "{quoted}"',
        "NODE_EXTRA_CA_CERTS": str(route.ca_file),
        "CAPTCHAOS_PROXY": route.proxy,
    }
