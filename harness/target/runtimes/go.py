"""Go: its own two variables."""

from __future__ import annotations

from harness.target.runtimes.route import LOOPBACK, Route


def variables(route: Route) -> dict[str, str]:
    """The variables of a Go server."""
    return {"HTTPS_PROXY": route.proxy, "NO_PROXY": f"{LOOPBACK},localhost", "SSL_CERT_FILE": str(route.ca_file)}
