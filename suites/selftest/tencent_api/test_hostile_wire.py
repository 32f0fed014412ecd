"""Bytes that no honest client sends, on real connections: a vendor-shaped error or a plain 4xx, and nothing ever hangs."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from suites.selftest.tencent_api.raw import PARAMETERS
from suites.selftest.tencent_api.whole_vendor import Whole, whole_vendor

LIMIT_S = 5
MIB = 1 << 20
POST = b"POST / HTTP/1.1\r\nHost: captcha.tencentcloudapi.com\r\n"
GET = b"GET / HTTP/1.1\r\nHost: captcha.tencentcloudapi.com\r\n"


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with whole_vendor(Path(tmp_path_factory.mktemp("authority"))) as whole:
        yield whole


def answer_to(vendor: Whole, sent: bytes) -> tuple[int, bytes]:
    """Send bytes, close our half, and return status and body; status 0 for a connection that ended without an answer."""
    heard = b""
    with socket.create_connection(("127.0.0.1", vendor.server.plain_port), timeout=LIMIT_S) as line:
        try:
            line.sendall(sent)
            line.shutdown(socket.SHUT_WR)
            while part := line.recv(65536):
                heard += part
        except OSError as ended:
            if isinstance(ended, TimeoutError):
                raise
    head, _, body = heard.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    return (int(words[1]), body) if len(words) > 1 else (0, b"")


def error_of(body: bytes) -> str:
    return str(json.loads(body)["Response"]["Error"]["Code"])


def still_works(vendor: Whole) -> bool:
    status, body = answer_to(vendor, GET + b"Connection: close\r\n\r\n")
    return (status, error_of(body), vendor.server.broken) == (200, "MissingParameter", [])


def sized(size: int, sent: int) -> bytes:
    return POST + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % size + b"x" * sent


def chunked(size: int) -> bytes:
    chunk = b"x" * 65536
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for _ in range(size // len(chunk)))
    return POST + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [sized(MIB + 1, MIB + 1), sized(50 * MIB, 2 * MIB), chunked(2 * MIB), sized(1 << 62, 0), sized(10 * MIB, 1)],
    ids=["one byte too many", "far too many", "chunks without a length", "an absurd length", "a length alone"],
)
def test_a_body_over_one_mib_is_413(vendor: Whole, sent: bytes) -> None:
    began = time.monotonic()
    status, _ = answer_to(vendor, sent)
    assert status in (413, 0) if len(sent) > MIB else status == 413
    assert time.monotonic() - began < LIMIT_S
    assert still_works(vendor)


def test_413_is_told_to_a_client_that_listens_first(vendor: Whole) -> None:
    with socket.create_connection(("127.0.0.1", vendor.server.plain_port), timeout=LIMIT_S) as line:
        line.sendall(POST + b"Content-Length: %d\r\n\r\n" % (MIB + 1))
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_waits_for_leave_to_send_too_much_gets_413_instead(vendor: Whole) -> None:
    with socket.create_connection(("127.0.0.1", vendor.server.plain_port), timeout=LIMIT_S) as line:
        line.sendall(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (MIB + 1))
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_of_exactly_one_mib_is_read_and_judged(vendor: Whole) -> None:
    status, body = answer_to(vendor, sized(MIB, MIB))
    assert (status, error_of(body)) == (200, "MissingParameter")


@pytest.mark.parametrize(
    "sent",
    [
        GET + b"X-Flood: " + b"x" * (1 << 20) + b"\r\n\r\n",
        GET + b"".join(b"X-Flood-%d: 1\r\n" % n for n in range(50_000)) + b"\r\n",
        b"GET /" + b"x" * (1 << 20) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x00" * 100_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xab" * 200,
        b"NONSENSE\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        GET + b": no name\r\n\r\n",
        GET + b"Bad Name: 1\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        POST + b"Transfer-Encoding: gzip\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / /x HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_no_http_is_a_plain_4xx_or_a_closed_door(vendor: Whole, sent: bytes) -> None:
    began = time.monotonic()
    status, body = answer_to(vendor, sent)
    assert status == 0 or 400 <= status < 500, status
    assert b"Traceback" not in body
    assert time.monotonic() - began < LIMIT_S
    assert still_works(vendor)


@pytest.mark.parametrize("method", [b"PUT", b"DELETE", b"OPTIONS", b"BREW"])
def test_other_methods_get_the_vendors_error(vendor: Whole, method: bytes) -> None:
    status, body = answer_to(vendor, method + b" / HTTP/1.1\r\nHost: captcha.tencentcloudapi.com\r\nConnection: close\r\n\r\n")
    assert (status, error_of(body)) == (200, "UnsupportedProtocol")


@pytest.mark.parametrize(
    "target",
    [
        b"/..", b"/../../etc/passwd", b"//", b"/./", b"/%2e%2e/", b"/%00", b"/%ff%fe", b"/\xff\xfe", b"/index.html",
        b"/ticket/verify/..", b"//ticket/verify", b"/TICKET/VERIFY", b"/fault/x", b"http://evil.test/../",
    ],
)  # fmt: skip
def test_a_trick_with_the_path_is_a_plain_404(vendor: Whole, target: bytes) -> None:
    status, body = answer_to(
        vendor, b"GET " + target + b" HTTP/1.1\r\nHost: captcha.tencentcloudapi.com\r\nConnection: close\r\n\r\n"
    )
    assert 400 <= status < 500
    assert b"root:" not in body
    assert still_works(vendor)


@pytest.mark.parametrize(
    "headers",
    [
        b"X-TC-Action: \xff\xfe\r\n",
        b"X-TC-Action: " + "查询".encode() + b"\r\n",
        b"X-TC-Action: DescribeCaptchaResult\r\nX-TC-Version: \xff\r\n",
        b"X-TC-Action: ../DescribeCaptchaResult\r\n",
        b"X-TC-Action: __class__\r\n",
        b"Authorization: TC3-HMAC-SHA256 \xff\r\n",
        b"X-TC-Action: DescribeCaptchaResult\r\nX-TC-Version: 2019-07-22\r\nX-TC-Timestamp: \xb2\xb9\r\n",
        b"Content-Type: application/x-www-form-urlencoded; charset=\xff\r\n",
    ],
)
def test_headers_that_are_not_utf8_or_not_what_they_should_be_get_the_vendors_error(vendor: Whole, headers: bytes) -> None:
    status, body = answer_to(vendor, POST + headers + b"Content-Length: 2\r\nConnection: close\r\n\r\n\xff\xfe")
    assert status == 200
    assert error_of(body) in ("InvalidAction", "NoSuchVersion", "MissingParameter", "InvalidParameter")
    assert still_works(vendor)


def test_a_query_over_32_kib_gets_the_vendors_error(vendor: Whole) -> None:
    query = urlencode(PARAMETERS | {"Ticket": "x" * 33_000}).encode()
    status, body = answer_to(vendor, b"GET /?" + query + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert (status, error_of(body)) == (200, "RequestSizeLimitExceeded")


@pytest.mark.parametrize("target", [b"/", b"/ticket/verify"])
def test_a_form_of_names_alone_holds_nobody_up(vendor: Whole, target: bytes) -> None:
    body = b"Action=DescribeCaptchaResult&" + b"&".join(b"%d=" % n for n in range(120_000))
    head = b"POST " + target + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    began = time.monotonic()
    status, answer = answer_to(vendor, head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
    assert time.monotonic() - began < LIMIT_S
    assert status == 200
    assert b"parameter `Action`" in answer or b'"response": "100"' in answer, "it must not even be read"


def test_a_query_that_comes_in_two_reads_is_as_good_as_one(vendor: Whole) -> None:
    target = b"GET /?" + urlencode({"Ticket": "x" * 30_000}).encode()
    with socket.create_connection(("127.0.0.1", vendor.server.plain_port), timeout=LIMIT_S) as line:
        line.sendall(target[:20_000])
        assert still_works(vendor)
        line.sendall(target[20_000:] + b" HTTP/1.1\r\nHost: a\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_request_line_sent_byte_by_byte_is_answered_at_its_end_and_blocks_nobody(vendor: Whole) -> None:
    with socket.create_connection(("127.0.0.1", vendor.server.plain_port), timeout=LIMIT_S) as slow:
        for at in range(10):
            slow.sendall(GET[at : at + 1])
            assert still_works(vendor)
        slow.sendall(GET[10:] + b"\r\n")
        assert slow.recv(65536).startswith(b"HTTP/1.1 200 ")
