"""The real command in one process, the vendor's official Python SDK in another, a browser in a third: every code, and errors.

The codes are transcribed from domain/tencent-api.md 1.4 and 1.5b and from seed 001 (26), never from the emulator.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.async_api import async_playwright

from harness.catalog import Behaviour
from harness.providers.base import PROVIDERS
from harness.setup.browser import find_browser
from suites.selftest.acceptance.command import REPOSITORY, House, Started
from suites.selftest.standins import in_a_thread
from suites.selftest.tencent_sdk.measured import UNREADABLE, VERDICTS_AND_ERRORS
from suites.selftest.tencent_sdk.node_sdk import PROXY_VARIABLES
from suites.selftest.tencent_sdk.outcome import Outcome

LIMIT_S = 60
APP_ID = "199999164"


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """What the command said of itself, and an SDK that asks there."""

    where: dict[str, Any]
    sdk: subprocess.Popen[str]
    started: Started

    def mint(self, cause: str = "honest") -> dict[str, Any]:
        return dict(self.admin("POST", "/tickets", {"cause": cause}))

    def admin(self, method: str, path: str, given: object = None) -> Any:
        answer = httpx.request(method, self.where["admin"] + path, json=given, trust_env=False, timeout=LIMIT_S)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ask(self, ticket: str, randstr: str, *, tls: bool = False, **fields: object) -> tuple[str, Any]:
        outcome = self.outcome(ticket, randstr, tls=tls, **fields)
        return outcome.how, outcome.code

    def outcome(
        self,
        ticket: str,
        randstr: str,
        *,
        tls: bool = False,
        method: str = "POST",
        keys: Mapping[str, str] | None = None,
        **fields: object,
    ) -> Outcome:
        """What the SDK comes away with; ``keys`` stand in the place of the account's, and a field that is None is left out."""
        account, site = self.where["credentials"], self.where["tls" if tls else "plain"]
        protocol, _, endpoint = site.partition("://")
        question = {
            "credential": {"secretId": account["secret_id"], "secretKey": account["secret_key"], **(keys or {})},
            "http": {"protocol": protocol, "endpoint": endpoint, "reqMethod": method, "reqTimeout": 20},
            "fields": {name: value for name, value in {
                "CaptchaType": 9,
                "Ticket": ticket,
                "UserIp": "203.0.113.7",
                "Randstr": randstr,
                "CaptchaAppId": int(account["app_id"]),
                "AppSecretKey": account["app_secret"],
                **fields,
            }.items() if value is not None},
        }  # fmt: skip
        assert self.sdk.stdin is not None
        assert self.sdk.stdout is not None
        self.sdk.stdin.write(json.dumps(question) + "\n")
        self.sdk.stdin.flush()
        return Outcome(**json.loads(self.sdk.stdout.readline()))

    def ask_minted(self, cause: str = "honest", **more: Any) -> tuple[str, Any]:
        minted = self.mint(cause)
        return self.ask(minted["ticket"], minted["randstr"], **more)


@contextlib.contextmanager
def vendor(house: House, *words: str) -> Iterator[Vendor]:
    with house.started("serve", "tencent_web", "--json", "--admin", *words) as started:
        started.until(lambda: started.said.endswith("\n"))
        where = json.loads(started.said)
        own = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
        sdk = subprocess.Popen(
            [sys.executable, "-m", "suites.selftest.serve.sdk_process", where.get("ca_file", "")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=own,
        )  # fmt: skip
        try:
            yield Vendor(where=where, sdk=sdk, started=started)
        finally:
            assert sdk.stdin is not None
            assert sdk.stdout is not None
            sdk.stdin.close()
            sdk.wait(LIMIT_S)
            sdk.stdout.close()


def test_the_official_sdk_meets_every_code_and_errors_by_a_fault(house: House) -> None:
    with vendor(house, "--tls") as served:
        honest = served.mint()
        assert served.ask(honest["ticket"], honest["randstr"]) == ("code", 1)
        assert served.ask(honest["ticket"], honest["randstr"]) == ("code", 9)
        assert served.ask_minted(tls=True) == ("code", 1)
        other = served.mint()
        assert served.ask(other["ticket"], "@another") == ("code", 7)
        assert served.ask_minted("expired-ticket") == ("code", 8)
        assert served.ask("tr03" + "A" * 156 + "*", "@abc") == ("code", 15)
        assert served.ask(f"terror_1001_188888888_{int(time.time())}", "@abc") == ("code", 16)
        assert served.ask(f"terror_1001_{APP_ID}_{int(time.time())}", "@abc") == ("code", 21)
        assert served.ask_minted(AppSecretKey="not the secret") == ("code", 100)
        for fault, met in (
            ("system-busy-26", ("code", 26)),
            ("internal-error", ("sdk-error", "InternalError")),
            ("throttled", ("sdk-error", "RequestLimitExceeded")),
            ("empty", ("sdk-error", "JSONDecodeError")),
            ("clock-skew", ("sdk-error", "AuthFailure.SignatureExpire")),
        ):
            served.admin("PUT", "/faults/verdict", {"fault": fault})
            assert served.ask_minted() == met
        served.admin("DELETE", "/faults")
        assert served.ask_minted() == ("code", 1)
        counted = served.admin("GET", "/counts")
        _nothing_secret(served)
    assert counted["requests"]["verdict"] == 15
    # Genuine tickets: 1, 9, 1, 7, 8, 100, under four faults that let the call be acted on, and 1. Fallback tickets, an
    # undecryptable one and a call whose signature was refused are nobody's bill.
    assert counted["billed"] == 11
    assert {"said": "code 1", "altered_by": "internal-error", "count": 1} in counted["verdicts"]


def test_the_official_sdk_meets_every_error_by_what_a_caller_gets_wrong(house: House) -> None:
    """Of 1.6, what a gateway says of the request itself; the region, the product and the version are the SDK's own affair."""
    by_keys = {
        "AuthFailure.SignatureFailure": {"secretKey": "another"},
        "AuthFailure.SecretIdNotFound": {"secretId": "AKIDunknown"},
        "AuthFailure.InvalidSecretId": {"secretId": "nobody"},
        "AuthFailure.TokenFailure": {"token": "expired"},
    }
    by_fields: dict[str, dict[str, Any]] = {
        "MissingParameter": {"Randstr": None},
        "InvalidParameter": {"CaptchaType": 8},
        "InvalidParameterValue": {"CaptchaAppId": 1 << 63},
        "RequestSizeLimitExceeded": {"method": "GET", "randstr": "@" + "a" * 40_000},
    }
    with vendor(house) as served:
        good = served.mint()
        for error, keys in by_keys.items():
            assert served.outcome(good["ticket"], good["randstr"], keys=keys).code == error
        for error, more in by_fields.items():
            told = served.outcome(**{"ticket": good["ticket"], "randstr": good["randstr"]} | more)
            assert (told.how, told.code) == ("sdk-error", error)
        assert served.ask(good["ticket"], good["randstr"]) == ("code", 1), "none of it used the ticket up"
        for fault, error in (
            ("arrears", "UnauthorizedOperation.Unauthorized"),
            ("internal-server-error", "InternalServerError"),
            ("charset-error", None),
        ):
            served.admin("PUT", "/faults/verdict", {"fault": fault})
            assert served.ask_minted()[1] == error


@pytest.mark.nightly
def test_the_official_sdk_reads_every_answer_of_the_notes_as_it_was_measured_to(house: House) -> None:
    with vendor(house) as served:
        met = {}
        for fault, (python, _node) in (VERDICTS_AND_ERRORS | UNREADABLE).items():
            served.admin("PUT", "/faults/verdict", {"fault": fault})
            minted = served.mint()
            told = served.outcome(minted["ticket"], minted["randstr"])
            if not python.met_by(told):
                met[fault] = told
        assert met == {}
        counted = served.admin("GET", "/counts")
    assert (counted["requests"]["verdict"], counted["broken"]) == (len(VERDICTS_AND_ERRORS) + len(UNREADABLE), 0)


def _nothing_secret(served: Vendor) -> None:
    """The command said its account once, where it was asked to, and nothing after that."""
    assert served.started.said.count("\n") == 1
    for secret in ("app_secret", "secret_key"):
        assert served.started.said.count(served.where["credentials"][secret]) == 1


PAGE = f"""<!doctype html><button id="ask">ask</button>
<script src="https://turing.captcha.qcloud.com/TCaptcha.js"></script>
<script>
document.querySelector("#ask").onclick = () => new TencentCaptcha("{APP_ID}", told => {{ window.told = told; }}).show();
</script>"""


def test_a_browser_with_the_printed_switches_gets_a_ticket_that_the_sdk_finds_good(house: House) -> None:
    with vendor(house, "--tls") as served, _page() as site:
        told = asyncio.run(_solved(site, served.where["browser_switches"]))
        assert told["ret"] == 0
        assert served.ask(told["ticket"], told["randstr"], tls=True) == ("code", 1)
        assert served.ask(told["ticket"], told["randstr"]) == ("code", 9)
        counted = served.admin("GET", "/counts")
    walked = ("entry", "frame", "config", "template", "iframe", "library", "slider", "verify")
    assert [link for link in walked if not counted["requests"][link]] == []


class _Pages(BaseHTTPRequestHandler):
    """The page, from loopback: Chromium keeps pages from elsewhere away from it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server gives it
        pass


@contextlib.contextmanager
def _page() -> Iterator[str]:
    with in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), _Pages)) as server:
        yield f"http://127.0.0.1:{server.server_port}/"


async def _solved(site: str, switches: list[str]) -> dict[str, Any]:
    async def marked(_act: str) -> None:
        pass

    human, found = PROVIDERS.get("tencent_web").human, await find_browser()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found.path, args=switches)
        page = await browser.new_page()
        await page.goto(site)
        await page.click("#ask")
        await asyncio.wait_for(human.challenge_visible(page), LIMIT_S)
        await human.solve(page, Behaviour(), marked)
        told = await page.wait_for_function("window.told")
        fields: dict[str, Any] = await told.json_value()
        await browser.close()
    return fields


def test_a_fault_of_the_command_line_stands_from_the_first_request(house: House) -> None:
    with vendor(house, "--fault", "verdict=internal-server-error") as served:
        assert served.ask_minted() == ("sdk-error", "InternalServerError")


@pytest.mark.parametrize(
    ("option", "cause", "code"),
    [("captcha_codes=legacy", "honest-ticket-of-another-app", 16), ("risk_blocks=true", "honest", 21)],
)
def test_an_option_of_the_provider_is_obeyed(house: House, option: str, cause: str, code: int) -> None:
    with vendor(house, "--option", option) as served:
        assert served.ask_minted(cause) == ("code", code)
