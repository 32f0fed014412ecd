"""Response faults as what they are: functions over an answer. Expected bodies are transcribed from the vendor's documents."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from typing import Any

import pytest

import harness.providers.tencent_web.faults  # noqa: F401 (registers the vendor's own)
from harness.catalog import Answer, Asked, Place
from harness.errors import LaboratoryError, UsageError
from harness.faults.base import FAULTS, Receipt
from suites.selftest.faults.fault_parts import Recorder, edge

SCRIPT = Answer(
    headers=(("Content-Type", "application/javascript"), ("cache-control", "no-store"), ("access-control-allow-origin", "*")),
    body=b"window.TencentCaptcha = function () {};",
)
VERDICT = Answer(headers=(("content-type", "application/json"),), body=b'{"Response":{"CaptchaCode":1,"RequestId":"x"}}')


def answer_of(fault: str, answer: Answer = VERDICT, *, query: dict[str, str] | None = None, **parameters: int) -> Answer:
    """Apply the fault to a recorder and answer as it then would."""
    parts = Recorder()
    asyncio.run(FAULTS.get(fault).apply(edge(link="verdict", parts=parts, parameters=parameters)))
    asked = Asked(link="verdict", host="captcha.example", method="POST", path="/", query=query or {})
    return parts.rewrites["verdict"](answer, asked)


def said(fault: str) -> dict[str, Any]:
    """The JSON the verdict API answers, with its RequestId replaced by the documents' own."""
    answer = answer_of(fault)
    assert answer.status == 200
    body: dict[str, Any] = json.loads(answer.body)
    if "Response" in body:
        assert re.fullmatch(r"[0-9a-f-]{36}", body["Response"]["RequestId"])
        body["Response"]["RequestId"] = "xxxxxxxxxxxx"
    return body


# Transcribed from seed 001 (its line breaks inside strings, which the print made, taken out).
INTERNAL_SERVER_ERROR = """
{
  "Response": {
    "Error": {
      "Code": "InternalServerError",
      "Message": "An internal error has occurred. Retry your request, but if the problem persists, contact us."
    },
    "RequestId": "xxxxxxxxxxxx"
  }
}
"""
SYSTEM_BUSY = """
{
  "Response": {
    "CaptchaCode": 26,
    "CaptchaMsg": "%s",
    "EvilLevel": 0,
    "GetCaptchaTime": 0,
    "RequestId": "xxxxxxxxxxxx"
  },
  "retcode": 0,
  "retmsg": "ok"
}
"""
SYSTEM_BUSY_MESSAGE = (
    "system busy 详情请参考：腾讯云-天御验证码-产品文档，"
    "搜索关键字“DescribeCaptchaResult”，查看输出参数中CaptchaCode字段的具体描述"
)


def test_the_api_errors_read_as_the_vendor_prints_them() -> None:
    assert said("internal-server-error") == json.loads(INTERNAL_SERVER_ERROR)
    assert said("internal-error") == json.loads(INTERNAL_SERVER_ERROR.replace("InternalServerError", "InternalError"))


def test_system_busy_has_its_stray_siblings_outside_the_response() -> None:
    assert said("system-busy-26") == json.loads(SYSTEM_BUSY % SYSTEM_BUSY_MESSAGE)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("throttled", "RequestLimitExceeded"),
        ("arrears", "UnauthorizedOperation.Unauthorized"),
        ("charset-error", "InternalError"),
    ],
)
def test_an_error_has_its_documented_code_and_a_request_id(fault: str, code: str) -> None:
    body = said(fault)
    assert body["Response"]["Error"]["Code"] == code
    assert set(body["Response"]) == {"Error", "RequestId"}


@pytest.mark.parametrize(
    "fault",
    ["internal-error", "internal-server-error", "system-busy-26", "throttled", "arrears", "wrong-types", "empty-object"],
)
def test_the_api_answers_with_a_content_type_the_python_sdk_reads_errors_from(fault: str) -> None:
    assert answer_of(fault).headers == (("content-type", "application/json"),)


def test_the_charset_error_is_the_one_the_python_sdk_overlooks() -> None:
    assert answer_of("charset-error").headers == (("content-type", "application/json; charset=utf-8"),)


def test_unreadable_verdicts_are_unreadable_in_their_own_ways() -> None:
    assert said("empty-object") == {}
    assert said("wrong-types")["Response"]["CaptchaCode"] == "1"
    assert answer_of("empty").body == b""
    assert answer_of("html").body.startswith(b"<!DOCTYPE html>")
    assert said("unknown-code")["Response"]["CaptchaCode"] == 999


def test_the_rate_limit_is_state_217_in_a_call_of_the_callback_that_was_asked_for() -> None:
    body = answer_of("config-rate-limited", SCRIPT, query={"callback": "_aq_123"}).body.decode()
    found = re.fullmatch(r"_aq_123\((.*)\)", body)
    assert found is not None
    assert json.loads(found[1])["state"] == 217


@pytest.mark.parametrize("name", ["alert(1)//", "", "a;b", "a" * 200])
def test_a_callback_that_is_no_name_is_never_echoed(name: str) -> None:
    assert answer_of("garbage-jsonp", SCRIPT, query={"callback": name}).body.startswith(b"callback({")
    assert answer_of("config-rate-limited", SCRIPT, query={"callback": name}) == SCRIPT


def test_config_garbage_is_a_compressed_body_that_does_not_say_so() -> None:
    answer = answer_of("config-garbage", SCRIPT)
    assert gzip.decompress(answer.body) == SCRIPT.body
    assert "content-encoding" not in dict(answer.headers)


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_status_is_sent_with_a_page_and_the_answers_other_headers_stay(status: int) -> None:
    answer = answer_of(f"status-{status}", SCRIPT)
    assert (answer.status, dict(answer.headers)) == (
        status,
        {"content-type": "text/html", "cache-control": "no-store", "access-control-allow-origin": "*"},
    )
    assert str(status).encode() in answer.body


def test_a_wrong_type_leaves_the_body_and_forbids_sniffing() -> None:
    answer = answer_of("wrong-mime", SCRIPT)
    assert answer.body == SCRIPT.body
    assert (dict(answer.headers)["content-type"], dict(answer.headers)["x-content-type-options"]) == ("text/plain", "nosniff")


def test_truncated_ends_half_way_and_half_an_answer_never_ends() -> None:
    half = len(VERDICT.body) // 2
    cut, stalled = answer_of("truncated"), answer_of("half-answer")
    assert (cut.cut_at, cut.never, cut.body) == (half, False, VERDICT.body)
    assert (stalled.cut_at, stalled.never, stalled.body) == (half, True, VERDICT.body)


def test_a_drip_takes_its_pace_from_its_parameters() -> None:
    default, chosen = answer_of("slow-drip"), answer_of("slow-drip", drip_ms=7, drip_bytes=3)
    assert (default.drip_ms, default.drip_bytes) == (200, 1)
    assert (chosen.drip_ms, chosen.drip_bytes, chosen.body) == (7, 3, VERDICT.body)


# Nothing is sent in their name: the vendor's own answers follow from its clock.
SET_A_CLOCK = {"clock-skew", "server-clock-ahead", "aid-expires"}


def test_nothing_that_is_sent_names_its_fault_or_the_harness() -> None:
    answering = [name for name, fault in FAULTS.all().items() if fault.family == "response" and name not in SET_A_CLOCK]
    assert len(answering) > 80
    for name in answering:
        answer = answer_of(name, SCRIPT, query={"callback": "_aq_1"})
        words = b" ".join([answer.body, *(value.encode() for _, value in answer.headers)]).lower()
        assert not any(word in words for word in (b"captchaos", b"fault", b"chaos", b"toxi")), name
        assert "-" not in name or name.encode() not in words, name


def test_a_rewrite_stands_on_its_link_until_it_is_healed() -> None:
    parts = Recorder()
    struck = edge(link="config", parts=parts)
    asyncio.run(FAULTS.get("empty").apply(struck))
    assert list(parts.rewrites) == ["config"]
    asyncio.run(FAULTS.get("empty").heal(struck))
    assert parts.rewrites == {}


def test_a_table_that_keeps_the_old_rewrite_is_caught() -> None:
    class Stuck(Recorder):
        def set(self, link: str, rewrite: object, label: str) -> Receipt:
            return Receipt(place=Place.PROVIDER, asked=label, read_back="none")

        def clear(self, link: str) -> Receipt:
            return Receipt(place=Place.PROVIDER, asked="none", read_back="empty")

    for act in (FAULTS.get("empty").apply, FAULTS.get("empty").heal):
        with pytest.raises(LaboratoryError, match="stand"):
            asyncio.run(act(edge(parts=Stuck())))


def test_a_fault_without_parameters_takes_none() -> None:
    with pytest.raises(UsageError, match="no parameter 'bytes'; it takes none"):
        answer_of("empty", bytes=5)


def test_the_clock_is_set_ten_minutes_ahead_and_right_again() -> None:
    parts = Recorder()
    fault = FAULTS.get("clock-skew")
    asyncio.run(fault.apply(edge(parts=parts)))
    asyncio.run(fault.heal(edge(parts=parts)))
    assert parts.told == [("skew", "600"), ("skew", "0")]
    with pytest.raises(UsageError, match="from 301"):
        asyncio.run(fault.apply(edge(parameters={"skew_s": 300})))


REAL_VERDICT_IN_ANOTHER_DRESS = [
    "verdict-charset", "verdict-untyped", "verdict-as-html", "verdict-as-events", "error-and-verdict", "error-null",
    "code-float", "code-true", "code-list", "code-twice", "lower-case-keys", "bom", "single-quotes", "message-number",
    "trailing-json", "cut-json", "false-brotli", "status-201-verdict", "status-500-verdict", "late-twice", "drip-head",
]  # fmt: skip


@pytest.mark.parametrize("fault", REAL_VERDICT_IN_ANOTHER_DRESS)
def test_a_refusal_stays_a_refusal_however_it_is_written(fault: str) -> None:
    refused = Answer(headers=VERDICT.headers, body=VERDICT.body.replace(b'"CaptchaCode":1', b'"CaptchaCode":15'))
    body = answer_of(fault, refused).body.lower()
    assert re.search(rb"captchacode.: ?(\[?15(\.0|\b)|false)", body)
    assert not re.search(rb"captchacode.: ?(\[?1\b|true)", body)


def test_an_error_is_given_no_code_by_a_fault_that_only_changes_codes() -> None:
    error = Answer(headers=VERDICT.headers, body=b'{"Response":{"Error":{"Code":"InternalError"},"RequestId":"x"}}')
    for fault in ("code-float", "code-true", "code-text", "code-huge", "code-nan", "code-null", "code-twice"):
        assert json.loads(answer_of(fault, error).body) == json.loads(error.body)


@pytest.mark.parametrize(
    ("site", "there"),
    [
        ("https://captcha.tencentcloudapi.com", "https://turing.captcha.gtimg.com/"),
        ("http://127.0.0.1:8080", "http://localhost:8080/"),
        ("http://localhost:8080", "http://127.0.0.1:8080/"),
    ],
)
def test_a_redirect_points_to_another_host_that_the_lab_owns(site: str, there: str) -> None:
    parts = Recorder()
    asyncio.run(FAULTS.get("redirect-307").apply(edge(link="verdict", parts=parts)))
    host = site.rpartition("/")[2].partition(":")[0]
    moved = parts.rewrites["verdict"](VERDICT, Asked(link="verdict", host=host, method="POST", path="/", query={}, site=site))
    assert moved.status == 307
    assert dict(moved.headers)["location"].startswith(there)


def test_every_flapping_link_begins_with_a_failure_of_its_own() -> None:
    parts = Recorder()
    asked = Asked(link="verdict", host="captcha.example", method="POST", path="/", query={})
    for link in ("verdict", "config"):
        asyncio.run(FAULTS.get("flapping").apply(edge(link=link, parts=parts)))
    for link in ("verdict", "config"):
        assert [parts.rewrites[link](VERDICT, asked).unanswered for _ in range(4)] == [True, False, True, False]
