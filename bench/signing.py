"""One request to the verdict API, signed with the vendor's own key derivation."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping

from tencentcloud.common.sign import Sign

HEADERS = "content-type;host"


def signed_request(credentials: Mapping[str, str], *, app_id: str, host: str) -> bytes:
    """A whole HTTP request as the Python SDK signs and sends it (domain/tencent-api.md 1.7)."""
    asked = {
        "CaptchaType": 9, "Ticket": "tr03bench", "UserIp": "203.0.113.7", "Randstr": "@Vki", "CaptchaAppId": int(app_id),
        "AppSecretKey": credentials["app_secret"],
    }  # fmt: skip
    body, stamp = json.dumps(asked).encode(), int(time.time())
    date = time.strftime("%Y-%m-%d", time.gmtime(stamp))
    lines = f"content-type:application/json\nhost:{host}\n"
    canonical = f"POST\n/\n\n{lines}\n{HEADERS}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{date}/captcha/tc3_request"
    text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = Sign.sign_tc3(credentials["secret_key"], date, "captcha", text)
    head = (
        f"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-TC-Action: DescribeCaptchaResult\r\nX-TC-Version: 2019-07-22\r\nX-TC-Timestamp: {stamp}\r\n"
        f"Authorization: TC3-HMAC-SHA256 Credential={credentials['secret_id']}/{scope}, SignedHeaders={HEADERS}, "
        f"Signature={signature}\r\n\r\n"
    )
    return head.encode() + body
