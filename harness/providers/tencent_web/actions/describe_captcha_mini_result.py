"""``DescribeCaptchaMiniResult``: is this mini program's ticket good? Source: domain/tencent-api.md 1.3, 1.5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.providers.tencent_web.account import Account
from harness.providers.tencent_web.actions import ACTIONS, CAPTCHA_TYPE, Action
from harness.providers.tencent_web.api_errors import ApiError, error
from harness.providers.tencent_web.parameters import Parameters
from harness.providers.tencent_web.tables.mini import MINI, UNAUTHORIZED

PARAMETERS = Parameters(
    required={"CaptchaType": int, "Ticket": str, "UserIp": str, "CaptchaAppId": int, "AppSecretKey": str},
    optional={"BusinessId": int, "SceneId": int, "MacAddress": str, "Imei": str},
)


def run(asked: Mapping[str, Any], account: Account) -> Mapping[str, object] | ApiError:
    """Judge the ticket by the mini program's table; an account without a package gets 31 as a code, not as an error."""
    if asked["CaptchaType"] != CAPTCHA_TYPE:
        return error("InvalidParameter", "CaptchaType")
    if not account.settings.package:
        return _said(UNAUTHORIZED)
    code = account.redeem(
        asked["Ticket"],
        app_id=str(asked["CaptchaAppId"]),
        secret=asked["AppSecretKey"],
        user_ip=asked["UserIp"],
        judge=MINI.judge,
    )
    return _said(code)


def _said(code: int) -> Mapping[str, object]:
    return {"CaptchaCode": code, "CaptchaMsg": MINI.messages[code]}


ACTIONS.add("DescribeCaptchaMiniResult", Action(parameters=PARAMETERS, run=run))
