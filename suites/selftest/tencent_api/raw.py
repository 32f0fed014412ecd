"""Requests signed by hand as the notes describe each official client, with the vendor's own key derivation."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import httpx
from tencentcloud.common.sign import Sign

PARAMETERS = {
    "CaptchaType": 9,
    "UserIp": "203.0.113.7",
    "Randstr": "@Vki",
    "CaptchaAppId": 199999164,
    "AppSecretKey": "appsecret0123456",
}
FORM = "application/x-www-form-urlencoded"


def signed_headers(
    host: str,
    body: bytes,
    *,
    method: str = "POST",
    query: str = "",
    content_type: str = "application/json",
    service: str = "captcha",
    names: str = "content-type;host",
    payload: bytes | None = None,
    days_off: int = 0,
    account: tuple[str, str] = ("AKIDtest", "thesecretkey"),
    now: float | None = None,
    **extra: str,
) -> dict[str, str]:
    """Headers with a signature in which ``host`` (whatever the Host header will say) was signed."""
    stamp = str(int(time.time() if now is None else now))
    date = time.strftime("%Y-%m-%d", time.gmtime(int(stamp) + 86_400 * days_off))
    sent = {"content-type": content_type, "x-tc-action": "DescribeCaptchaResult", "x-tc-version": "2019-07-22"}
    sent |= {"x-tc-timestamp": stamp} | extra
    lines = "".join(f"{name}:{({'host': host} | sent)[name]}\n" for name in names.split(";"))
    digest = hashlib.sha256(body if payload is None else payload).hexdigest()
    canonical = f"{method}\n/\n{query}\n{lines}\n{names}\n{digest}"
    scope = f"{date}/{service}/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = Sign.sign_tc3(account[1], date, service, text)
    return sent | {
        "authorization": f"TC3-HMAC-SHA256 Credential={account[0]}/{scope}, SignedHeaders={names}, Signature={signature}"
    }


def send(vendor: Any, headers: dict[str, str], body: bytes = b"", *, method: str = "POST", target: str = "/") -> dict[str, Any]:
    """Send and return ``Response``; whatever was asked, the envelope is the vendor's: 200, exact content type, RequestId."""
    answer = httpx.request(method, f"http://127.0.0.1:{vendor.port}{target}", headers=headers, content=body, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    told: dict[str, Any] = answer.json()["Response"]
    assert told["RequestId"]
    return told


def body_for(ticket: str, **changes: Any) -> bytes:
    return json.dumps(PARAMETERS | {"Ticket": ticket} | changes).encode()


def said(told: dict[str, Any]) -> int | str:
    """The CaptchaCode, or the error's code."""
    return told["Error"]["Code"] if "Error" in told else told["CaptchaCode"]
