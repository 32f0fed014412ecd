"""Read a call: the mandatory headers, whose application it is, and a JSON object in the body."""

from __future__ import annotations

import json
from collections.abc import Mapping

from harness.providers.base import Credentials, Request
from harness.providers.huawei.refusals import Refusal, invalid_parameter, refusal
from harness.providers.huawei.settings import Settings

# X-client-id is mandatory too, and the only one with a refusal of its own.
MANDATORY = ("x-operating-sys-version", "x-device-fingerprint", "x-agent")

_FAR_PX = 10_000


def refused(request: Request, credentials: Credentials, settings: Settings) -> Refusal | None:
    """Refuse a call whose headers do not name the application, the device and, for an ISV application, the tenant."""
    client_id = request.headers.get("x-client-id", "").strip()
    if not client_id:
        return refusal("APP.0002")
    if client_id != credentials.more["client_id"]:
        return refusal("APP.0001")
    if not all(request.headers.get(name, "").strip() for name in MANDATORY):
        return invalid_parameter(settings)
    if settings.tenant_id and request.headers.get("x-tenant-id", "").strip() != settings.tenant_id:
        return invalid_parameter(settings)
    return None


def fields_of(request: Request) -> Mapping[str, object] | None:
    """The JSON object of a POST; None for every other body or content type."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    decoded = parse_json(request.body) if kind == "application/json" else None
    return decoded if isinstance(decoded, dict) else None


def parse_json(text: bytes | str) -> object:
    """Decode JSON from anywhere; None for whatever is not JSON in UTF-8, nests too deeply, or holds NaN or Infinity."""
    try:
        plain = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(plain, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def coordinates(point_json: str) -> tuple[float, float] | None:
    """Read ``{"x":237.0,"y":5.0}``; None for anything else."""
    point = parse_json(point_json)
    if not isinstance(point, dict):
        return None
    x, y = _number(point.get("x")), _number(point.get("y"))
    return None if x is None or y is None else (x, y)


def _number(value: object) -> float | None:
    # A bool is an int to Python and no number to JSON; an int may be too long for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _FAR_PX:
        return None
    return float(value)


def _refuse_constant(name: str) -> object:
    # A ValueError is what the decoder itself raises for text that is not JSON, which NaN and Infinity are not.
    raise ValueError(name)
