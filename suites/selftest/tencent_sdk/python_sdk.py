"""The vendor's official Python SDK, asked like an application asks it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from tencentcloud.captcha.v20190722 import captcha_client, models
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from suites.selftest.tencent_sdk.outcome import Outcome


class PythonSdk:
    """One client for each endpoint and method, kept, so that a second request finds an open connection."""

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file
        self._clients: dict[str, Any] = {}

    def ask(self, question: Mapping[str, Any], **profile: Any) -> Outcome:
        """Ask through the SDK; ``profile`` are further settings of the client's profile."""
        request = models.DescribeCaptchaResultRequest()
        request.from_json_string(json.dumps(question["fields"]))
        client, began = self._client(question, profile), time.monotonic()
        try:
            code = client.DescribeCaptchaResult(request).CaptchaCode
        except TencentCloudSDKException as error:
            return Outcome(how="sdk-error", code=error.code, text=str(error.message), seconds=time.monotonic() - began)
        return Outcome(how="code", code=code, text=repr(code), seconds=time.monotonic() - began)

    def _client(self, question: Mapping[str, Any], profile: Mapping[str, Any]) -> Any:
        key = json.dumps([question["credential"], question["http"], list(profile)])
        if key not in self._clients:
            http = HttpProfile(certification=self._ca_file, **question["http"])
            keys = question["credential"]
            account = credential.Credential(keys["secretId"], keys["secretKey"], keys.get("token"))
            self._clients[key] = captcha_client.CaptchaClient(account, "", ClientProfile(httpProfile=http, **profile))
        return self._clients[key]
