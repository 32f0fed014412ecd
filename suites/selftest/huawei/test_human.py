"""A person solves the slider in a browser by looking at it; the page tells where the piece was dropped, the vendor judges."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from harness.catalog import Behaviour
from harness.errors import LaboratoryError
from harness.providers.base import PROVIDERS
from harness.setup.browser import find_browser
from suites.selftest.huawei.shop_page import shop_page
from suites.selftest.huawei.tenant import Tenant, point

HUMAN = PROVIDERS.get("huawei").human


def on_a_page(content: str, work: Callable[[Page], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        found = await find_browser()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=found.path)
            page = await browser.new_page()
            await page.set_content(content)
            done = await work(page)
            await browser.close()
            return done

    return asyncio.run(run())


async def solved(page: Page, *, refresh: bool = False) -> tuple[list[float], list[str]]:
    acts: list[str] = []

    async def mark(act: str) -> None:
        acts.append(act)

    await HUMAN.challenge_visible(page)
    await HUMAN.solve(page, Behaviour(refresh=refresh), mark)
    return await page.evaluate("dropped"), acts


@pytest.mark.parametrize("width", [310, 465])
def test_the_piece_is_dropped_where_the_vendor_wants_it(tenant: Tenant, width: int) -> None:
    shown = tenant.picture()
    (x,), acts = on_a_page(shop_page(shown, width=width), solved)
    assert tenant.validate(shown["token"], point(x)).status_code == 200
    assert acts == ["drag", "dragged"]


def test_another_picture_is_asked_for_and_solved(tenant: Tenant) -> None:
    first, second = tenant.picture(), tenant.picture()
    (x,), acts = on_a_page(shop_page(first, second), lambda page: solved(page, refresh=True))
    assert tenant.validate(second["token"], point(x)).status_code == 200
    assert acts == ["refresh", "refreshed", "drag", "dragged"]


def test_nothing_is_dragged_when_no_other_picture_comes(tenant: Tenant) -> None:
    dropped, acts = on_a_page(shop_page(tenant.picture()), lambda page: solved(page, refresh=True))
    assert (dropped, acts) == ([], ["refresh"])


def test_a_picture_that_nobody_can_look_at_is_the_laboratorys_error(tenant: Tenant) -> None:
    content = shop_page(tenant.picture()).replace('"data:image/png;base64,"', '"https://elsewhere.example/"')
    with pytest.raises(LaboratoryError, match="#oneaccess-picture"):
        on_a_page(content, lambda page: HUMAN.solve(page, Behaviour(), ignored))


async def ignored(act: str) -> None:
    return None
