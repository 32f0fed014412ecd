"""The API before 3.0, ``ticket/verify``: no signature, no envelope, numbers as strings.

Source: domain/tencent-api.md 1.6, last paragraph. What it says in ``err_msg`` and its content type are not known; the text
is the legacy table's, ``""`` for a ticket that passes.
"""

from __future__ import annotations

import json

from harness.catalog import Answer
from harness.providers.base import Request
from harness.providers.tencent_web import forms
from harness.providers.tencent_web.account import Account
from harness.providers.tencent_web.api_errors import CONTENT_TYPE

PARAMETER_ERROR = 100
_NAMES = ("aid", "AppSecretKey", "Ticket", "Randstr", "UserIP")


def answer(request: Request, account: Account) -> Answer:
    """Answer ``response`` 1 for a pass, 100 for a mistake in the parameters, and 0 for every other verdict."""
    if request.method not in ("GET", "POST"):
        return Answer(status=405, headers=(("content-type", "text/plain"), ("allow", "GET, POST")), body=b"405")
    asked = forms.parameters_of(request)
    table = account.settings.table
    code = PARAMETER_ERROR
    if account.settings.package and all(asked.get(name) for name in _NAMES):
        code = account.redeem(
            asked["Ticket"],
            app_id=asked["aid"],
            secret=asked["AppSecretKey"],
            randstr=asked["Randstr"],
            user_ip=asked["UserIP"],
            judge=table.judge,
        )
    told = code if code in (1, PARAMETER_ERROR) else 0
    evil_level = account.settings.evil_level if code == 1 else 0
    error_message = "" if code == 1 else table.messages[code]
    body = {"response": str(told), "evil_level": str(evil_level), "err_msg": error_message}
    return Answer(headers=(("content-type", CONTENT_TYPE),), body=json.dumps(body).encode("ascii"))
