"""The vendor's asyncio client, which posts to ``/?``: over http, for its settings of a CA and a proxy do not work."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tencentcloud.captcha.v20190722 import captcha_client_async, models
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from suites.selftest.tencent_api.raw import PARAMETERS

# The SDK builds its date with a call that newer Pythons deprecate; that is the vendor's business.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")


async def ask(vendor: Any, ticket: str, *, method: str, key: str = "thesecretkey", mini: bool = False) -> Any:
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{vendor.port}", reqMethod=method, reqTimeout=5)
    account = credential.Credential("AKIDtest", key)
    request = models.DescribeCaptchaMiniResultRequest() if mini else models.DescribeCaptchaResultRequest()
    fields = {name: value for name, value in PARAMETERS.items() if name != "Randstr" or not mini}
    request.from_json_string(json.dumps(fields | {"Ticket": ticket}))
    async with captcha_client_async.CaptchaClient(account, "", ClientProfile(httpProfile=http)) as client:
        return await (client.DescribeCaptchaMiniResult(request) if mini else client.DescribeCaptchaResult(request))


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(("mini", "again"), [(False, 9), (True, 25)])
def test_a_ticket_passes_once(vendor: Any, method: str, mini: bool, again: int) -> None:
    ticket = vendor.ticket()
    codes = [asyncio.run(ask(vendor, ticket, method=method, mini=mini)).CaptchaCode for _ in range(2)]
    assert codes == [1, again]


def test_a_wrong_key_is_an_error(vendor: Any) -> None:
    with pytest.raises(TencentCloudSDKException) as refused:
        asyncio.run(ask(vendor, vendor.ticket(), method="POST", key="not the key"))
    assert refused.value.code == "AuthFailure.SignatureFailure"
