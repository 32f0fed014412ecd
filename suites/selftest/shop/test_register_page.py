"""The page on which people register by SMS, in a browser, on the emulated OneAccess: by mouse, by keyboard, in an outage."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from harness.catalog import Behaviour
from harness.providers.base import PROVIDERS
from harness.providers.huawei.eyes import find_gap
from harness.setup.browser import find_browser
from suites.selftest.huawei.tenant import Tenant
from suites.selftest.shop.parts import FIXTURES, FakeApi, running

MOBILE = "13800138000"
HUMAN = PROVIDERS.get("huawei").human
PANEL = "#oneaccess-captcha"


@pytest.fixture
def tenant(authority: Any) -> Iterator[Tenant]:
    site = Tenant(authority)
    yield site
    site.close()


@pytest.fixture
def url(tenant: Tenant, tmp_path: Path) -> Iterator[str]:
    told = {
        "ONEACCESS_API": f"http://127.0.0.1:{tenant.server.plain_port}", "ONEACCESS_APP_ID": "2000000001",
        "ONEACCESS_CLIENT_ID": tenant.emulator.credentials.more["client_id"],
    }  # fmt: skip
    with running(FIXTURES / "shop", FakeApi(), tmp_path, **told) as shop:
        yield f"{shop.url}/register"


def in_a_browser(work: Callable[[Page], Awaitable[Any]], *, locale: str = "en-US") -> list[str]:
    """Do it; returns every uncaught error of the page."""
    uncaught: list[str] = []

    async def run() -> None:
        found = await find_browser()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found.path)
            page = await browser.new_page(locale=locale, viewport={"width": 390, "height": 900})
            page.set_default_timeout(20_000)
            page.on("pageerror", lambda error: uncaught.append(str(error)))
            await work(page)
            await browser.close()

    asyncio.run(run())
    return uncaught


async def ask_for_sms(page: Page, url: str) -> None:
    await page.goto(url)
    await page.fill("#mobile", MOBILE)
    await page.fill("#email", "new@shop.test")
    await page.click("#register-button:enabled")


async def ignored(_act: str) -> None:
    return None


def test_a_person_with_a_mouse_registers_after_a_miss_and_a_misread_code(tenant: Tenant, url: str) -> None:
    async def register(page: Page) -> None:
        await ask_for_sms(page, url)
        await HUMAN.challenge_visible(page)
        box = await page.locator("#oneaccess-handle").bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 5, box["y"] + 5)
        await page.mouse.down()
        await page.mouse.up()
        await page.wait_for_selector(f'{PANEL}[data-round="2"]')
        assert "The piece was not in the gap" in await page.inner_text("#message")
        await HUMAN.solve(page, Behaviour(refresh=True), ignored)
        await page.wait_for_selector("#sms-code", state="visible")
        assert await page.evaluate("document.activeElement.id") == "sms-code"
        assert not await page.is_visible(PANEL)
        right = tenant.emulator.delivered(MOBILE)
        await page.fill("#sms-code", f"{(int(right) + 1) % 10**6:06}")
        await page.click("#sms-button")
        await page.wait_for_selector("#message:not([hidden])")
        assert "This code is not right" in await page.inner_text("#message")
        await page.fill("#sms-code", right)
        await page.click("#sms-button")
        await page.wait_for_selector("#done:not([hidden])")
        assert "registered with your mobile number" in await page.inner_text("#done")

    assert in_a_browser(register) == []
    assert [sms.mobile for sms in tenant.emulator.sent] == [MOBILE]


def test_a_person_with_a_keyboard_moves_and_drops_the_piece(tenant: Tenant, url: str) -> None:
    async def register(page: Page) -> None:
        await ask_for_sms(page, url)
        await HUMAN.challenge_visible(page)
        handle = page.locator("#oneaccess-handle")
        assert await page.evaluate("document.activeElement.id") == "oneaccess-handle", "no need to look for it"
        shown = [await page.get_attribute(name, "src") or "" for name in ("#oneaccess-picture", "#oneaccess-piece")]
        gap = find_gap(*(source.partition(",")[2] for source in shown))
        while int(await handle.get_attribute("aria-valuenow") or 0) < gap - 5:
            await page.keyboard.press("ArrowRight")
        while int(await handle.get_attribute("aria-valuenow") or 0) < gap:
            await page.keyboard.press("Shift+ArrowRight")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#sms-code", state="visible")

    assert in_a_browser(register) == []
    assert len(tenant.emulator.sent) == 1


def test_an_answer_that_is_none_leaves_the_page_usable_and_a_used_up_code_is_explained(tenant: Tenant, url: str) -> None:
    async def register(page: Page) -> None:
        await page.route("**/register/captcha", lambda route: route.fulfill(body="null"), times=1)
        await ask_for_sms(page, url)
        await page.wait_for_selector("#message:not([hidden])")
        assert "Something went wrong on our side" in await page.inner_text("#message")
        assert await page.get_attribute("#register-button", "aria-disabled") == "false"
        await page.click("#register-button")
        await HUMAN.challenge_visible(page)
        await HUMAN.solve(page, Behaviour(), ignored)
        await page.wait_for_selector("#sms-code", state="visible")
        wrong = f"{(int(tenant.emulator.delivered(MOBILE)) + 1) % 10**6:06}"
        for _ in range(3):
            await page.fill("#sms-code", wrong)
            async with page.expect_response("**/sms"):
                await page.click("#sms-button")
            await page.wait_for_selector("#message:not([hidden]), #code:visible")
        await page.wait_for_selector("#code", state="visible")
        assert "The code from the SMS can no longer be used" in await page.inner_text("#step-up")

    assert in_a_browser(register) == []
    assert len(tenant.emulator.sent) == 1


def test_a_dead_oneaccess_is_explained_and_the_e_mail_lets_the_person_in(tenant: Tenant, url: str) -> None:
    async def register(page: Page) -> None:
        tenant.strike("picture", "status-503")
        await ask_for_sms(page, url)
        await page.wait_for_selector("#code", state="visible")
        assert await page.evaluate("document.activeElement.id") == "code"
        assert "暂时无法发送或校验短信" in await page.inner_text("#step-up")
        assert await page.get_attribute("#other-way a", "href") == "/login"
        mails = await page.request.get(url.replace("/register", "/admin/outbox.json"))
        await page.fill("#code", (await mails.json())[-1]["code"])
        await page.click("#code-button")
        await page.wait_for_selector("#done:not([hidden])")
        assert "已使用邮箱注册" in await page.inner_text("#done")

    assert in_a_browser(register, locale="zh-CN") == []
    assert tenant.emulator.sent == []
