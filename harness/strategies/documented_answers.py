"""The answers that the providers document for their verdict APIs, each with what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from harness.catalog.provider_answers import NOW_S, REQUEST, Meaning

_INTERNAL = "An internal error has occurred. Retry your request, but if the problem persists, contact us."
# domain/tencent-api.md 1.4, the current table; 999 is in no table: an unknown code is never a pass.
_WEB_REFUSALS = {
    7: "captcha no match", 8: "ticket expired", 9: "ticket reused", 15: "decrypt fail", 16: "appid-ticket mismatch",
    100: "appid-secretkey-ticket mismatch", 999: "",
}  # fmt: skip
# domain/tencent-api.md 1.5.
_MINI_REFUSALS = {
    7: "CaptchaAppId does not match", 8: "ticket expired", 10: "ticket format error", 15: "ticket decryption failed",
    16: "CaptchaAppId wrong format", 25: "invalid ticket", 100: "param err",
}  # fmt: skip
_ERRORS = (
    "InternalError", "InternalServerError", "RequestLimitExceeded", "AuthFailure.SignatureExpire",
    "UnauthorizedOperation.Unauthorized", "ResourceUnavailable",
)  # fmt: skip
_HUAWEI_REFUSALS = {
    "CAPTCHA.0002": "Invalid CAPTCHA code.", "CAPTCHA.0003": "CAPTCHA token expired.", "CAPTCHA.0004": "Invalid CAPTCHA token.",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """One documented answer. ``opposite`` is what the deciding key would say in an answer of the other kind."""

    words: str
    meaning: Meaning
    document: Mapping[str, Any]
    opposite: object
    status: int = 200


def _web(code: int, message: str, words: str, meaning: Meaning, **more: object) -> Documented:
    fields = {
        "CaptchaCode": code, "CaptchaMsg": message, "EvilLevel": 0, "GetCaptchaTime": 0, "EvilBitmap": None,
        "SubmitCaptchaTime": NOW_S if code == 1 else 0, **more, "RequestId": REQUEST,
    }  # fmt: skip
    return Documented(words=words, meaning=meaning, document={"Response": fields}, opposite=9 if code == 1 else 1)


def _mini(code: int, message: str, words: str, meaning: Meaning) -> Documented:
    fields = {"CaptchaCode": code, "CaptchaMsg": message, "RequestId": REQUEST}
    return Documented(words=words, meaning=meaning, document={"Response": fields}, opposite=9 if code == 1 else 1)


def _errors() -> tuple[Documented, ...]:
    return tuple(
        Documented(
            words=f"error {code}", meaning=Meaning.NO_VERDICT, opposite=1,
            document={"Response": {"Error": {"Code": code, "Message": _INTERNAL}, "RequestId": REQUEST}},
        )
        for code in _ERRORS
    )  # fmt: skip


def _busy() -> Documented:
    """The body of the disaster-recovery page: two keys stand outside of the envelope."""
    fields = {"CaptchaCode": 26, "CaptchaMsg": "system busy", "EvilLevel": 0, "GetCaptchaTime": 0, "RequestId": REQUEST}
    document = {"Response": fields, "retcode": 0, "retmsg": "ok"}
    return Documented(words="code 26, busy", meaning=Meaning.NO_VERDICT, document=document, opposite=1)


_TENCENT_WEB = (
    _web(1, "OK", "code 1, passed", Meaning.PASSED),
    *(_web(code, message, f"code {code}, refused", Meaning.REFUSED) for code, message in _WEB_REFUSALS.items()),
    # For a fallback ticket it is no verdict, for any other a refusal; the flow's policy decides either way, never a pass.
    _web(21, "diff", "code 21, perhaps of a fallback ticket", Meaning.NO_VERDICT),
    _busy(),
    *_errors(),
    _web(8, "OK", "code 8 whose text says OK", Meaning.REFUSED),
    _web(1, "passed", "code 1 in other words", Meaning.PASSED),
    # Whoever runs the invisible mode must refuse it, and nobody else.
    _web(1, "OK", "code 1 of a malicious user", Meaning.UNCLEAR, EvilLevel=100),
)
_TENCENT_MINI = (
    _mini(1, "ok", "code 1, passed", Meaning.PASSED),
    *(_mini(code, message, f"code {code}, refused", Meaning.REFUSED) for code, message in _MINI_REFUSALS.items()),
    _mini(21, "diff", "code 21, perhaps of a fallback ticket", Meaning.NO_VERDICT),
    _mini(26, "system internal error", "code 26, busy", Meaning.NO_VERDICT),
    _mini(31, "UnauthorizedOperation.Unauthorized", "code 31, arrears", Meaning.NO_VERDICT),
    *_errors(),
)
_HUAWEI = (
    Documented(
        words="a captcha_token", meaning=Meaning.PASSED, opposite="",
        document={"captcha_token": '71d00000000000000000000000000635---{"x":237.0,"y":5.0}'},
    ),
    *(
        Documented(
            words=code, meaning=Meaning.REFUSED, status=400, opposite="CAPTCHA.0000",
            document={"error_code": code, "error_msg": message},
        )
        for code, message in _HUAWEI_REFUSALS.items()
    ),
    Documented(
        words="APP.0001", meaning=Meaning.NO_VERDICT, status=400, opposite="",
        document={"error_code": "APP.0001", "error_msg": "Application does not exist."},
    ),
)  # fmt: skip
_GEETEST = (
    Documented(
        words="result success", meaning=Meaning.PASSED, opposite="fail",
        document={"status": "success", "result": "success", "reason": "", "captcha_args": {}},
    ),
    Documented(
        words="result fail", meaning=Meaning.REFUSED, opposite="success",
        document={"status": "success", "result": "fail", "reason": "pass_token expire", "captcha_args": {}},
    ),
    Documented(
        words="status error", meaning=Meaning.NO_VERDICT, opposite="success",
        document={"status": "error", "code": "-50005", "msg": "illegal gen_time", "desc": {"type": "defined error"}},
    ),
)  # fmt: skip

ANSWERS: Mapping[str, tuple[Documented, ...]] = MappingProxyType(
    {"tencent_web": _TENCENT_WEB, "tencent_mini": _TENCENT_MINI, "huawei": _HUAWEI, "geetest_v4": _GEETEST}
)
"""What each provider documents, the pass first."""

DECIDED_BY: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "tencent_web": ("Response", "CaptchaCode"), "tencent_mini": ("Response", "CaptchaCode"), "huawei": ("captcha_token",),
    "geetest_v4": ("result",),
})  # fmt: skip
"""The key that says whether it is a pass."""
