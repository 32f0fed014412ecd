"""What no source tells of the plug-in, or what the console decides: options of the provider, each with its default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import UsageError, closest
from harness.providers.tencent_mini.hosts import DEFAULT_HOST
from harness.providers.tencent_web.api_settings import API_OPTIONS
from harness.providers.tencent_web.hosts import VERDICT, VERDICT_INTERNATIONAL

APP_TYPES = ("mini", "web")
OPTIONS: Mapping[str, str] = {
    "app_type": "what kind of CaptchaAppId the console made: mini (default) or web, which the plug-in refuses",
    "plugin_host": f"the host that the plug-in asks; no source names it (default {DEFAULT_HOST})",
    **{name: API_OPTIONS[name] for name in ("package", "requests_per_s", "risk_blocks")},
}

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MiniSettings:
    """The plug-in's options as read."""

    app_type: str = "mini"
    plugin_host: str = DEFAULT_HOST


def settings_from(options: Mapping[str, object]) -> MiniSettings:
    """Read the plug-in's options; the API's are left to others. Raises :class:`UsageError` for a bad value."""
    app_type, host = options.get("app_type", "mini"), options.get("plugin_host", DEFAULT_HOST)
    if not isinstance(app_type, str) or app_type not in APP_TYPES:
        near = closest(app_type, APP_TYPES) if isinstance(app_type, str) else ""
        raise UsageError(f"provider option app_type must be mini or web, not {app_type!r}{near}")
    if not isinstance(host, str) or not _HOST.fullmatch(host) or host in (VERDICT, VERDICT_INTERNATIONAL):
        raise UsageError(f"provider option plugin_host must be a lower-case host name of its own, not {host!r}")
    return MiniSettings(app_type=app_type, plugin_host=host)
