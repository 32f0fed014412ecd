"""``captchaos serve`` says where everything is, ends cleanly when told to, and answers a wrong word with one sentence."""

from __future__ import annotations

import json
import signal
import socket
import ssl
from typing import Any

import httpx
import psutil
import pytest

from suites.selftest.acceptance.command import House, Started
from suites.selftest.serve.refusals import refusal, taken_port

ENTRY_HOST = "turing.captcha.qcloud.com"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_exits_0_and_leaves_nothing_even_with_a_request_that_hangs(house: House, number: signal.Signals) -> None:
    with house.started("serve", "tencent_web", "--tls", "--admin", "--json", "--fault", "entry=no-answer") as started:
        where = _told(started)
        host, port = where["plain"].removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as waits, socket.create_connection((host, int(port))):
            waits.sendall(f"GET /TCaptcha.js HTTP/1.1\r\nHost: {ENTRY_HOST}\r\n\r\n".encode())
            started.until(lambda: _entries(where) == 1)
            assert house.left_behind() != []
            started.process.send_signal(number)
            assert started.wait() == 0
        assert started.said.count("\n") == 1, "nothing is said at a clean end"
        assert house.left_behind() == []


def test_everything_listens_on_loopback_and_the_admin_endpoint_only_where_it_is_wanted(house: House) -> None:
    for words, ports in ((("--tls", "--admin"), 3), (("--tls",), 2), ((), 1)):
        with house.started("serve", "tencent_web", "--json", *words) as started:
            where = _told(started)
            listening = [c.laddr for c in psutil.Process(started.process.pid).net_connections() if c.status == "LISTEN"]
            assert len(listening) == ports
            assert {address.ip for address in listening} == {"127.0.0.1"}
            assert ("admin" in where, "tls" in where) == ("--admin" in words, "--tls" in words)
            started.process.terminate()
            assert started.wait() == 0


def test_a_chosen_port_is_served_again_right_after_the_end(house: House) -> None:
    with house.started("serve", "tencent_web", "--json") as started:
        site = _told(started)["plain"]
        port = site.rpartition(":")[2]
        # Whoever closes a connection first keeps its port waiting for a minute: here the server does.
        with httpx.Client(base_url=site, trust_env=False, timeout=20) as client:
            assert client.get("/TCaptcha.js", headers={"host": ENTRY_HOST}).status_code == 200
            started.process.terminate()
            assert started.wait() == 0
    with house.started("serve", "tencent_web", "--json", "--port", port) as started:
        assert _told(started)["plain"] == f"http://127.0.0.1:{port}"


def test_a_client_that_trusts_the_printed_authority_is_served_over_tls_under_the_vendors_name(house: House) -> None:
    with house.started("serve", "tencent_web", "--tls", "--json") as started:
        where = _told(started)
        host, port = where["tls"].removeprefix("https://").split(":")
        context = ssl.create_default_context(cafile=where["ca_file"])
        plain = socket.create_connection((host, int(port)))
        with context.wrap_socket(plain, server_hostname=ENTRY_HOST) as line:
            line.sendall(f"GET /TCaptcha.js HTTP/1.1\r\nHost: {ENTRY_HOST}\r\nConnection: close\r\n\r\n".encode())
            assert line.recv(64).startswith(b"HTTP/1.1 200 ")
        rules, spki = where["browser_switches"]
        assert f"MAP {ENTRY_HOST} {host}:{port}" in rules
        assert spki.startswith("--ignore-certificate-errors-spki-list=")
        # Which variable each runtime obeys: domain/sdk-behaviour.md, "CA and proxy without touching code".
        assert where["environment"]["node"] == {"NODE_EXTRA_CA_CERTS": where["ca_file"]}
        assert where["environment"]["go"] == {"SSL_CERT_FILE": where["ca_file"]}
        assert "javax.net.ssl.trustStore" in where["environment"]["java"]["JAVA_TOOL_OPTIONS"]


def test_people_are_told_the_same_in_lines(house: House) -> None:
    with house.started("serve", "tencent_web", "--tls", "--admin", "--app-id", "2000000001") as started:
        started.until(lambda: "admin endpoint" in started.said and started.said.endswith("/\n"))
        told = ("2000000001", "ca.pem", "--host-resolver-rules", ENTRY_HOST, "NODE_EXTRA_CA_CERTS", "certification", "unset")
        assert [word for word in told if word not in started.said] == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("serve tencent_wbe", "no provider is called 'tencent_wbe'; did you mean 'tencent_web'?"),
        ("serve", "PROVIDER"),
        ("serve tencent_web --fault entyr=empty", "'entyr'; did you mean 'entry'?"),
        ("serve tencent_web --fault entry=emtpy", "'emtpy'; did you mean 'empty'?"),
        ("serve tencent_web --fault entry=refused", "`captchaos run` does"),
        ("serve tencent_web --fault entry", "--fault takes LINK=FAULT"),
        ("serve tencent_web --fault entry=slow-drip,drip_sm=9", "'drip_sm'; did you mean 'drip_ms'?"),
        ("serve tencent_web --fault entry=slow-drip,drip_ms", "NAME=NUMBER"),
        ("serve tencent_web --fault entry=empty --fault entry=html", "two faults are wanted on the link 'entry'"),
        ("serve tencent_web --option captcha_code=legacy", "'captcha_code'; did you mean 'captcha_codes'?"),
        ("serve tencent_web --option captcha_codes=legcay", "did you mean 'legacy'?"),
        ("serve tencent_web --option evil_level", "--option takes NAME=VALUE"),
        ("serve tencent_web --option retired_hosts=yes", "must be true or false"),
        ("serve tencent_web --prefix trerorr", "did you mean 'trerror'?"),
        ("serve tencent_web --build clasic", "did you mean 'classic'?"),
        ("serve tencent_web --app-id x", "a CaptchaAppId of Tencent's is 1 to 20 decimal digits, not 'x'"),
        ("serve geetest_v4 --app-id a_b", "an app id is 1 to 20 digits (or up to 64 letters, digits and '-'"),
        ("serve tencent_web --port 65536", "a whole number from 0 to 65535"),
        ("serve tencent_web --port -1", "--port"),
        ("serve tencent_web --admin-port 0", "off without --admin"),
        ("serve tencent_web --prot 1", "did you mean '--port'?"),
        ("sevre tencent_web", "did you mean 'serve'?"),
    ],
)
def test_a_wrong_word_gets_one_sentence_and_exit_code_3(capsys: pytest.CaptureFixture[str], words: str, sentence: str) -> None:
    assert sentence in refusal(capsys, words.split())


@pytest.mark.parametrize("option", ["--port", "--admin-port"])
def test_a_port_that_is_taken_is_one_sentence(capsys: pytest.CaptureFixture[str], option: str) -> None:
    with taken_port() as port:
        said = refusal(capsys, ["serve", "tencent_web", "--admin", option, str(port)])
    assert f"cannot listen on port {port} of 127.0.0.1: it is taken" in said


def _told(started: Started) -> dict[str, Any]:
    started.until(lambda: started.said.endswith("\n"))
    return dict(json.loads(started.said))


def _entries(where: dict[str, Any]) -> int:
    return int(httpx.get(where["admin"] + "/counts", trust_env=False, timeout=20).json()["requests"]["entry"])
