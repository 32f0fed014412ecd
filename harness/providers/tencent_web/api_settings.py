"""What the vendor's console, or its risk control, decides about one account: options of the emulator, never a fault.

What a source marks as unknown is one of these: it has a default, and a target file can say otherwise (``[provider.options]``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from harness.errors import UsageError, closest
from harness.providers.tencent_web.tables import Table
from harness.providers.tencent_web.tables.current import CURRENT
from harness.providers.tencent_web.tables.legacy import LEGACY, REUSE_CODES

# It trusts a list of its own, whatever the environment says (domain/sdk-behaviour.md).
SDK_CA_FILE = "HttpProfile(certification=…) in the Tencent SDK"
API_OPTIONS: Mapping[str, str] = {
    "captcha_codes": "which table of CaptchaCode the Web action answers by: current (default) or legacy",
    "legacy_reuse_code": "what the legacy table gives a used ticket: 9 (default) or 104",
    "package": "whether the account has a valid package (default true); without: an Unauthorized error, mini code 31",
    "requests_per_s": "requests a second before RequestLimitExceeded (default 1000)",
    "risk_blocks": "whether risk control refuses every user with code 21 (default false)",
    "evil_level": "EvilLevel of a ticket that passes, 0 to 100 (default 0)",
    "evil_bitmap": "EvilBitmap of a ticket that passes (default 0)",
    "score": "Score of a ticket that passes, 0 to 100 (default 0)",
    "device_risk_category": "DeviceRiskCategory of a ticket that passes (default none)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """The options of ``API_OPTIONS`` as read, each with its default."""

    captcha_codes: str = "current"
    legacy_reuse_code: int = 9
    package: bool = True
    requests_per_s: int = 1000
    risk_blocks: bool = False
    evil_level: int = 0
    evil_bitmap: int = 0
    score: int = 0
    device_risk_category: str | None = None

    @property
    def legacy(self) -> bool:
        """Whether the Web action answers by the older table."""
        return self.captcha_codes == "legacy"

    @property
    def table(self) -> Table:
        """The Web action's table."""
        return LEGACY[self.legacy_reuse_code] if self.legacy else CURRENT


def settings_from(options: Mapping[str, object]) -> ApiSettings:
    """Read the API's options out of a target's; other names are left to others. Raises :class:`UsageError` for a bad value."""
    known = {field.name for field in fields(ApiSettings)}
    given: dict[str, Any] = {name: value for name, value in options.items() if name in known}
    for name, value in given.items():
        fits, wanted = _RULES[name]
        if not fits(value):
            near = closest(value, _TABLES) if name == "captcha_codes" and isinstance(value, str) else ""
            raise UsageError(f"provider option {name} must be {wanted}, not {value!r}{near}")
    return ApiSettings(**given)


_TABLES = ("current", "legacy")


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and low <= value <= high


_PERCENT = (_whole(0, 100), "a whole number from 0 to 100")
_RULES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "captcha_codes": (lambda value: value in _TABLES, "current or legacy"),
    "legacy_reuse_code": (lambda value: type(value) is int and value in REUSE_CODES, "9 or 104"),
    "package": (_is_bool, "true or false"),
    "requests_per_s": (_whole(1, 1_000_000), "a whole number from 1 to 1000000"),
    "risk_blocks": (_is_bool, "true or false"),
    "evil_level": _PERCENT,
    "evil_bitmap": (_whole(0, (1 << 31) - 1), "a whole number from 0 to 2147483647"),
    "score": _PERCENT,
    "device_risk_category": (lambda value: isinstance(value, str), "a text"),
}
