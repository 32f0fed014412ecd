"""``DescribeCaptchaResult``: is this Web or App ticket good? Source: domain/tencent-api.md 1.1, 1.2, 1.4."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.providers.tencent_web.account import Account
from harness.providers.tencent_web.actions import ACTIONS, CAPTCHA_TYPE, Action
from harness.providers.tencent_web.api_errors import ApiError, error
from harness.providers.tencent_web.parameters import Parameters
from harness.providers.tencent_web.sealed import Sealed

_WRONG_TYPE = 22

PARAMETERS = Parameters(
    required={
        "CaptchaType": int, "Ticket": str, "UserIp": str, "Randstr": str, "CaptchaAppId": int, "AppSecretKey": str,
    },
    optional={"BusinessId": int, "SceneId": int, "MacAddress": str, "Imei": str, "NeedGetCaptchaTime": int},
)  # fmt: skip


def run(asked: Mapping[str, Any], account: Account) -> Mapping[str, object] | ApiError:
    """Judge the ticket by the account's table and tell what the vendor knows about it when it passes."""
    settings = account.settings
    if asked["CaptchaType"] != CAPTCHA_TYPE:
        return _said(_WRONG_TYPE, account) if settings.legacy else error("InvalidParameter", "CaptchaType")
    if not settings.package:
        return error("UnauthorizedOperation.Unauthorized")
    code = account.redeem(
        asked["Ticket"],
        app_id=str(asked["CaptchaAppId"]),
        secret=asked["AppSecretKey"],
        randstr=asked["Randstr"],
        user_ip=asked["UserIp"],
        judge=settings.table.judge,
    )
    passed = account.store.open(asked["Ticket"]) if code == 1 else None
    return _said(code, account, passed, wants_time=asked.get("NeedGetCaptchaTime") == 1)


def _said(code: int, account: Account, passed: Sealed | None = None, *, wants_time: bool = False) -> Mapping[str, object]:
    settings = account.settings
    said: dict[str, object] = {
        "CaptchaCode": code,
        "CaptchaMsg": settings.table.messages[code],
        "EvilLevel": settings.evil_level if passed else 0,
        "GetCaptchaTime": int(passed.fetched_s) if passed and wants_time else 0,
        "EvilBitmap": settings.evil_bitmap if passed else None,
        "SubmitCaptchaTime": int(passed.issued_s) if passed else 0,
    }
    if not settings.legacy:
        # Only the newest SDKs know these two fields.
        said["DeviceRiskCategory"] = settings.device_risk_category if passed else None
        said["Score"] = settings.score if passed else 0
    return said


ACTIONS.add("DescribeCaptchaResult", Action(parameters=PARAMETERS, run=run))
