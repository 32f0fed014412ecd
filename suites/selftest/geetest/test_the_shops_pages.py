"""The shop's own pages on GeeTest in a real browser, the real shop behind them: what users do, and what vendors do late."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Request

from harness.catalog import Behaviour
from harness.providers.base import PROVIDERS
from suites.selftest.geetest.stage import CAPTCHA_ID, LIMIT_S, Stage, hangs, says
from suites.selftest.shop.parts import FIXTURES, FakeApi, Shop, running

pytestmark = pytest.mark.anyio
HUMAN = PROVIDERS.get("geetest_v4").human


@dataclass(kw_only=True)
class Customer:
    """Somebody at the shop's login or checkout, and what the page sent."""

    stage: Stage
    shop: Shop
    sent: list[dict[str, str]]

    async def comes(self, path: str, *, virtual: bool = False) -> None:
        page = self.stage.page
        page.on("request", self._note)
        if virtual:
            await page.clock.install()
        await page.goto(f"{self.shop.url}{path}", wait_until="domcontentloaded")
        for name, value in (("username", "user-1@shop.test"), ("password", "correct horse"), ("email", "a@shop.test")):
            if await page.locator(f"[name={name}]").count():
                await page.fill(f"[name={name}]", value)

    def _note(self, request: Request) -> None:
        if request.method == "POST" and request.post_data:
            self.sent.append(json.loads(request.post_data))

    async def press(self) -> None:
        await self.stage.page.click("#form button:enabled")

    async def solve(self) -> None:
        await asyncio.wait_for(HUMAN.challenge_visible(self.stage.page), LIMIT_S)
        await asyncio.wait_for(HUMAN.solve(self.stage.page, Behaviour(), _unmarked), LIMIT_S)

    async def told(self, place: str) -> str:
        await self.stage.page.locator(place).wait_for(state="visible", timeout=LIMIT_S * 1000)
        return await self.stage.page.inner_text(place)

    async def until_asked(self, link: str) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not self.stage.hosts(link):  # noqa: ASYNC110 - the log has no event
                await asyncio.sleep(0.01)


async def _unmarked(_what: str) -> None:
    """Nobody keeps the times here."""


@pytest.fixture
async def customer(stage: Stage, tmp_path: Path) -> AsyncIterator[Customer]:
    vendor = stage.vendor
    environment = {"CAPTCHA_VENDOR": "geetest", "CAPTCHA_APP_ID": CAPTCHA_ID}
    environment["CAPTCHA_APP_SECRET"] = vendor.emulator.credentials.app_secret
    with contextlib.ExitStack() as stack:
        api = FakeApi(port=vendor.plain_port)
        shop = await asyncio.to_thread(stack.enter_context, running(FIXTURES / "shop", api, tmp_path, **environment))
        yield Customer(stage=stage, shop=shop, sent=[])
        # The client of the tests keeps its connections: it is closed by the same thread that opened it.
        await asyncio.to_thread(stack.close)


def sessions(customer: Customer) -> list[Any]:
    return [(one["verified"], one["ticket"]) for one in customer.shop.sessions()]


async def test_a_closed_puzzle_and_a_refused_pass_both_lead_to_a_new_try(customer: Customer) -> None:
    page = customer.stage.page
    await customer.comes("/login")
    await customer.press()
    await page.click(".geetest_close", timeout=LIMIT_S * 1000)
    assert "closed the check" in await customer.told("#message")
    # The pass is used up by somebody else before the shop asks: it is refused, and the next puzzle is another one.
    customer.stage.breaks("verdict", says('{"status": "success", "result": "fail", "reason": "pass_token used"}'))
    await customer.press()
    await customer.solve()
    assert "did not succeed" in await customer.told("#message")
    customer.stage.vendor.responses.clear("verdict")
    await customer.press()
    await customer.solve()
    assert "signed in" in await customer.told("#done")
    first, second = (json.loads(one["ticket"])["lot_number"] for one in customer.sent)
    assert first != second
    assert (await asyncio.to_thread(sessions, customer)) == [(True, None)]


async def test_a_part_that_is_lost_while_the_user_solves_takes_nothing_away(customer: Customer) -> None:
    customer.stage.breaks("gct", hangs)
    await customer.comes("/login", virtual=True)
    await customer.press()
    await asyncio.wait_for(HUMAN.challenge_visible(customer.stage.page), LIMIT_S)
    # Three sources of ten seconds each, and onError tells 60205 while the puzzle stands.
    for _ in range(64):
        await customer.stage.page.clock.run_for(500)
    assert customer.sent == []
    await customer.solve()
    assert "signed in" in await customer.told("#done")
    assert (await asyncio.to_thread(sessions, customer)) == [(True, None)]


async def test_a_vendor_that_comes_after_the_watchdog_changes_nothing(customer: Customer) -> None:
    page = customer.stage.page
    customer.stage.breaks("static", hangs)
    await customer.comes("/checkout", virtual=True)
    await customer.until_asked("static")
    await customer.press()
    for _ in range(17):
        await page.clock.run_for(500)
    assert "code of six digits" in await customer.told("#step-up")
    # All three sources fail now, long after the order was taken: 60204 is told to a page that has gone on.
    for _ in range(60):
        await page.clock.run_for(500)
    assert [one["ticket"].split("_")[:3] for one in customer.sent] == [["terror", "1001", CAPTCHA_ID]]
    assert await page.locator(".geetest_box").count() == 0
    pending = await asyncio.to_thread(customer.shop.pending)
    assert [(one["verified"], one["state"]) for one in pending] == [(False, "pending")]
