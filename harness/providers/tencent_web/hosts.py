"""The vendor's hosts and paths, and which link a request travels on. Source: domain/tencent-client.md 3.1, 3.3, 3.4 i."""

from __future__ import annotations

from collections.abc import Mapping

API = "turing.captcha.qcloud.com"
GLOBAL_API = "ca.turing.captcha.qcloud.com"
CDN = "turing.captcha.gtimg.com"
GLOBAL_CDN = "global.turing.captcha.gtimg.com"
WHITE_LABEL = "captcha.253.com"
LIVE = (API, GLOBAL_API, CDN, GLOBAL_CDN, WHITE_LABEL)
# Dead since 2023-08-21 (domain/integration-bugs.md, "Doc inconsistencies"); each once served /TCaptcha.js.
RETIRED = (
    "ssl.captcha.qq.com",
    "t.captcha.qq.com",
    "t.captcha.qcloud.com",
    "captcha.gtimg.com",
    "captcha.myqcloud.com",
    "captcha.cloudcachetci.com",
)
VERDICT = "captcha.tencentcloudapi.com"
VERDICT_INTERNATIONAL = "captcha.intl.tencentcloudapi.com"
# The API before 3.0 lived on what is now a dead host (domain/tencent-api.md 1.6).
OLD_VERDICT = "ssl.captcha.qq.com"
TICKET_VERIFY_PATH = "/ticket/verify"

ENTRY_PATHS = ("/TCaptcha.js", "/TJCaptcha.js")
# The international entry demands an element first (domain/integration-bugs.md, "Doc inconsistencies").
GLOBAL_ENTRY_PATHS = ("/TJNCaptcha-global.js", "/TCaptcha-global.js")
CONFIG_PATH = "/cap_union_prehandle"
REFRESH_PATH = "/cap_union_new_getsig"
VERIFY_PATH = "/cap_union_new_verify"
LIBRARY_PATH = "/1/dy-jy.js"
TELEMETRY_PATH = "/cap_monitor"

_BY_PATH = {
    **dict.fromkeys(ENTRY_PATHS + GLOBAL_ENTRY_PATHS, "entry"),
    CONFIG_PATH: "config",
    REFRESH_PATH: "refresh",
    VERIFY_PATH: "verify",
    LIBRARY_PATH: "library",
}


def browser_hosts(*, retired_hosts: bool = False) -> tuple[str, ...]:
    """Every host that answers browsers; the retired ones only on request, and without it they do not resolve."""
    return (*LIVE, *RETIRED) if retired_hosts else LIVE


def link_of(host: str, path: str, query: Mapping[str, str], *, retired_hosts: bool = False) -> str:
    """Name the link by host and path; the verdict API is ``/`` or the old path on every host that is not the browser's.

    Its own name is not asked for, because a target with an endpoint setting reaches it by address.
    """
    if host not in browser_hosts(retired_hosts=retired_hosts):
        return "verdict" if path in ("/", TICKET_VERIFY_PATH) else ""
    if host == OLD_VERDICT and path == TICKET_VERIFY_PATH:
        return "verdict"
    return _browser_link(path, query)


def _browser_link(path: str, query: Mapping[str, str]) -> str:
    name = path.rsplit("/", 1)[-1]
    if name.startswith(("tcaptcha-frame.", "tgJCap.")):
        return "frame"
    if name.startswith(("drag_ele.", "drag_ele_global.")):
        return "template" if query.get("check") == "1" else "iframe"
    if name.startswith("dy-ele."):
        return "slider"
    return _BY_PATH.get(path, "")
