"""What a page's callback is handed, as plain JSON values: as the vendor's client writes it, and then with one thing wrong.

Source: domain/tencent-client.md 3.2 (fields and messages), domain/integration-bugs.md ("docs say close gives null").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hypothesis import strategies as st

from harness.strategies.honest import HonestTicket, honest_tickets
from harness.strategies.tickets import fallback_tickets
from harness.strategies.words import CLIENT_CODES, checked_app_id

MESSAGES: Mapping[int, str] = MappingProxyType({
    1001: "jsload_error", 1002: "captcha_show_timeout", 1003: "framejs_load_timeout", 1004: "framejs_load_error",
    1005: "framejs_run_error", 1006: "get_captcha_config_request_error", 1007: "pre_template_load_timeout",
    1008: "iframe_load_timeout", 1009: "lib_jq_load_error", 1010: "captcha_js_load_error", 1011: "captcha_js_run_error",
    1012: "refresh_error", 1013: "verify_error", 1014: "rate_limit",
})  # fmt: skip
"""The errorMessage of every code of the client."""

_OTHER_TYPES: tuple[object, ...] = ("", 0, 1, -1, True, False, [], {}, ["x"], {"value": "x"}, "undefined", 1e308)
_EXTRA: tuple[tuple[str, object], ...] = (
    ("bizState", None), ("sid", ""), ("verifyDuration", -1), ("success", True), ("code", 0), ("toString", "x"),
    ("__proto__", {"ticket": "x"}), ("errorCode", 0), ("errorCode", 9999), ("errorMessage", "<script>alert(1)</script>"),
)  # fmt: skip
_MISSING = "missing-field"
# What is wrong, the field where it is not one of the result's, and what stands in it.
_WRONG: tuple[st.SearchStrategy[tuple[str, str, object]], ...] = (
    st.just((_MISSING, "", None)),
    st.just(("null-field", "", None)),
    st.sampled_from([("field-of-another-type", "", value) for value in _OTHER_TYPES]),
    st.sampled_from([("extra-field", name, value) for name, value in _EXTRA]),
)
_MOST_FIELDS = 5
_NO_OBJECTS: tuple[object, ...] = (None, "", "text", 0, 1, True, False, [], {}, [{}])


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackObject:
    """One value that a page's callback is handed. ``label`` says what is wrong with it, ``field`` where."""

    label: str
    value: object
    field: str = ""


def callback_results(*, app_id: str, now_s: int | None = None) -> st.SearchStrategy[dict[str, object]]:
    """Draw results as the client writes them: the user passed, closed it, or the client failed with one of its codes."""
    app = checked_app_id(app_id)

    def passed(honest: HonestTicket) -> dict[str, object]:
        return {
            "ret": 0, "ticket": honest.ticket, "CaptchaAppId": app, "bizState": None, "randstr": honest.randstr,
        }  # fmt: skip

    def failed(ticket: str) -> dict[str, object]:
        code = int(ticket.split("_")[1])
        return {
            "ret": 0, "randstr": "@k3f9", "ticket": ticket, "errorCode": code, "errorMessage": MESSAGES[code],
        }  # fmt: skip

    # The documents say null, the client says "".
    closing: list[Mapping[str, object]] = [{"ret": 2, "ticket": "", "randstr": ""}, {"ret": 2, "ticket": None}]
    closed = st.sampled_from(closing).map(lambda result: {**result})
    fallback = fallback_tickets(app_id=app, now_s=now_s, codes=CLIENT_CODES)
    return st.one_of(closed, fallback.map(failed), honest_tickets().map(passed))


def callback_objects(*, app_id: str, now_s: int | None = None) -> st.SearchStrategy[CallbackObject]:
    """Draw what a page's callback may be handed: results, results with a field missing, null, of another type or too many,
    and what is no object at all (``None`` stands for null and for no argument).
    """
    results = callback_results(app_id=app_id, now_s=now_s)
    right = results.map(lambda result: CallbackObject(label="as-documented", value=result))
    no_object = st.sampled_from(_NO_OBJECTS).map(lambda value: CallbackObject(label="no-result", value=value))
    wrong = st.builds(_with_one_wrong, results, st.integers(0, _MOST_FIELDS - 1), st.one_of(*_WRONG))
    return st.one_of(right, no_object, wrong)


def _with_one_wrong(result: dict[str, object], number: int, wrong: tuple[str, str, object]) -> CallbackObject:
    label, extra, value = wrong
    field = extra or list(result)[number % len(result)]
    rest = {name: one for name, one in result.items() if name != field}
    return CallbackObject(label=label, field=field, value=rest if label == _MISSING else {**result, field: value})
