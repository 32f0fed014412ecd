"""Make and check ``aidEncrypted``, the encrypted CaptchaAppId that a business server hands to its page.

The value is ``Base64(IV + AES-256(CaptchaAppId & unix seconds & valid seconds))`` under the AppSecretKey, repeated to 32 bytes;
GCM appends its 16-byte tag. Sources: the vendor's "CaptchaAppid Encryption Verification Capability Access Guide" (seed 003) and
domain/tencent-client.md 5. CBC is not authenticated: whoever sees a value can alter its time, so GCM is the better choice.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import time
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from harness.errors import UsageError, closest

KEY_BYTES = 32
MAX_VALID_S = 86_400
MAX_AAD_TEXT_BYTES = 128
MAX_APP_ID_DIGITS = 20
# Twelve digits: seconds until long after anybody reads this, and no milliseconds.
MAX_MADE_S = 10**12 - 1
TYPES = ("cbc", "gcm")
_BLOCK_BYTES = 16
_TAG_BYTES = 16
_IV_BYTES = {"cbc": 16, "gcm": 12}
_APP_ID = re.compile(rf"[0-9]{{1,{MAX_APP_ID_DIGITS}}}", re.ASCII)
_PLAINTEXT = re.compile(rf"({_APP_ID.pattern})&([0-9]{{1,{len(str(MAX_MADE_S))}}})&([0-9]{{1,12}})".encode())


class Refusal(StrEnum):
    """Why a value is refused."""

    MISSING = "missing"
    UNKNOWN_TYPE = "unknown type"
    BAD_AAD = "additional data not Base64 of at most 128 bytes"
    AAD_WITHOUT_GCM = "additional data goes with type gcm only"
    UNREADABLE = "not Base64 of a whole value"
    NOT_DECRYPTED = "wrong key, or altered"
    NOT_THE_FORM = "does not hold app id, time and validity"
    OTHER_APP = "another app id"
    NOT_YET = "made in the future"
    TOO_LONG = "valid for less than 1 s or more than 86400 s"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a value held, as far as it could be read, and why it is refused (None: it is good).

    ``made_s`` is unix time, ``valid_s`` seconds from then; both are None where the value could not be decrypted.
    """

    refusal: Refusal | None
    made_s: int | None = None
    valid_s: int | None = None

    @property
    def good_until_s(self) -> int | None:
        """The last unix second in which the value is good."""
        return None if self.made_s is None or self.valid_s is None else self.made_s + self.valid_s


def fill_key(app_secret: str) -> bytes:
    """Repeat the AppSecretKey to 32 bytes.

    The vendor's sample code comes to the same for 17 to 32 bytes only: from 16 it makes a key of AES-128.
    """
    secret = app_secret.encode()
    if not secret:
        raise UsageError("the AppSecretKey is empty: the captcha console shows it beside the CaptchaAppId")
    return (secret * (KEY_BYTES // len(secret) + 1))[:KEY_BYTES]


def encode_aad(aad: bytes) -> str:
    """Write additional data of GCM as the page passes it on (``aidEncryptedAad``)."""
    text = base64.b64encode(aad).decode("ascii")
    if len(text) > MAX_AAD_TEXT_BYTES:
        raise UsageError(f"additional data may have {MAX_AAD_TEXT_BYTES} bytes as Base64, not {len(text)}")
    return text


def make(
    *,
    app_id: str,
    app_secret: str,
    valid_s: int,
    made_s: int | None = None,
    type_: str = "cbc",
    aad: bytes = b"",
    iv: bytes | None = None,
) -> str:
    """Make a value that is good for ``valid_s`` seconds from the unix second ``made_s`` (default: now).

    Date it back a little (and let it be good for longer) where the server's clock may be ahead: a value from the future is
    refused until its time has come. ``iv`` is for tests; left out, it is random. Raises :class:`UsageError` for what
    :func:`check` would never find good.
    """
    kind = _type_of(type_)
    made = int(time.time()) if made_s is None else made_s
    _demand_bounds(app_id, made, valid_s)
    if aad and kind != "gcm":
        raise UsageError(Refusal.AAD_WITHOUT_GCM.value)
    vector = os.urandom(_IV_BYTES[kind]) if iv is None else iv
    if len(vector) != _IV_BYTES[kind]:
        raise UsageError(f"the IV of {kind} has {_IV_BYTES[kind]} bytes, not {len(vector)}")
    encode_aad(aad)
    encrypted = _encrypt(kind, fill_key(app_secret), vector, f"{app_id}&{made}&{valid_s}".encode(), aad)
    return base64.b64encode(vector + encrypted).decode("ascii")


def check(value: str, *, app_id: str, app_secret: str, now_s: float, type_: str = "cbc", aad: str = "") -> Checked:
    """Check a value as the vendor documents it; ``aad`` is Base64, as the page passes it on, ``type_`` in any case."""
    if not value:
        return Checked(refusal=Refusal.MISSING)
    kind = (type_ or "cbc").lower()
    if kind not in TYPES:
        return Checked(refusal=Refusal.UNKNOWN_TYPE)
    extra = _decoded(aad) if len(aad) <= MAX_AAD_TEXT_BYTES else None
    if extra is None:
        return Checked(refusal=Refusal.BAD_AAD)
    if aad and kind != "gcm":
        return Checked(refusal=Refusal.AAD_WITHOUT_GCM)
    raw = _decoded(value)
    if raw is None or not _whole(kind, raw):
        return Checked(refusal=Refusal.UNREADABLE)
    split = _IV_BYTES[kind]
    plain = _decrypt(kind, fill_key(app_secret), raw[:split], raw[split:], extra)
    if plain is None:
        return Checked(refusal=Refusal.NOT_DECRYPTED)
    parts = _PLAINTEXT.fullmatch(plain)
    if parts is None:
        return Checked(refusal=Refusal.NOT_THE_FORM)
    made_s, valid_s = int(parts[2]), int(parts[3])
    return Checked(refusal=_judge(parts[1].decode() == app_id, made_s, valid_s, now_s), made_s=made_s, valid_s=valid_s)


def _demand_bounds(app_id: str, made_s: int, valid_s: int) -> None:
    if not _APP_ID.fullmatch(app_id):
        raise UsageError(f"the CaptchaAppId must be at most {MAX_APP_ID_DIGITS} decimal digits, not {app_id!r}")
    if not 0 <= made_s <= MAX_MADE_S:
        raise UsageError(f"made_s must be unix seconds of at most {len(str(MAX_MADE_S))} digits, not {made_s}")
    if not 1 <= valid_s <= MAX_VALID_S:
        raise UsageError(f"an aidEncrypted may be valid for 1 to {MAX_VALID_S} s, not {valid_s}")


def _judge(own_app: bool, made_s: int, valid_s: int, now_s: float) -> Refusal | None:
    if not own_app:
        return Refusal.OTHER_APP
    if made_s > now_s:
        return Refusal.NOT_YET
    if not 1 <= valid_s <= MAX_VALID_S:
        return Refusal.TOO_LONG
    return Refusal.EXPIRED if now_s > made_s + valid_s else None


def _type_of(type_: str) -> str:
    kind = type_.lower()
    if kind not in TYPES:
        raise UsageError(f"no aidEncryptedType is called {type_!r}{closest(kind, TYPES)}")
    return kind


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _whole(kind: str, raw: bytes) -> bool:
    encrypted = len(raw) - _IV_BYTES[kind]
    return encrypted > _TAG_BYTES if kind == "gcm" else encrypted >= _BLOCK_BYTES and encrypted % _BLOCK_BYTES == 0


def _encrypt(kind: str, key: bytes, iv: bytes, plain: bytes, aad: bytes) -> bytes:
    if kind == "gcm":
        return AESGCM(key).encrypt(iv, plain, aad or None)
    padder = PKCS7(8 * _BLOCK_BYTES).padder()
    encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    return encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()


def _decrypt(kind: str, key: bytes, iv: bytes, encrypted: bytes, aad: bytes) -> bytes | None:
    if kind == "gcm":
        try:
            return AESGCM(key).decrypt(iv, encrypted, aad or None)
        except InvalidTag:
            return None
    decryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    unpadder = PKCS7(8 * _BLOCK_BYTES).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None
