"""What the vendor makes of the ``aidEncrypted`` that a page sends with its configuration request.

A value is checked as documented (seed 003; domain/tencent-client.md 5). What then becomes of the captcha is documented nowhere:
it is an option, and by default a bad value gets no configuration, as an unknown app id does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness import aid_encrypted
from harness.aid_encrypted import Checked, Refusal
from harness.errors import UsageError, closest
from harness.providers.base import Credentials

REFUSED = ("no-configuration", "http-400")
EXPIRED_IN_USE = ("refused", "ignored")
AID_OPTIONS: Mapping[str, str] = {
    "aid_encrypted_forced": "whether the console's forced check is on: no captcha without aidEncrypted (default false)",
    "aid_encrypted_refused": "what a bad aidEncrypted gets, which is not documented: no-configuration (default; 1006 after "
    "20 s) or http-400 (1006 at once)",
    "aid_encrypted_expired_in_use": "what becomes of a captcha whose aidEncrypted expires while it is open, which is not "
    "documented: refused (default; refresh and verify answer HTTP 400: 1012, 1013) or ignored",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AidSettings:
    """The options of ``AID_OPTIONS`` as read, each with its default."""

    forced: bool = False
    refused: str = "no-configuration"
    expired_in_use: str = "refused"


def aid_settings_from(options: Mapping[str, object]) -> AidSettings:
    """Read these options out of a target's; other names are left to others. Raises :class:`UsageError` for a bad value."""
    forced = options.get("aid_encrypted_forced", False)
    if not isinstance(forced, bool):
        raise UsageError(f"provider option aid_encrypted_forced must be true or false, not {forced!r}")
    return AidSettings(
        forced=forced,
        refused=_word("aid_encrypted_refused", options, REFUSED),
        expired_in_use=_word("aid_encrypted_expired_in_use", options, EXPIRED_IN_USE),
    )


def _word(name: str, options: Mapping[str, object], known: tuple[str, ...]) -> str:
    value = options.get(name, known[0])
    if not isinstance(value, str) or value not in known:
        near = closest(value, known) if isinstance(value, str) else ""
        raise UsageError(f"provider option {name} must be {' or '.join(known)}, not {value!r}{near}")
    return value


def check(query: Mapping[str, str], credentials: Credentials, now_s: float, settings: AidSettings) -> Checked:
    """Check what a configuration request brought; without a value nothing is wrong unless the forced check is on."""
    value = query.get("aidEncrypted", "")
    if not value:
        return Checked(refusal=Refusal.MISSING if settings.forced else None)
    return aid_encrypted.check(
        value,
        app_id=credentials.app_id,
        app_secret=credentials.app_secret,
        now_s=now_s,
        type_=query.get("aidEncryptedType", ""),
        aad=query.get("aidEncryptedAad", ""),
    )
