"""The user's address: what a verdict call names is kept, and a ticket is bound to the address that its visitor comes from."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode

import httpx
import pytest

from harness.certificates import Authority, CertificateBook
from harness.providers.base import PROVIDERS, BindsToVisitor, NamesUser, Request, VerdictCase
from harness.providers.serving import Arrival, ProviderServer
from harness.providers.tencent_web.emulator import TencentEmulator
from suites.selftest.tencent_api.calls import HOST, request, signed

HERS, HIS = "198.51.100.17", "198.51.100.99"
WEB = PROVIDERS.get("tencent_web")
FIELDS = {"CaptchaType": 9, "Ticket": "t03a", "UserIp": HERS, "CaptchaAppId": 199999164, "AppSecretKey": "s"}
OLD = {"aid": "199999164", "AppSecretKey": "s", "Ticket": "t03a", "Randstr": "@x", "UserIP": HERS}


def old(method: str) -> Request:
    sent = {"query": OLD, "raw_query": urlencode(OLD)} if method == "GET" else {"body": urlencode(OLD).encode()}
    return request(host="ssl.captcha.qq.com", path="/ticket/verify", method=method, **sent)


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("tencent_web", signed("DescribeCaptchaResult", FIELDS)),
        ("tencent_mini", signed("DescribeCaptchaMiniResult", FIELDS)),
        ("tencent_web", old("GET")),
        ("tencent_web", old("POST")),
    ],
    ids=["web", "mini program", "before 3.0, GET", "before 3.0, POST"],
)
def test_every_interface_names_the_user_in_its_own_words(name: str, asked: Request) -> None:
    emulator = PROVIDERS.get(name).emulator(app_id="199999164", prefix="terror")
    assert isinstance(emulator, NamesUser)
    assert emulator.user_ip_of(asked) == HERS


def test_a_call_that_names_nobody_or_no_text_and_a_request_of_a_browser_name_no_user() -> None:
    emulator = WEB.emulator(app_id="199999164", prefix="terror")
    assert isinstance(emulator, NamesUser)
    for fields in ({**FIELDS, "UserIp": 17}, {name: value for name, value in FIELDS.items() if name != "UserIp"}):
        assert emulator.user_ip_of(signed("DescribeCaptchaResult", fields)) == ""
    assert emulator.user_ip_of(request(body=b"\xff{")) == ""
    assert emulator.user_ip_of(request(link="config", query={"UserIp": HERS})) == ""


def test_vendors_that_ask_for_no_address_name_nobody() -> None:
    for name, app_id in (("huawei", "2000000001"), ("geetest_v4", "647f5ed2ed8acb4be36784e01556bb71")):
        assert not isinstance(PROVIDERS.get(name).emulator(app_id=app_id, prefix="terror", options={}), NamesUser)


def legacy(visitor: str) -> tuple[TencentEmulator, VerdictCase]:
    """An account on the older table, which binds a ticket to its visitor's address, and the good ticket of a case."""
    emulator = WEB.emulator(app_id="199999164", prefix="terror", options={"captcha_codes": "legacy"})
    assert isinstance(emulator, TencentEmulator)
    assert isinstance(emulator, BindsToVisitor)
    emulator.visitor_ip = lambda: visitor
    return emulator, next(case for case in WEB.verdict_cases(emulator) if case.rewrite is not None)


@pytest.mark.parametrize(("named", "code"), [(HERS, 1), (HIS, 13), ("127.0.0.1", 13)])
def test_by_the_older_table_a_ticket_passes_for_the_address_at_which_its_visitor_was_seen(named: str, code: int) -> None:
    emulator, case = legacy(HERS)
    console = emulator.credentials
    redeemed = emulator.tickets.redeem(
        case.ticket,
        app_id=console.app_id,
        randstr=case.randstr,
        user_ip=named,
        now=emulator.now(),
        judge=emulator.api.table.judge,
    )
    assert redeemed == code


def test_a_secret_is_noted_on_every_link_and_only_the_same_question_has_the_same_fingerprint(authority: Authority) -> None:
    async def ask() -> list[Arrival]:
        server = ProviderServer(WEB.emulator(app_id="199999164", prefix="terror"), CertificateBook(authority))
        await server.start(tls=False)
        body = json.dumps(FIELDS | {"AppSecretKey": server.emulator.credentials.app_secret})
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.plain_port}") as client:
                for signature in ("signed at 1", "signed at 1", "signed at 2"):
                    sent = {"host": HOST, "authorization": signature, "x-tc-action": "DescribeCaptchaResult"}
                    await client.post("/", content=body, headers=sent)
        finally:
            await server.stop()
        return server.log

    first, again, anew = asyncio.run(ask())
    assert first.fingerprint == again.fingerprint != anew.fingerprint
    assert (first.link, first.carried) == ("verdict", ("app_secret",))
