"""The vendor's own Python SDK, pointed at a provider of ours in one of the ways its users point it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tencentcloud.captcha.v20190722 import captcha_client, models
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

SAMPLE = {"CaptchaType": 9, "UserIp": "203.0.113.7", "Randstr": "@Vki", "CaptchaAppId": 199999164}


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where the SDK is told to send its requests, and how to sign them."""

    endpoint: str
    protocol: str = "http"
    ca_file: str | None = None
    proxy: str | None = None
    method: str = "POST"
    signing: str = "TC3-HMAC-SHA256"
    region: str = ""

    def client(self, account: tuple[str, str], token: str | None = None) -> Any:
        http = HttpProfile(
            protocol=self.protocol,
            endpoint=self.endpoint,
            reqMethod=self.method,
            reqTimeout=5,
            certification=self.ca_file,
            proxy=self.proxy,
        )
        profile = ClientProfile(httpProfile=http, signMethod=self.signing)
        return captcha_client.CaptchaClient(credential.Credential(*account, token), self.region, profile)


def ask(
    way: Way, account: tuple[str, str], secret: str, *, mini: bool = False, token: str | None = None, **changes: Any
) -> Any:
    """Ask for a verdict on the sample of the documents, changed as told; None leaves a parameter out."""
    fields = SAMPLE | {"AppSecretKey": secret} | changes
    if mini:
        fields.pop("Randstr")
        request = models.DescribeCaptchaMiniResultRequest()
        request.from_json_string(json.dumps(fields))
        return way.client(account, token).DescribeCaptchaMiniResult(request)
    request = models.DescribeCaptchaResultRequest()
    request.from_json_string(json.dumps(fields))
    return way.client(account, token).DescribeCaptchaResult(request)
