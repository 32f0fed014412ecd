"""What a captcha's ticket is worth, by Tencent Cloud's verdict API and the vendor's own SDK."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor

from tencentcloud.captcha.v20190722 import captcha_client, models
from tencentcloud.common.credential import Credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

VERIFIED, UNVERIFIED, REFUSED = "verified", "unverified", "refused"
TIMED_OUT, CONNECTION_FAILED, SERVER_ERROR, BUSY, UNREADABLE, NOT_SERVED = range(2001, 2007)
# In all, whatever happens: the SDK's own timeout is for each read, and a body that drips beats it.
DEADLINE_S = 2.5

APP_ID = os.environ["CAPTCHA_APP_ID"]
_APP_SECRET = os.environ["CAPTCHA_APP_SECRET"]
_CREDENTIAL = Credential(os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"])
_SIGNING_KEY = hashlib.sha256(b"tickets:" + _APP_SECRET.encode()).digest()
_ASKING = ThreadPoolExecutor(max_workers=32, thread_name_prefix="captcha")

_FALLBACK = re.compile(r"tr?error_(1\d{3})_(\d{1,20})_(\d{10})(_[0-9A-Za-z@:.\-]{1,128})?", re.ASCII)
_ISSUED = re.compile(r"tr?0[0-9A-Za-z*_.=+/\-]{18,510}", re.ASCII)
_RANDSTR = re.compile(r"@[0-9A-Za-z]{1,32}", re.ASCII)
# Throttled, in arrears, or a clock that is off: the API works, but not for us.
_NOT_SERVED = ("RequestLimitExceeded", "LimitExceeded", "UnauthorizedOperation", "AuthFailure", "ResourceUnavailable")


def worth(ticket: str, randstr: str, user_ip: str) -> tuple[str, int]:
    """Return what a pair is worth, and the code that says why: the client's own, the provider's, or ours (2001–2006)."""
    fallback = _FALLBACK.fullmatch(ticket)
    if not _RANDSTR.fullmatch(randstr) or not (_ISSUED.fullmatch(ticket) or (fallback and _ours_and_fresh(fallback))):
        return REFUSED, 0
    code = _verdict(ticket, randstr, user_ip)
    if 2001 <= code <= 2006:
        return UNVERIFIED, code
    # 21 is what a fallback ticket gets: it is public, and says nothing of who wrote it.
    if fallback and code in (1, 21):
        return UNVERIFIED, int(fallback[1])
    return (VERIFIED, 1) if code == 1 else (REFUSED, code)


def server_ticket(code: int, order: str) -> str:
    """Mint the ticket of a failure that no client sees, bound to its order."""
    head = f"terror_{code}_{APP_ID}_{int(time.time())}"
    return f"{head}_{hmac.new(_SIGNING_KEY, f'{head} {order}'.encode(), hashlib.sha256).hexdigest()[:40]}"


def _ours_and_fresh(found: re.Match[str]) -> bool:
    return found[2] == APP_ID and -120 <= time.time() - int(found[3]) <= 600


def _verdict(ticket: str, randstr: str, user_ip: str) -> int:
    """Ask once, for a ticket is single-use; return CaptchaCode, or our own code where there is none."""
    asking = _ASKING.submit(_ask, ticket, randstr, user_ip)
    try:
        return asking.result(timeout=DEADLINE_S)
    except TimeoutError:
        asking.cancel()
        return TIMED_OUT


def _ask(ticket: str, randstr: str, user_ip: str) -> int:
    request = models.DescribeCaptchaResultRequest()
    request.CaptchaType, request.Ticket, request.Randstr, request.UserIp = 9, ticket, randstr, user_ip
    request.CaptchaAppId, request.AppSecretKey = int(APP_ID), _APP_SECRET
    # A client for each question: one that is shared would hand a broken connection on to the next.
    profile = ClientProfile(httpProfile=HttpProfile(reqTimeout=5))
    client = captcha_client.CaptchaClient(_CREDENTIAL, "", profile)
    # The SDK would follow a redirect and hand AppSecretKey to whatever it names.
    client.request.conn._session.resolve_redirects = lambda *_, **__: iter(())
    try:
        code = client.DescribeCaptchaResult(request).CaptchaCode
    except TencentCloudSDKException as error:
        return _of_error(error.code or "")
    # True == 1 in Python, and "1" is no verdict either: the exact type is what counts.
    if type(code) is not int or 2001 <= code <= 2006:
        return UNREADABLE
    return BUSY if code == 26 else code


def _of_error(name: str) -> int:
    if name == "ClientNetworkError":
        return CONNECTION_FAILED
    if name in ("InternalError", "InternalServerError"):
        return SERVER_ERROR
    return NOT_SERVED if name.split(".")[0] in _NOT_SERVED else UNREADABLE
