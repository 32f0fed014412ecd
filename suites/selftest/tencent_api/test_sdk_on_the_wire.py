"""The vendor's own Python SDK against the provider as a lab serves it: over http, and over https by the vendor's own names.

Every CaptchaCode of today's tables, and every error that the vendor documents, whether a request causes it or an answer in its
place. Expected values: ``vendor_tables``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from harness.catalog import Answer, Asked
from suites.selftest.tencent_api.asking import Way, ask
from suites.selftest.tencent_api.vendor_tables import (
    BUSY_ZH,
    CURRENT,
    ERRORS,
    FIELDS,
    INTERNAL,
    MINI,
    MINI_BUSY_ZH,
    MINI_FIELDS,
)
from suites.selftest.tencent_api.whole_vendor import Whole, whole_vendor

# The SDK builds its date with a call that newer Pythons deprecate; that is the vendor's business.
pytestmark = pytest.mark.filterwarnings("ignore:datetime.datetime.utcfromtimestamp:DeprecationWarning")

FALLBACK = "trerror_1001_199999164_1712345678"
WAYS = ("http", "https", "international")
Asker = Callable[..., Any]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole_vendor(tmp_path_factory.mktemp("authority")) as whole:
        yield whole


@pytest.fixture
def vendor(served: Whole, monkeypatch: pytest.MonkeyPatch) -> Whole:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    served.reset()
    return served


def way_to(vendor: Whole, name: str, **more: Any) -> Way:
    if name == "http":
        return Way(endpoint=f"127.0.0.1:{vendor.server.plain_port}", **more)
    host = {"https": "captcha.tencentcloudapi.com", "international": "captcha.intl.tencentcloudapi.com"}[name]
    proxy = f"http://127.0.0.1:{vendor.router.port}"
    return Way(endpoint=host, protocol="https", proxy=proxy, ca_file=str(vendor.authority.ca_file), **more)


@pytest.fixture(params=WAYS)
def asking(request: pytest.FixtureRequest, vendor: Whole) -> Asker:
    """Ask by one of the three ways, as the account itself."""
    account = vendor.emulator.credentials
    way = way_to(vendor, request.param)

    def asks(**changes: Any) -> Any:
        who = changes.pop("account", (account.secret_id, account.secret_key))
        secret = changes.pop("AppSecretKey", account.app_secret)
        return ask(way, who, secret, **changes)

    return asks


def fields_of(answer: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.to_json_string())
    return told


def refused(asks: Asker, **changes: Any) -> str:
    with pytest.raises(TencentCloudSDKException) as raised:
        asks(**changes)
    assert raised.value.requestId
    return str(raised.value.code)


def instead(vendor: Whole, body: dict[str, Any], *, content_type: str = "application/json") -> None:
    """Put a body in place of the verdict, as a response fault does."""

    def rewrite(_answer: Answer, _asked: Asked) -> Answer:
        return Answer(headers=(("content-type", content_type),), body=json.dumps(body, ensure_ascii=False).encode())

    vendor.server.responses.set("verdict", rewrite, "instead")


def test_every_code_of_todays_table_is_met_by_its_cause(vendor: Whole, asking: Asker) -> None:
    used = vendor.ticket()
    asking(Ticket=used)
    told = {
        1: asking(Ticket=vendor.ticket()),
        7: asking(Ticket=vendor.ticket(), Randstr="@other"),
        8: asking(Ticket=vendor.ticket(age_s=301)),
        9: asking(Ticket=used),
        15: asking(Ticket="not a ticket"),
        16: asking(Ticket=vendor.ticket(), CaptchaAppId=199999165),
        21: asking(Ticket=FALLBACK),
        100: asking(Ticket=vendor.ticket(), AppSecretKey="not the secret"),
    }
    assert {code: (answer.CaptchaCode, answer.CaptchaMsg) for code, answer in told.items()} == {
        code: (code, text) for code, text in CURRENT.items()
    }
    assert all(fields_of(answer).keys() == FIELDS for answer in told.values())


def test_every_code_of_the_mini_programs_table_is_met_by_its_cause(vendor: Whole, asking: Asker) -> None:
    used = vendor.ticket()
    asking(mini=True, Ticket=used)
    told = {
        1: asking(mini=True, Ticket=vendor.ticket()),
        7: asking(mini=True, Ticket=vendor.ticket(), CaptchaAppId=199999165),
        8: asking(mini=True, Ticket=vendor.ticket(age_s=301)),
        10: asking(mini=True, Ticket="not a ticket"),
        15: asking(mini=True, Ticket="tr03" + "A" * 156 + "*"),
        16: asking(mini=True, Ticket=vendor.ticket(), CaptchaAppId=1),
        21: asking(mini=True, Ticket=FALLBACK),
        25: asking(mini=True, Ticket=used),
        100: asking(mini=True, Ticket=vendor.ticket(), AppSecretKey="not the secret"),
    }
    expected = {code: (code, text) for code, text in MINI.items() if code != 31}
    assert {code: (answer.CaptchaCode, answer.CaptchaMsg) for code, answer in told.items()} == expected
    assert all(fields_of(answer).keys() == MINI_FIELDS for answer in told.values())


@pytest.mark.parametrize("code", ERRORS)
def test_every_documented_error_is_an_error_to_the_sdk(vendor: Whole, code: str) -> None:
    instead(vendor, {"Response": {"Error": {"Code": code, "Message": INTERNAL}, "RequestId": "xxxxxxxxxxxx"}})
    account = vendor.emulator.credentials
    for name in WAYS[:2]:
        with pytest.raises(TencentCloudSDKException) as raised:
            ask(way_to(vendor, name), (account.secret_id, account.secret_key), account.app_secret, Ticket=FALLBACK)
        assert (raised.value.code, raised.value.message) == (code, INTERNAL)


def test_errors_that_a_request_causes(vendor: Whole, asking: Asker) -> None:
    account = vendor.emulator.credentials
    known, key = account.secret_id, account.secret_key
    ticket = vendor.ticket()
    caused = {
        "AuthFailure.InvalidSecretId": {"account": ("1250000000", key)},
        "AuthFailure.SecretIdNotFound": {"account": ("AKIDsomebodyelse", key)},
        "AuthFailure.SignatureFailure": {"account": (known, "not the key")},
        "AuthFailure.TokenFailure": {"token": "a token of nobody"},
        "InvalidParameter": {"CaptchaType": 8},
        "InvalidParameterValue": {"CaptchaAppId": 1 << 63},
        "MissingParameter": {"UserIp": None},
    }
    assert {code: refused(asking, Ticket=ticket, **changes) for code, changes in caused.items()} == {
        code: code for code in caused
    }
    assert asking(Ticket=ticket).CaptchaCode == 1, "a refused request uses no ticket up"


# Beyond the five minutes by more than a busy machine takes to ask.
@pytest.mark.parametrize("skew_s", [-330, 330])
def test_a_clock_five_minutes_off_expires_the_signature(vendor: Whole, asking: Asker, skew_s: int) -> None:
    vendor.emulator.skew(skew_s)
    assert refused(asking, Ticket=FALLBACK) == "AuthFailure.SignatureExpire"


def test_a_region_is_ignored(vendor: Whole) -> None:
    account = vendor.emulator.credentials
    for region in ("ap-guangzhou", "no-such-region"):
        way = way_to(vendor, "https", region=region)
        answer = ask(way, (account.secret_id, account.secret_key), account.app_secret, Ticket=vendor.ticket())
        assert answer.CaptchaCode == 1


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("signing", ["HmacSHA1", "HmacSHA256"])
@pytest.mark.parametrize("name", WAYS)
def test_the_older_signature_is_as_good_as_the_new_one(vendor: Whole, name: str, signing: str, method: str) -> None:
    account = vendor.emulator.credentials
    way = way_to(vendor, name, signing=signing, method=method)
    who = (account.secret_id, account.secret_key)
    ticket = vendor.ticket()
    wrong = {
        "AuthFailure.SignatureFailure": (who[0], "not the key"),
        "AuthFailure.SecretIdNotFound": ("AKIDsomebodyelse", who[1]),
    }
    for code, stranger in wrong.items():
        with pytest.raises(TencentCloudSDKException) as raised:
            ask(way, stranger, account.app_secret, Ticket=ticket)
        assert raised.value.code == code
    assert [ask(way, who, account.app_secret, Ticket=ticket).CaptchaCode for _ in range(2)] == [1, 9]
    assert ask(way, who, account.app_secret, mini=True, Ticket=vendor.ticket()).CaptchaCode == 1


@pytest.mark.parametrize("spelling", ["InternalError", "InternalServerError"])
def test_both_spellings_of_the_internal_error_reach_the_caller_as_the_seeds_print_them(
    vendor: Whole, asking: Asker, spelling: str
) -> None:
    instead(vendor, {"Response": {"Error": {"Code": spelling, "Message": INTERNAL}, "RequestId": "xxxxxxxxxxxx"}})
    assert refused(asking, Ticket=FALLBACK) == spelling


def test_26_is_a_code_although_retcode_and_retmsg_stand_outside_the_response(vendor: Whole, asking: Asker) -> None:
    said = {"CaptchaCode": 26, "CaptchaMsg": BUSY_ZH, "EvilLevel": 0, "GetCaptchaTime": 0, "RequestId": "xxxxxxxxxxxx"}
    instead(vendor, {"Response": said, "retcode": 0, "retmsg": "ok"})
    answer = asking(Ticket=FALLBACK)
    assert (answer.CaptchaCode, answer.CaptchaMsg, answer.EvilLevel) == (26, BUSY_ZH, 0)


def test_26_of_the_mini_program_has_its_own_words(vendor: Whole, asking: Asker) -> None:
    said = {"CaptchaCode": 26, "CaptchaMsg": MINI_BUSY_ZH, "RequestId": "xxxxxxxxxxxx"}
    instead(vendor, {"Response": said, "retcode": 0, "retmsg": "ok"})
    answer = asking(mini=True, Ticket=FALLBACK)
    assert (answer.CaptchaCode, answer.CaptchaMsg) == (26, MINI_BUSY_ZH)


@pytest.mark.parametrize("name", WAYS)
def test_a_long_query_is_taken(vendor: Whole, name: str) -> None:
    account = vendor.emulator.credentials
    way, who = way_to(vendor, name, method="GET"), (account.secret_id, account.secret_key)
    assert ask(way, who, account.app_secret, Ticket=vendor.ticket(), Imei="7" * 31_000).CaptchaCode == 1


def test_a_fallback_ticket_is_never_billed(vendor: Whole, asking: Asker) -> None:
    for ticket in (FALLBACK, "terror_1012_199999164_1712345678_70001", "trerror_1006__1712345678", "terror_1001_1_1"):
        asking(Ticket=ticket)
        asking(mini=True, Ticket=ticket)
    assert vendor.emulator.tickets.billed == 0
    asking(Ticket=vendor.ticket())
    asking(mini=True, Ticket=vendor.ticket())
    assert vendor.emulator.tickets.billed == 2


def test_the_evidence_says_what_was_asked_and_answered(vendor: Whole, asking: Asker) -> None:
    asking(Ticket=FALLBACK)
    asking(mini=True, Ticket=FALLBACK)
    seen = [(arrival.said, arrival.ticket) for arrival in vendor.server.arrivals("verdict")]
    assert seen == [("code 21", FALLBACK)] * 2
    assert vendor.server.broken == []
