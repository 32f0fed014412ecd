"""How the shop's page asks for its encrypted app id: what it takes for one, how often it asks, and when it asks again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page, Route, async_playwright

from harness.setup.browser import find_browser
from suites.selftest.shop.parts import FIXTURES

SITE = "http://shop.test"
# The example of the vendor's guide (seed 003), and another of the same length.
VALUE = "MDEyMzQ1Njc4OTAxMjM0NWvZ11atw+1uzYmoIyt5rAQVPyMK9ZDavskPw5hcayeT"
NEWER = VALUE[:-1] + "U"
GOOD_FOR_S = 600
OPTIONS = {"aidEncrypted": VALUE, "aidEncryptedType": "cbc"}
MODULE = (FIXTURES / "shop" / "static" / "aid.js").read_text(encoding="utf-8")
PAGE = '<script type="module">import { Aid } from "/aid.js"; Object.assign(window, { Aid, aid: new Aid("/aid") });</script>'


def said(value: object = VALUE, good_for_s: object = GOOD_FOR_S) -> str:
    return json.dumps({"aid_encrypted": value, "type": "cbc", "good_for_s": good_for_s})


DOWN, HANGS = None, ""


@dataclass(kw_only=True)
class Origin:
    """What the endpoint answers, one after the other; ``asked`` counts what came to it."""

    answers: list[str | None]
    asked: int = 0
    held: list[Route] = field(default_factory=list)
    hung: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/aid":
            await self._answer(route)
        else:
            body, kind = {"/": (PAGE, "text/html"), "/aid.js": (MODULE, "text/javascript")}.get(path, ("", "text/plain"))
            await route.fulfill(body=body, content_type=kind)

    async def _answer(self, route: Route) -> None:
        self.asked += 1
        answer = self.answers.pop(0)
        if answer == HANGS:
            self.held.append(route)
            self.hung.set()
        elif answer is DOWN:
            await route.fulfill(status=503, body=said(), content_type="application/json")
        else:
            await route.fulfill(body=answer, content_type="application/json")


async def renewed(page: Page) -> Any:
    """Ask if one is due, as before each captcha, and tell the constructor's options."""
    return await page.evaluate("aid.renew().then(() => aid.options)")


def on_the_page(origin: Origin, work: Callable[[Page], Awaitable[None]]) -> None:
    async def run() -> None:
        found = await find_browser()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found.path)
            page = await browser.new_page()
            await page.clock.install()
            await page.route("**/*", origin.serve)
            await page.goto(SITE)
            await page.wait_for_function("window.aid")
            await work(page)
            for route in origin.held:
                await route.abort()
            await browser.close()

    asyncio.run(run())


def test_after_one_failure_it_asks_once_more_and_has_its_value() -> None:
    origin = Origin(answers=[DOWN, said()])

    async def work(page: Page) -> None:
        assert await renewed(page) == OPTIONS

    on_the_page(origin, work)
    assert origin.asked == 2


def test_what_is_no_value_is_asked_for_twice_and_never_handed_on() -> None:
    answers = [
        DOWN, "<html>", "null", "[]", "{}", said(None), said(""), said(7), said([VALUE]), said("error"), said(VALUE[:36]),
        said(f"{VALUE} "), said(f"{VALUE[:-1]}-"), said(f"<b>{VALUE}"), said(VALUE * 8), said(good_for_s=0),
        said(good_for_s=-5), said(good_for_s="soon"), said(good_for_s="600"), said(good_for_s=None),
    ]  # fmt: skip
    origin = Origin(answers=[one for one in answers for _ in range(2)])

    async def work(page: Page) -> None:
        for number, answer in enumerate(answers, 1):
            assert await renewed(page) == {}, answer
            assert origin.asked == 2 * number, answer
            await page.evaluate("window.aid = new Aid('/aid'), null")

    on_the_page(origin, work)


def test_nobody_waits_for_longer_than_three_seconds_in_all() -> None:
    origin = Origin(answers=[DOWN, HANGS])

    async def work(page: Page) -> None:
        await page.evaluate("void aid.renew().then(() => { window.over = true; })")
        await asyncio.wait_for(origin.hung.wait(), 20)
        await page.clock.run_for(2900)
        assert await page.evaluate("window.over ?? false") is False
        await page.clock.run_for(101)
        await page.wait_for_function("window.over")
        assert await page.evaluate("aid.options") == {}

    on_the_page(origin, work)
    assert origin.asked == 2


def test_a_value_is_used_until_half_of_its_time_has_passed_and_then_renewed() -> None:
    origin = Origin(answers=[said(), said(NEWER)])

    async def work(page: Page) -> None:
        assert await renewed(page) == OPTIONS
        await page.clock.fast_forward((GOOD_FOR_S // 2 - 5) * 1000)
        assert await renewed(page) == OPTIONS
        assert origin.asked == 1
        await page.clock.fast_forward(6000)
        assert await renewed(page) == OPTIONS | {"aidEncrypted": NEWER}

    on_the_page(origin, work)
    assert origin.asked == 2


def test_a_clock_that_was_set_back_makes_it_ask_again() -> None:
    origin = Origin(answers=[said(), said(NEWER)])

    async def work(page: Page) -> None:
        await renewed(page)
        then_ms = await page.evaluate("Date.now()")
        await page.clock.set_system_time(then_ms / 1000 - 3600)
        assert await page.evaluate("Date.now()") < then_ms - 3_500_000
        assert await renewed(page) == OPTIONS | {"aidEncrypted": NEWER}

    on_the_page(origin, work)
    assert origin.asked == 2


def test_while_the_endpoint_is_down_an_old_value_serves_until_it_expires_and_a_new_one_is_asked_for_every_ten_seconds() -> None:
    origin = Origin(answers=[said(), DOWN, DOWN, DOWN, DOWN, DOWN, DOWN, said(NEWER)])

    async def work(page: Page) -> None:
        await renewed(page)
        for wait_s, asked, options in (
            (GOOD_FOR_S // 2 + 1, 3, OPTIONS), (9, 3, OPTIONS), (2, 5, OPTIONS), (GOOD_FOR_S // 2, 7, {}),
            (11, 8, OPTIONS | {"aidEncrypted": NEWER}),
        ):  # fmt: skip
            await page.clock.fast_forward(wait_s * 1000)
            assert await renewed(page) == options, wait_s
            assert origin.asked == asked, wait_s

    on_the_page(origin, work)
