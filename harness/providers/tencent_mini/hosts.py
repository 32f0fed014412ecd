"""Which link a request of the plug-in travels on.

Paths are those of the Web client; that the plug-in asks the same host is our reading: no source names its host.
"""

from __future__ import annotations

from harness.providers.tencent_web.hosts import API, CONFIG_PATH, REFRESH_PATH, VERIFY_PATH

DEFAULT_HOST = API

_BY_PATH = {CONFIG_PATH: "config", REFRESH_PATH: "refresh", VERIFY_PATH: "verify"}


def link_of(host: str, path: str, *, plugin_host: str) -> str:
    """Name the link by host and path; the verdict API is ``/`` on every host that is not the plug-in's."""
    if host == plugin_host:
        return _BY_PATH.get(path, "")
    return "verdict" if path == "/" else ""
