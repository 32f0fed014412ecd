"""How a call travels: TC3 with ``X-TC-*`` headers, or the older form; as JSON, a form or a query.

Source: domain/tencent-api.md 1.6, 1.7; domain/sdk-behaviour.md "Signing" and "Older clients".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from harness.providers.base import Credentials, Request
from harness.providers.tencent_web import form_signature, forms, tc3
from harness.providers.tencent_web.api_errors import ApiError, error

MAX_QUERY_BYTES = 32 << 10
MAX_BODY_BYTES = 10 << 20

_VENDOR = ".tencentcloudapi.com"
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call before anybody judged it: ``given`` are its parameters, None when they cannot be read at all.

    ``typed`` is False where every value is text (a form or a query) and a number has to be read out of it.
    """

    action: str
    version: str
    given: Mapping[str, object] | None
    typed: bool
    old_form: bool


def read(request: Request) -> Call:
    """Take a request apart without judging it."""
    if _is_old(request):
        form = forms.parameters_of(request)
        given = {name: value for name, value in form.items() if name not in form_signature.COMMON}
        return Call(action=form.get("Action", ""), version=form.get("Version", ""), given=given, typed=False, old_form=True)
    typed = request.method != "GET"
    return Call(
        action=request.headers.get("x-tc-action", ""),
        version=request.headers.get("x-tc-version", ""),
        given=_object(request.body) if typed else dict(request.query),
        typed=typed,
        old_form=False,
    )


def outside(request: Request) -> ApiError | None:
    """Refuse what is no call at all: another method or product, or too much of it."""
    if request.method not in ("GET", "POST"):
        return error("UnsupportedProtocol")
    if request.host.endswith(_VENDOR) and not request.host.startswith("captcha."):
        return error("NoSuchProduct")
    if len(request.raw_query) > MAX_QUERY_BYTES or len(request.body) > MAX_BODY_BYTES:
        return error("RequestSizeLimitExceeded")
    return None


def unsigned(request: Request, call: Call, credentials: Credentials, now: float) -> ApiError | None:
    """Refuse a call that its signature does not prove to be the account's."""
    secret_id, secret_key = credentials.secret_id, credentials.secret_key
    if call.old_form:
        return form_signature.refusal(
            request, forms.parameters_of(request), secret_id=secret_id, secret_key=secret_key, now=now
        )
    return tc3.refusal(request, secret_id=secret_id, secret_key=secret_key, now=now)


def parse_json(text: bytes) -> object:
    """Decode JSON from anywhere; None for whatever is not JSON in UTF-8, nests too deeply, or holds NaN or Infinity."""
    try:
        return _JSON.decode(text.decode("utf-8"))
    except (ValueError, RecursionError):
        return None


def _is_old(request: Request) -> bool:
    if "x-tc-action" in request.headers or "authorization" in request.headers:
        return False
    return request.method == "GET" or request.headers.get("content-type", "").split(";")[0].strip().lower() == _FORM


def _object(body: bytes) -> Mapping[str, object] | None:
    decoded = parse_json(body)
    return decoded if isinstance(decoded, dict) else None


def _refuse_constant(name: str) -> object:
    # A ValueError is what the decoder itself raises for text that is not JSON, which NaN and Infinity are not.
    raise ValueError(name)


# One for all calls: json.loads would make a new one for each.
_JSON = json.JSONDecoder(parse_constant=_refuse_constant)
