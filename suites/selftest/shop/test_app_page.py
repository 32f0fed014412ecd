"""The page that the shop's app shows in its web view: it says how it stands again and again, and what stands to nobody else."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from playwright.async_api import Page, Route, async_playwright

from harness.setup.browser import find_browser
from suites.selftest.shop.parts import APP_ID, Shop

BRIDGE = "window.heard = []; window.ShopApp = { postMessage: text => window.heard.push(text) };"


def shown(shop: Shop, *, bridge: str = BRIDGE, locale: str = "en-US", script: str | None = None) -> tuple[list[Any], str]:
    """What the page told the app in seven seconds, and what it showed; ``script`` is what the vendor's entry serves."""

    async def answer(route: Route) -> None:
        await (route.abort() if script is None else route.fulfill(body=script, content_type="text/javascript"))

    async def look(page: Page) -> tuple[list[Any], str]:
        await page.clock.install()
        await page.route(re.compile("^https:"), answer)
        await page.add_init_script(bridge)
        await page.goto(f"{shop.url}/app/captcha")
        await page.wait_for_selector("#status:visible, #message:visible")
        await page.clock.run_for(7000)
        return await page.evaluate("window.heard ?? []"), await page.inner_text("body")

    async def run() -> tuple[list[Any], str]:
        found = await find_browser()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found.path)
            page = await browser.new_page(locale=locale, viewport={"width": 390, "height": 760})
            heard, text = await look(page)
            await browser.close()
            return [json.loads(one) for one in heard], text

    return asyncio.run(run())


def vendor(result: str) -> str:
    """A client that calls back with this, as soon as it is shown."""
    return f"window.TencentCaptcha = class {{ constructor(id, done) {{ this.show = () => done({result}); }} }};"


def test_a_captcha_that_does_not_load_is_told_as_the_documented_ticket_and_told_again(shared: Shop) -> None:
    heard, _text = shown(shared)
    assert heard[0] == {"type": "alive"}
    results = [one for one in heard if one["type"] == "result"]
    assert len(results) > 2
    assert len({one["ticket"] for one in results}) == 1
    assert re.fullmatch(rf"terror_1001_{APP_ID}_[0-9]{{10}}", results[0]["ticket"])
    assert results[0]["error_code"] == "1001"


def test_a_ticket_of_the_vendors_is_handed_on_as_it_is(shared: Shop) -> None:
    heard, _text = shown(shared, script=vendor('{ ret: 0, ticket: "tr03x*", randstr: "@abc" }'))
    assert heard[-1] == {"type": "result", "ticket": "tr03x*", "randstr": "@abc"}


def test_who_closes_the_captcha_goes_back_to_the_app(shared: Shop) -> None:
    heard, _text = shown(shared, script=vendor("{ ret: 2, ticket: null }"))
    assert heard[-1] == {"type": "closed"}


def test_a_client_that_never_calls_back_is_still_a_page_that_lives(shared: Shop) -> None:
    heard, _text = shown(shared, script="window.TencentCaptcha = class { show() {} };")
    # One at once and one every two seconds; its own watchdog comes after eight.
    assert heard == [{"type": "alive"}] * 4


@pytest.mark.parametrize(("locale", "said"), [("en-US", "belongs to our app"), ("zh-CN", "请在应用中打开")])
def test_a_browser_is_told_where_the_page_belongs(shared: Shop, locale: str, said: str) -> None:
    _heard, text = shown(shared, bridge="", locale=locale)
    assert said in text
