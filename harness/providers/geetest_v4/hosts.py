"""The vendor's hosts with their documented backups, and which link a request travels on. Source: domain/other-providers.md."""

from __future__ import annotations

API = ("gcaptcha4.geetest.com", "gcaptcha4.geevisit.com", "gcaptcha4.gsensebot.com")
STATIC = ("static.geetest.com", "static.geevisit.com", "dn-staticdown.qbox.me")

ENTRY_PATH = "/v4/gt4.js"
BYPASS_PATH = "/v4/bypass.js"
# What /load names: the vendor's carry a version, which no note gives.
STATIC_PATH = "/v4/static/emulated"
SCRIPT_PATH = "/js/gcaptcha4.js"
GCT_PATH = "/v4/gct/gct4.emulated.js"
VALIDATE_PATH = "/validate"

_STATIC_LINKS = {ENTRY_PATH: "entry", BYPASS_PATH: "bypass", STATIC_PATH + SCRIPT_PATH: "static", GCT_PATH: "gct"}
_API_LINKS = {"/load": "load", "/verify": "verify"}


def link_of(host: str, path: str) -> str:
    """Name the link; ``/validate`` is the verdict on every host, because a target may reach it by address."""
    if path == VALIDATE_PATH:
        return "" if host in STATIC else "verdict"
    if host in STATIC:
        return _STATIC_LINKS.get(path, "")
    return _API_LINKS.get(path, "") if host in API else ""
