"""The vendor's own Python SDK gets each documented code and error from the verdict API.

Expected values are transcribed from the vendor's table of CaptchaCode and from its list of common error codes.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from tencentcloud.captcha.v20190722 import captcha_client, models
from tencentcloud.common import credential
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from suites.selftest.tencent_api.vendor_tables import CURRENT

# The SDK builds its date with a call that newer Pythons deprecate; that is the vendor's business.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")

ACCOUNT = ("AKIDtest", "thesecretkey")
SAMPLE_FROM_THE_DOCUMENTS = {"CaptchaType": 9, "UserIp": "203.0.113.7", "Randstr": "@Vki", "CaptchaAppId": 199999164}


def ask(vendor: Any, *, account: tuple[str, str] = ACCOUNT, method: str = "POST", **changes: Any) -> Any:
    http = HttpProfile(protocol="http", endpoint=f"127.0.0.1:{vendor.port}", reqMethod=method, reqTimeout=5)
    profile = ClientProfile(httpProfile=http)
    client = captcha_client.CaptchaClient(credential.Credential(*account), "", profile)
    request = models.DescribeCaptchaResultRequest()
    fields = SAMPLE_FROM_THE_DOCUMENTS | {"AppSecretKey": "appsecret0123456"} | changes
    request.from_json_string(json.dumps(fields))
    return client.DescribeCaptchaResult(request)


def code_and_message(answer: Any) -> tuple[int, str]:
    return answer.CaptchaCode, answer.CaptchaMsg


def verdict(code: int) -> tuple[int, str]:
    return code, CURRENT[code]


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_fresh_ticket_passes_once_and_is_reused_after(vendor: Any, method: str) -> None:
    ticket = vendor.ticket()
    first = ask(vendor, Ticket=ticket, method=method)
    assert code_and_message(first) == verdict(1)
    assert first.EvilLevel == 0
    assert str(uuid.UUID(first.RequestId)) == first.RequestId
    assert code_and_message(ask(vendor, Ticket=ticket, method=method)) == verdict(9)


def test_the_time_of_fetching_is_told_only_when_asked_for(vendor: Any) -> None:
    before = int(vendor.now())
    told = ask(vendor, Ticket=vendor.ticket(), NeedGetCaptchaTime=1).GetCaptchaTime
    assert before <= told <= vendor.now()
    assert ask(vendor, Ticket=vendor.ticket()).GetCaptchaTime == 0


def test_another_randstr_does_not_match_and_leaves_the_ticket_usable(vendor: Any) -> None:
    ticket = vendor.ticket()
    assert code_and_message(ask(vendor, Ticket=ticket, Randstr="@other")) == verdict(7)
    assert code_and_message(ask(vendor, Ticket=ticket)) == verdict(1)


def test_a_ticket_lives_five_minutes(vendor: Any) -> None:
    assert code_and_message(ask(vendor, Ticket=vendor.ticket(age_s=295))) == verdict(1)
    assert code_and_message(ask(vendor, Ticket=vendor.ticket(age_s=301))) == verdict(8)


@pytest.mark.parametrize("ticket", ["garbage", "", "tr03" + "A" * 156 + "*", "票", "tr03*"])
def test_what_the_vendor_never_issued_is_undecryptable(vendor: Any, ticket: str) -> None:
    assert code_and_message(ask(vendor, Ticket=ticket)) == verdict(15)


def test_a_wrong_app_id_mismatches_the_ticket(vendor: Any) -> None:
    assert code_and_message(ask(vendor, Ticket=vendor.ticket(), CaptchaAppId=199999165)) == verdict(16)


def test_the_ticket_of_another_app_is_a_parameter_error(vendor: Any) -> None:
    assert code_and_message(ask(vendor, Ticket=vendor.ticket(app_id="2000000001"))) == verdict(100)


def test_no_secret_is_good_for_an_app_that_is_not_the_accounts_even_with_its_own_ticket(vendor: Any) -> None:
    ticket = vendor.ticket(app_id="2000000001")
    for given in (ticket, "terror_1001_2000000001_1712345678"):
        assert code_and_message(ask(vendor, Ticket=given, CaptchaAppId=2000000001, AppSecretKey="any")) == verdict(16)


@pytest.mark.parametrize("ticket", [None, "trerror_1001_199999164_1712345678"])
def test_a_wrong_app_secret_is_a_parameter_error_whatever_the_ticket(vendor: Any, ticket: str | None) -> None:
    answer = ask(vendor, Ticket=ticket or vendor.ticket(), AppSecretKey="not the secret")
    assert code_and_message(answer) == verdict(100)


@pytest.mark.parametrize(
    "ticket",
    [
        "terror_1001_199999164_1712345678",
        "trerror_1001_199999164_1712345678",
        "terror_1004_199999164_1712345678_s0123456789",
    ],
)
def test_a_fallback_ticket_of_the_app_reads_21_every_time_and_is_never_billed(vendor: Any, ticket: str) -> None:
    assert [code_and_message(ask(vendor, Ticket=ticket)) for _ in range(2)] == [verdict(21)] * 2
    assert (vendor.store.hits[ticket], vendor.store.billed) == (2, 0)


@pytest.mark.parametrize(
    "ticket",
    [
        "trerror_1001_1999991641712345678",
        "terror_1001__1712345678",
        "terror_1001_2000000001_1712345678",
        "terror_199999164_1712345678",
        "terror_1001_199999164_1712345678\n",
        "terror_1001_１９９９９９１６４_1712345678",
        "trerror_",
    ],
)
def test_a_fallback_ticket_whose_app_cannot_be_recognised_reads_16(vendor: Any, ticket: str) -> None:
    assert code_and_message(ask(vendor, Ticket=ticket)) == verdict(16)
    assert vendor.store.billed == 0


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    ("account", "error"),
    [
        (("AKIDunknown", "thesecretkey"), "AuthFailure.SecretIdNotFound"),
        (("AKIDtest", "wrong"), "AuthFailure.SignatureFailure"),
    ],
)
def test_a_wrong_account_is_an_authentication_failure(vendor: Any, account: tuple[str, str], error: str, method: str) -> None:
    ticket = vendor.ticket()
    with pytest.raises(TencentCloudSDKException) as refused:
        ask(vendor, Ticket=ticket, method=method, account=account)
    assert refused.value.code == error
    assert code_and_message(ask(vendor, Ticket=ticket)) == verdict(1)


@pytest.mark.parametrize("skew_s", [-310, 310])
def test_a_clock_more_than_five_minutes_off_is_an_expired_signature(vendor: Any, skew_s: int) -> None:
    vendor.skew_s = skew_s
    with pytest.raises(TencentCloudSDKException) as refused:
        ask(vendor, Ticket=vendor.ticket())
    assert refused.value.code == "AuthFailure.SignatureExpire"


@pytest.mark.parametrize("skew_s", [-290, 290])
def test_a_clock_less_than_five_minutes_off_is_accepted(vendor: Any, skew_s: int) -> None:
    vendor.skew_s = skew_s
    assert code_and_message(ask(vendor, Ticket=vendor.ticket())) == verdict(1)


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"Ticket": None}, "MissingParameter"),
        ({"Randstr": None}, "MissingParameter"),
        ({"CaptchaType": 8}, "InvalidParameter"),
        ({"CaptchaAppId": "not a number"}, "InvalidParameter"),
        ({"CaptchaAppId": 1 << 63}, "InvalidParameterValue"),
    ],
)
def test_a_parameter_mistake_is_an_error_and_no_verdict(vendor: Any, changes: dict[str, Any], error: str, method: str) -> None:
    with pytest.raises(TencentCloudSDKException) as refused:
        ask(vendor, method=method, **{"Ticket": vendor.ticket()} | changes)
    assert refused.value.code == error


def test_genuine_tickets_are_billed_and_counted_with_both_addresses(vendor: Any) -> None:
    ticket = vendor.ticket()
    for _ in range(2):
        ask(vendor, Ticket=ticket, UserIp="198.51.100.1")
    assert (vendor.store.hits[ticket], vendor.store.billed) == (2, 2)
    assert {(seen.user_ip, seen.issued_to) for seen in vendor.store.redemptions} == {("198.51.100.1", "203.0.113.7")}
