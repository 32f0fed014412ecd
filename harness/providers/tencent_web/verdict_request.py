"""Read the parameters of DescribeCaptchaResult out of a JSON body or a query, as strictly as the vendor's gateway.

Source: domain/tencent-api.md 1.1 (names, types, which are required).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.providers.base import Request
from harness.providers.tencent_web.api_errors import ApiError, error

CAPTCHA_TYPE = 9
MAX_QUERY_BYTES = 32 << 10
MAX_BODY_BYTES = 10 << 20

_REQUIRED: Mapping[str, type] = {
    "CaptchaType": int, "Ticket": str, "UserIp": str, "Randstr": str, "CaptchaAppId": int, "AppSecretKey": str,
}  # fmt: skip
_OPTIONAL: Mapping[str, type] = {"BusinessId": int, "SceneId": int, "MacAddress": str, "Imei": str, "NeedGetCaptchaTime": int}
_TYPES: Mapping[str, type] = {**_REQUIRED, **_OPTIONAL}
_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_INT64 = range(-(1 << 63), 1 << 63)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One verification as asked for. ``repr`` hides the secret."""

    ticket: str
    user_ip: str
    randstr: str
    app_id: str
    app_secret: str
    wants_time: bool

    def __repr__(self) -> str:
        return f"Asking(app_id={self.app_id!r}, …)"


def parse_json(text: bytes) -> object:
    """Decode JSON from anywhere; None for whatever is not JSON in UTF-8, nests too deeply, or holds NaN or Infinity."""
    try:
        return json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def parameters_of(request: Request) -> Mapping[str, object] | None:
    """The parameters as they came, without judging them; None when the body is not a JSON object."""
    if request.method == "GET":
        return {name: _number(value) if _TYPES.get(name) is int else value for name, value in request.query.items()}
    decoded = parse_json(request.body)
    return decoded if isinstance(decoded, dict) else None


def read(request: Request) -> Asking | ApiError:
    """Read one DescribeCaptchaResult request; an :class:`ApiError` says what is wrong with it."""
    if len(request.raw_query) > MAX_QUERY_BYTES or len(request.body) > MAX_BODY_BYTES:
        return error("RequestSizeLimitExceeded")
    given = parameters_of(request)
    if given is None:
        return error("InvalidParameter", "Body")
    return _wrong_with(given) or _asking(given)


def _wrong_with(given: Mapping[str, object]) -> ApiError | None:
    if not _TYPES.keys() >= given.keys():
        return error("UnknownParameter")
    for name, kind in _TYPES.items():
        value = given.get(name)
        if value is None:
            if name in _REQUIRED:
                return error("MissingParameter", name)
        elif type(value) is not kind:
            return error("InvalidParameter", name)
        elif isinstance(value, int) and value not in _INT64:
            return error("InvalidParameterValue", name)
    return None if given["CaptchaType"] == CAPTCHA_TYPE else error("InvalidParameter", "CaptchaType")


def _asking(given: Mapping[str, object]) -> Asking:
    return Asking(
        ticket=str(given["Ticket"]),
        user_ip=str(given["UserIp"]),
        randstr=str(given["Randstr"]),
        app_id=str(given["CaptchaAppId"]),
        app_secret=str(given["AppSecretKey"]),
        wants_time=given.get("NeedGetCaptchaTime") == 1,
    )


def _number(text: str) -> int | str:
    return int(text) if _INTEGER.fullmatch(text) else text


def _refuse_constant(name: str) -> object:
    # A ValueError is what the decoder itself raises for text that is not JSON, which NaN and Infinity are not.
    raise ValueError(name)
