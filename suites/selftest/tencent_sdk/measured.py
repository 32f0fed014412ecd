"""What the vendor's SDKs were measured to make of each answer, transcribed by hand from the project's notes.

Source: domain/sdk-behaviour.md, its three tables, and domain/tencent-api.md 1.8. Nothing here comes from the harness; only the
names of the faults do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from suites.selftest.tencent_sdk.outcome import Outcome

UNDEFINED = None


@dataclass(frozen=True)
class Expected:
    """How it ends and with which code."""

    how: str
    code: Any

    def met_by(self, outcome: Outcome) -> bool:
        if isinstance(self.code, float) and math.isnan(self.code):
            return outcome.how == self.how and isinstance(outcome.code, float) and math.isnan(outcome.code)
        # True, 1.0 and 1 are equal in Python, and telling them apart is the point.
        return (outcome.how, type(outcome.code), outcome.code) == (self.how, type(self.code), self.code)


def code(value: Any) -> Expected:
    return Expected("code", value)


def sdk(value: str | None) -> Expected:
    return Expected("sdk-error", value)


def raw(name: str) -> Expected:
    return Expected("raw", name)


NO_CODE = code(None)
INTERNAL = sdk("InternalError")

# fault: (Python, Node)
VERDICTS_AND_ERRORS = {
    "unknown-code": (code(999), code(999)),
    "system-busy-26": (code(26), code(26)),
    "verdict-charset": (code(1), code(1)),
    "verdict-untyped": (code(1), code(1)),
    "verdict-as-html": (code(1), code(1)),
    "verdict-as-events": (code(1), NO_CODE),
    "internal-error": (INTERNAL, INTERNAL),
    "internal-server-error": (sdk("InternalServerError"), sdk("InternalServerError")),
    "throttled": (sdk("RequestLimitExceeded"), sdk("RequestLimitExceeded")),
    "charset-error": (NO_CODE, INTERNAL),
    "error-untyped": (NO_CODE, INTERNAL),
    "error-as-html": (NO_CODE, INTERNAL),
    "error-and-verdict": (INTERNAL, INTERNAL),
    "error-without-request-id": (sdk("KeyError"), INTERNAL),
    "error-without-code": (sdk("KeyError"), sdk(UNDEFINED)),
}

UNREADABLE = {
    "empty": (sdk("JSONDecodeError"), raw("FetchError")),
    "html": (sdk("JSONDecodeError"), raw("FetchError")),
    "cut-json": (sdk("JSONDecodeError"), raw("FetchError")),
    "trailing-json": (sdk("JSONDecodeError"), raw("FetchError")),
    "empty-object": (sdk("KeyError"), raw("TypeError")),
    "null-body": (sdk("TypeError"), raw("TypeError")),
    "response-null": (sdk("TypeError"), raw("TypeError")),
    "response-empty": (NO_CODE, NO_CODE),
    "code-null": (NO_CODE, NO_CODE),
    "response-list": (sdk("AttributeError"), NO_CODE),
    "wrong-types": (code("1"), code("1")),
    "code-float": (code(1.0), code(1)),
    "code-true": (code(True), code(True)),
    "code-text": (code("abc"), code("abc")),
    "code-list": (code([1]), code([1])),
    "code-fraction": (code(1.5), code(1.5)),
    # What JavaScript's numbers make of 2**64 + 1: they have no more digits than these.
    "code-huge": (code(18446744073709551617), code(18446744073709552000)),
    "code-nan": (code(math.nan), raw("FetchError")),
    "code-twice": (code(1), code(1)),
    "lower-case-keys": (sdk("KeyError"), raw("TypeError")),
    "bom": (code(1), raw("FetchError")),
    "single-quotes": (sdk("JSONDecodeError"), raw("FetchError")),
    "message-number": (code(1), code(1)),
    "error-null": (sdk("TypeError"), code(1)),
    "false-brotli": (code(1), raw("FetchError")),
}

# fault: the status and its reason phrase. Python: ServerNetworkError with the body as message, whatever the body; Node: the
# SDK's error with the reason phrase as message, its code undefined.
STATUSES = {
    "status-201-error": (201, "Created"),
    "status-201-verdict": (201, "Created"),
    "status-201-html": (201, "Created"),
    "status-201-empty": (201, "Created"),
    "status-204": (204, "No Content"),
    "status-401-error": (401, "Unauthorized"),
    "status-401-verdict": (401, "Unauthorized"),
    "status-401-html": (401, "Unauthorized"),
    "status-401-empty": (401, "Unauthorized"),
    "status-408": (408, "Request Timeout"),
    "status-429-error": (429, "Too Many Requests"),
    "status-429-verdict": (429, "Too Many Requests"),
    "status-429-html": (429, "Too Many Requests"),
    "status-429-empty": (429, "Too Many Requests"),
    "status-500": (500, "Internal Server Error"),
    "status-500-error": (500, "Internal Server Error"),
    "status-500-verdict": (500, "Internal Server Error"),
    "status-500-empty": (500, "Internal Server Error"),
    "status-502-error": (502, "Bad Gateway"),
    "status-502-verdict": (502, "Bad Gateway"),
    "status-502-html": (502, "Bad Gateway"),
    "status-502-empty": (502, "Bad Gateway"),
    "status-503": (503, "Service Unavailable"),
    "status-503-error": (503, "Service Unavailable"),
    "status-503-verdict": (503, "Service Unavailable"),
    "status-503-empty": (503, "Service Unavailable"),
    "retry-at-once": (503, "Service Unavailable"),
}


@dataclass(frozen=True)
class Timed:
    """A row of "The connection": what is met, and whether at once, at the client's limit or only past it ("": not said)."""

    met: Expected
    when: str


def at_once(met: Expected) -> Timed:
    return Timed(met, "at once")


def at_the_limit(met: Expected) -> Timed:
    return Timed(met, "at the limit")


def past_the_limit(met: Expected) -> Timed:
    return Timed(met, "past the limit")


LIMIT_S = 1.0
NETWORK = sdk("ClientNetworkError")

# (fault, its parameters): (Python, Node). The waits of the notes, made for a limit of 2 s, scaled to LIMIT_S.
CONNECTION = {
    ("no-answer", ()): (at_the_limit(NETWORK), at_the_limit(sdk(UNDEFINED))),
    ("reset-unanswered", ()): (at_once(NETWORK), at_once(sdk(UNDEFINED))),
    ("closed-unanswered", ()): (at_once(NETWORK), at_once(sdk(UNDEFINED))),
    ("head-only", ()): (at_the_limit(sdk("ConnectionError")), at_the_limit(raw("FetchError"))),
    ("late-twice", (("head_ms", 750), ("body_ms", 750))): (past_the_limit(code(1)), past_the_limit(code(1))),
    ("slow-drip", (("drip_ms", 15),)): (past_the_limit(code(1)), at_the_limit(raw("FetchError"))),
    ("drip-head", (("drip_ms", 20),)): (past_the_limit(code(1)), at_the_limit(sdk(UNDEFINED))),
    ("truncated", ()): (at_once(sdk("ChunkedEncodingError")), at_the_limit(raw("FetchError"))),
    ("reset-mid-body", ()): (Timed(sdk("ChunkedEncodingError"), ""), Timed(raw("FetchError"), "")),
}

# The conditions that the notes measured with GET and over https as well, and found no different.
EVERY_WAY = (
    "unknown-code",
    "system-busy-26",
    "internal-error",
    "internal-server-error",
    "throttled",
    "charset-error",
)
EVERY_WAY_CONNECTION = ("no-answer", "reset-unanswered", "closed-unanswered")

# Redirect: (the method that arrives at the other host, which secrets come along).
REDIRECTS = {
    "redirect-301": ("GET", ()),
    "redirect-302": ("GET", ()),
    "redirect-307": ("POST", ("app_secret",)),
    "redirect-308": ("POST", ("app_secret",)),
}
