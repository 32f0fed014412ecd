"""What the tenant's console decides, and what no source tells: options of the emulator, never a fault.

Where nothing is known the default is the stricter reading, so that a target which passes here is not flattered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from harness.errors import UsageError

# "{domain_name}" is the tenant's own; .example never resolves outside a lab.
DOMAIN_NAME = "captchaos.huaweioneaccess.example"

# SendSmsVerifyCode, in the order of the vendor's page.
SMS_TYPES = (
    "REGISTER_SMS",
    "LOGIN_SMS",
    "FORGET_PWD_SMS",
    "BIND_MOBILE_SMS",
    "UPDATE_MOBILE_SMS",
    "OTP_REST_SMS",
)

OPTIONS: Mapping[str, str] = {
    "domain_name": f"the tenant's host name (default {DOMAIN_NAME})",
    "tenant_id": "the tenant of an ISV application, then mandatory as X-tenant-id (default none: an ordinary application)",
    "tolerance_px": "how far from the gap a piece may be dropped; not documented (default 5)",
    "picture_valid_s": "how long a picture's token lives; not documented (default 120)",
    "captcha_token_valid_s": "how long a captcha_token lives; not documented (default 180)",
    "attempts": "how often one picture may be tried; not documented (default 1)",
    "sender_bound": "whether a captcha_token serves only the sender that it was verified for; not documented (default true)",
    "sms_types": "the types that sms/send takes, comma-separated (default the six that the vendor's page lists)",
    "sms_code_valid_s": "how long the code in an SMS can be registered with; not documented (default 300)",
    "sms_code_attempts": "how often that code may be tried; not documented (default 3)",
    "sms_quota": "how many SMS are left before 消息余量不足 (default -1: no end)",
    "sms_quota_code": "error_code of 消息余量不足; not documented (default empty)",
    "invalid_parameter_code": "error_code of a 400 for which none is documented (default CAPTCHA.0001)",
    "captcha_0001": "error_msg of that 400; the text of CAPTCHA.0001 is not documented (default Invalid parameter.)",
    "shows_secret_key": "whether secretKey is filled, as in the vendor's example, or null, as in its table (default false)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of ``OPTIONS`` as read, each with its default."""

    domain_name: str = DOMAIN_NAME
    tenant_id: str = ""
    tolerance_px: int = 5
    picture_valid_s: int = 120
    captcha_token_valid_s: int = 180
    attempts: int = 1
    sender_bound: bool = True
    sms_types: str = ",".join(SMS_TYPES)
    sms_code_valid_s: int = 300
    sms_code_attempts: int = 3
    sms_quota: int = -1
    sms_quota_code: str = ""
    invalid_parameter_code: str = "CAPTCHA.0001"
    captcha_0001: str = "Invalid parameter."
    shows_secret_key: bool = False

    @property
    def types(self) -> frozenset[str]:
        """The types that sms/send takes."""
        return frozenset(name.strip() for name in self.sms_types.split(",") if name.strip())


def settings_from(options: Mapping[str, object]) -> Settings:
    """Read the options of a target; other names are left to others. Raises :class:`UsageError` for a bad value."""
    known = {field.name for field in fields(Settings)}
    given: dict[str, Any] = {name: value for name, value in options.items() if name in known}
    for name, value in given.items():
        fits, wanted = _RULES[name]
        if not fits(value):
            raise UsageError(f"provider option {name} must be {wanted}, not {value!r}")
    return Settings(**given)


_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+", re.ASCII)

Rule = tuple[Callable[[object], bool], str]


def _whole(low: int, high: int) -> Rule:
    return lambda value: type(value) is int and low <= value <= high, f"a whole number from {low} to {high}"


_TEXT: Rule = (lambda value: isinstance(value, str), "a text")
_BOOL: Rule = (lambda value: isinstance(value, bool), "true or false")
_RULES: Mapping[str, Rule] = {
    "domain_name": (lambda value: isinstance(value, str) and _HOST.fullmatch(value) is not None, "a host name in lower case"),
    "tenant_id": _TEXT,
    "tolerance_px": _whole(0, 40),
    "picture_valid_s": _whole(1, 86_400),
    "captcha_token_valid_s": _whole(1, 86_400),
    "attempts": _whole(1, 100),
    "sender_bound": _BOOL,
    "sms_types": _TEXT,
    "sms_code_valid_s": _whole(1, 86_400),
    "sms_code_attempts": _whole(1, 100),
    "sms_quota": _whole(-1, 1_000_000),
    "sms_quota_code": _TEXT,
    "invalid_parameter_code": _TEXT,
    "captcha_0001": _TEXT,
    "shows_secret_key": _BOOL,
}
