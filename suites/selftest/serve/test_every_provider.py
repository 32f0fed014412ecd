"""Every provider is served by its name alone, mints what its own API finds good, and bears what nobody honest sends."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from tencentcloud.captcha.v20190722 import captcha_client, models
from tencentcloud.common import credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile

from suites.selftest.acceptance.command import House, Started
from suites.selftest.serve.refusals import refusal, taken_port

LIMIT_S = 20
MIB = 1 << 20
MOBILE = "13800138000"
# Where each takes its question about a ticket (domain notes: tencent-api 1.7, huawei-oneaccess, other-providers).
VERDICT_PATHS = {
    "tencent_web": "/",
    "tencent_mini": "/",
    "huawei": "/api/v2/sdk/captcha/verify",
    "geetest_v4": "/validate",
}
every_provider = pytest.mark.parametrize("name", VERDICT_PATHS)


@dataclass(frozen=True, kw_only=True)
class Served:
    """One provider that was started by its name alone, with its admin endpoint."""

    name: str
    where: Mapping[str, Any]
    started: Started

    def admin(self, method: str, path: str, given: object = None) -> dict[str, Any]:
        answer = httpx.request(method, self.where["admin"] + path, json=given, trust_env=False, timeout=LIMIT_S)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def post(self, path: str, **more: Any) -> httpx.Response:
        return httpx.post(self.where["plain"] + path, trust_env=False, timeout=LIMIT_S, **more)

    def raw(self, sent: bytes) -> tuple[int, bytes]:
        """Send bytes and close our half; status and body, status 0 for a door that closed without a word."""
        host, port = self.where["plain"].removeprefix("http://").split(":")
        heard = b""
        with socket.create_connection((host, int(port)), timeout=LIMIT_S) as line:
            # A door that has answered and closed before we had said everything still has its answer read.
            with contextlib.suppress(OSError):
                line.sendall(sent)
                line.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionError):
                while part := line.recv(65536):
                    heard += part
        head, _, body = heard.partition(b"\r\n\r\n")
        words = head.split(b" ", 2)
        return (int(words[1]), body) if len(words) > 1 else (0, b"")

    def counted(self) -> dict[str, Any]:
        return self.admin("GET", "/counts")


@pytest.fixture(scope="module")
def all_served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Served]]:
    """All of them at once, each started by nothing but its name; each must end cleanly when told to."""
    served: dict[str, Served] = {}
    houses = []
    for name in VERDICT_PATHS:
        root = tmp_path_factory.mktemp(name)
        (root / "tmp").mkdir()
        house = House(root=root).started("serve", name, "--admin", "--json")
        houses.append(house)
        started = house.__enter__()
        served[name] = Served(name=name, where={}, started=started)
    try:
        for name, one in served.items():
            one.started.until(lambda one=one: one.started.said.endswith("\n"))
            served[name] = Served(name=name, where=json.loads(one.started.said), started=one.started)
        yield served
        for one in served.values():
            one.started.process.terminate()
        assert {name: one.started.wait() for name, one in served.items()} == dict.fromkeys(served, 0)
        assert {name: one.started.said.count("\n") for name, one in served.items()} == dict.fromkeys(served, 1), "nothing broke"
    finally:
        for house in houses:
            house.__exit__(None, None, None)


@pytest.fixture
def served(all_served: dict[str, Served], name: str) -> Served:
    return all_served[name]


def mini_verdict(served: Served, ticket: str) -> int:
    account, endpoint = served.where["credentials"], served.where["plain"].removeprefix("http://")
    http = HttpProfile(protocol="http", endpoint=endpoint)
    keys = credential.Credential(account["secret_id"], account["secret_key"])
    client = captcha_client.CaptchaClient(keys, "", ClientProfile(httpProfile=http))
    request = models.DescribeCaptchaMiniResultRequest()
    fields = {"CaptchaType": 9, "Ticket": ticket, "UserIp": "203.0.113.7", "CaptchaAppId": int(account["app_id"])}
    request.from_json_string(json.dumps({**fields, "AppSecretKey": account["app_secret"]}))
    return int(client.DescribeCaptchaMiniResult(request).CaptchaCode)


def geetest_verdict(served: Served, ticket: str) -> str:
    account, told = served.where["credentials"], json.loads(ticket)
    told["sign_token"] = hmac.new(account["app_secret"].encode(), told["lot_number"].encode(), hashlib.sha256).hexdigest()
    answer = served.post(f"/validate?captcha_id={account['app_id']}", data=told)
    return str(answer.json()["result"])


def oneaccess_sms(served: Served, minted: Mapping[str, Any]) -> tuple[int, int]:
    """The statuses of a drag to where the minted picture's gap is, and of the SMS that its captcha_token buys."""
    headers = {
        "X-operating-sys-version": "Android 10", "X-device-fingerprint": "156aysdna213sac", "X-agent": "Mozilla/5.0 (wv)",
        "X-client-id": served.where["credentials"]["client_id"], "Content-Type": "application/json;charset=utf8",
    }  # fmt: skip
    drag = {"point_json": minted["randstr"], "token": minted["ticket"], "sender": MOBILE}
    passed = served.post("/api/v2/sdk/captcha/verify", headers=headers, content=json.dumps(drag))
    sms = {"mobile": MOBILE, "type": "BIND_MOBILE_SMS", **passed.json()}
    return passed.status_code, served.post("/api/v2/sdk/sms/send", headers=headers, content=json.dumps(sms)).status_code


def test_an_honest_ticket_of_each_is_good_once(all_served: dict[str, Served]) -> None:
    minted = {name: one.admin("POST", "/tickets", {"cause": "honest"}) for name, one in all_served.items()}
    assert {one["code"] for one in minted.values()} == {1}
    mini, geetest, huawei = (all_served[name] for name in ("tencent_mini", "geetest_v4", "huawei"))
    ticket = minted["tencent_mini"]["ticket"]
    # 25 is what stands in the mini program's table for a used one (tencent-api 1.5).
    assert [mini_verdict(mini, ticket), mini_verdict(mini, ticket)] == [1, 25]
    ticket = minted["geetest_v4"]["ticket"]
    assert [geetest_verdict(geetest, ticket), geetest_verdict(geetest, ticket)] == ["success", "fail"]
    assert oneaccess_sms(huawei, minted["huawei"]) == (200, 200)
    assert oneaccess_sms(huawei, minted["huawei"]) == (400, 400)
    assert {"said": "code 1", "altered_by": "", "count": 1} in geetest.counted()["verdicts"]


@pytest.mark.parametrize(
    ("name", "fault", "read"), [("geetest_v4", "geetest-error", '"status": "error"'), ("huawei", "null-token", "null")]
)
def test_a_fault_of_the_providers_own_stands_where_it_is_put(served: Served, fault: str, read: str) -> None:
    served.admin("PUT", "/faults/verdict", {"fault": fault})
    try:
        minted = served.admin("POST", "/tickets", {"cause": "honest"})
        if served.name == "huawei":
            headers = {"X-client-id": served.where["credentials"]["client_id"], "Content-Type": "application/json"}
            headers |= dict.fromkeys(("X-operating-sys-version", "X-device-fingerprint", "X-agent"), "a")
            drag = {"point_json": minted["randstr"], "token": minted["ticket"], "sender": MOBILE}
            answer = served.post(VERDICT_PATHS["huawei"], headers=headers, content=json.dumps(drag))
        else:
            answer = served.post(f"/validate?captcha_id={served.where['credentials']['app_id']}", data={"lot_number": "a"})
        assert (answer.status_code, read in answer.text) == (200, True), answer.text
    finally:
        served.admin("DELETE", "/faults")


def post(path: bytes, *headers: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    lines = (b"POST " + path + b" HTTP/1.1", b"Host: 127.0.0.1", b"Connection: close", b"Content-Length: %d" % size, *headers)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def hostile(path: bytes) -> dict[str, bytes]:
    """Every request that no honest client sends, for one path that takes honest ones."""
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded"
    tokens = {"empty": b"", "short": b"0", "not hex": b"z" * 64, "not ASCII": "签名".encode() * 20, "huge": b"0" * 500_000}
    signed = {
        f"sign_token {kind}": post(
            path, form, body=b"lot_number=a&captcha_output=b&pass_token=c&gen_time=d&sign_token=" + token
        )
        for kind, token in tokens.items()
    }
    authorizations = (b"TC3-HMAC-SHA256", b"TC3-HMAC-SHA256 Credential=,SignedHeaders=,Signature=", b"\xff\xfe", b"=" * 30_000)
    signed |= {
        f"Authorization {number}": post(path, b"X-TC-Action: DescribeCaptchaMiniResult", b"Authorization: " + value, body=b"{}")
        for number, value in enumerate(authorizations)
    }
    bodies = {
        "not UTF-8": b"\xff\xfe\x00\xd8" * 50,
        "half a UTF-8 character": b'{"token": "\xe4\xbd"}',
        "a lone surrogate": b'{"token": "\\ud800", "point_json": "\\udfff", "sender": "\\ud800"}',
        "nested": b"[" * 200_000,
        "nested objects": b'{"token":' * 100_000,
        "a number without end": b'{"token": 1' + b"0" * 300_000 + b"}",
        "not a number": b'{"token": NaN, "point_json": Infinity}',
        "wrong types": b'{"token": [], "point_json": {}, "sender": 7}',
        "the same key twice": b'{"token": "a", "token": "b"}',
        "many fields": b"&".join(b"f%d=1" % n for n in range(50_000)),
    }
    json_type = b"Content-Type: application/json;charset=utf8"
    return signed | {f"body {kind}": post(path, json_type, body=body) for kind, body in bodies.items()} | {
        "a header without end": post(path, b"X-Flood: " + b"x" * MIB),
        "headers without end": post(path, *(b"X-Flood-%d: 1" % n for n in range(50_000))),
        "a header that is not UTF-8": post(path, b"X-client-id: \xff\xfe\xfd", b"X-agent: \xc3\x28", json_type, body=b"{}"),
        "a path without end": post(path + b"?" + b"a" * MIB),
        "a query that is not UTF-8": post(path + b"?callback=%ff%fe&captcha_id=%c3%28&w=%00", json_type, body=b"{}"),
        "a query of many names": post(path + b"?" + b"&".join(b"a%d=1" % n for n in range(5_000))),
        "no HTTP": b"\x00" * 100_000,
        "TLS to the plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\xab" * 200,
        "two lengths": post(path, b"Content-Length: 7", body=b"x"),
        "a negative length": post(path, length=-1),
        "a length that is none": post(path).replace(b"Content-Length: 0", b"Content-Length: many"),
        "chunks that are none": b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        "a method of nobody": post(path).replace(b"POST", b"BREW", 1),
        "chunks over a mebibyte": b"POST " + path + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 40
        + b"0\r\n\r\n",
    }  # fmt: skip


@every_provider
def test_what_nobody_honest_sends_is_a_plain_refusal_and_breaks_nothing(served: Served) -> None:
    for kind, sent in hostile(VERDICT_PATHS[served.name].encode()).items():
        began_s = time.monotonic()
        status, body = served.raw(sent)
        assert status < 500, kind
        assert b"Traceback" not in body, kind
        # Well under the limit of the socket: a hang would take all of it.
        assert time.monotonic() - began_s < LIMIT_S / 2, kind
        verdicts = (b'"CaptchaCode": 1,', b"captcha_token", b'"result": "success"')
        assert not any(good in body for good in verdicts), kind
    assert served.counted()["broken"] == 0


@every_provider
def test_a_body_over_one_mib_is_413(served: Served) -> None:
    path = VERDICT_PATHS[served.name].encode()
    host, port = served.where["plain"].removeprefix("http://").split(":")
    for length in (MIB + 1, 50 * MIB, 1 << 62):
        with socket.create_connection((host, int(port)), timeout=LIMIT_S) as line:
            line.sendall(post(path, length=length))
            assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
    assert served.raw(post(path, body=b"x" * MIB))[0] not in (0, 413)


@every_provider
def test_a_trick_with_the_path_finds_nothing(served: Served) -> None:
    path = VERDICT_PATHS[served.name]
    tricks = [
        "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/./", "//", "/%00", "/%ff%fe",
        "/static/../gt4.js", "/v4/../v4/gt4.js", f"{path}/..", f"{path}%00", f"/x/..{path}x", f"//evil.test{path}x",
        f"{path.upper()}x", "/admin", "/counts", "/faults", "/tickets", "/.git/config", "\\..\\x",
    ]  # fmt: skip
    before = served.counted()
    for trick in tricks:
        for host in ("127.0.0.1", *served.where["hosts"][:1], *served.where["server_hosts"][:1]):
            head = f"GET {trick} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            status, body = served.raw(head.encode("latin-1"))
            assert 400 <= status < 500, (trick, host, status)
            assert b"root:" not in body
    after = served.counted()
    assert (after["requests"], after["broken"]) == (before["requests"], 0), "none of them is on any link"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("serve huwaei", "no provider is called 'huwaei'; did you mean 'huawei'?"),
        ("serve geetest", "did you mean 'geetest_v4'?"),
        ("serve tencent", "no provider is called 'tencent'; did you mean"),
        ("serve tencent_web --app-id 199999164a", "a CaptchaAppId of Tencent's is 1 to 20 decimal digits"),
        ("serve tencent_mini --app-id 647f5ed2ed8acb4be36784e01556bb71", "a CaptchaAppId of Tencent's is 1 to 20"),
        ("serve huawei --app-id a_b", "an app id is 1 to 20 digits"),
        ("serve geetest_v4 --app-id 199999164", "a GeeTest captcha id is 32 lower-case hex digits"),
        ("serve geetest_v4 --fault verdict=geetest-eror", "did you mean 'geetest-error'?"),
        ("serve geetest_v4 --fault verify=refused", "`captchaos run` does"),
        ("serve geetest_v4 --fault sms=empty", "no link of this provider is called 'sms'"),
        ("serve geetest_v4 --option pass_valid=5", "did you mean 'pass_valid_s'?"),
        ("serve geetest_v4 --option pass_valid_s=soon", "must be of type int"),
        ("serve huawei --fault verdict=null-tokn", "did you mean 'null-token'?"),
        ("serve huawei --fault picure=empty", "did you mean 'picture'?"),
        ("serve huawei --option tolerance=5", "did you mean 'tolerance_px'?"),
        ("serve tencent_mini --fault verdict=system-busy", "did you mean 'system-busy-26'?"),
        ("serve tencent_mini --option plugin_hots=a", "did you mean 'plugin_host'?"),
    ],
)
def test_a_wrong_word_gets_one_sentence_and_the_closest_match(
    capsys: pytest.CaptureFixture[str], words: str, sentence: str
) -> None:
    assert sentence in refusal(capsys, words.split())


@every_provider
def test_a_port_that_is_taken_is_one_sentence_for_each(capsys: pytest.CaptureFixture[str], name: str) -> None:
    with taken_port() as port:
        said = refusal(capsys, ["serve", name, "--port", str(port)])
    assert f"cannot listen on port {port} of 127.0.0.1: it is taken" in said
