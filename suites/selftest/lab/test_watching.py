"""What a user could see and use, and how long a page takes to answer, on a real page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page

from harness.catalog import Behaviour
from harness.lab.handle import User
from harness.lab.recorder import Recorder
from harness.lab.user import FlowHandle
from harness.lab.watching import first_visible, keep_asking
from suites.selftest.lab.sockets import LIMIT_S

pytestmark = pytest.mark.anyio
BLOCK = "ms => { const until = performance.now() + ms; setTimeout(() => { while (performance.now() < until) ; }); }"


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    opened = await chromium.new_page()
    yield opened
    await opened.close()


@pytest.mark.parametrize("selector", ["#go", "text=Go"])
@pytest.mark.parametrize(("how", "mend"), [("disabled", "disabled"), ('aria-disabled="true"', "aria-disabled")])
async def test_a_button_can_be_used_once_it_is_enabled_and_not_before(page: Page, selector: str, how: str, mend: str) -> None:
    await page.set_content(f"<button id=go {how}>Go</button>")
    assert await asyncio.wait_for(first_visible(page, [selector]), LIMIT_S) == 0
    waiting = asyncio.ensure_future(first_visible(page, [selector], enabled=True))
    assert await asyncio.wait({waiting}, timeout=0.5) == (set(), {waiting})
    await page.evaluate("name => document.getElementById('go').removeAttribute(name)", mend)
    assert await asyncio.wait_for(waiting, LIMIT_S) == 0


async def ask_during(page: Page, script: str, seconds: float, *args: Any) -> list[float]:
    took: list[float] = []
    asking = asyncio.ensure_future(keep_asking(page, took.append))
    await page.evaluate(script, *args)
    await asyncio.wait({asking}, timeout=seconds)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    return took


async def test_a_page_that_stalls_later_is_found_out_by_being_asked_again(page: Page) -> None:
    took = await ask_during(page, f"() => setTimeout(() => ({BLOCK})(1500), 100)", 3.0)
    assert max(took) > 700
    assert len(took) <= 7, "no more than two questions a second"


async def test_a_page_that_never_answers_again_took_at_least_as_long_as_it_was_waited_for(page: Page) -> None:
    took = await ask_during(page, BLOCK, 1.5, 4000)
    assert took[-1] > 1000


async def test_a_page_that_goes_elsewhere_is_not_a_page_that_does_not_answer(page: Page) -> None:
    took = await ask_during(page, "() => { location.href = 'about:blank'; }", 1.2)
    assert took
    assert max(took) < 1000


async def test_only_a_handle_that_keeps_asking_learns_of_a_later_stall(page: Page) -> None:
    async def nothing() -> None:
        return

    def handle(*, keeps_asking: bool) -> FlowHandle:
        unused, plain = cast(Any, SimpleNamespace()), cast(Any, SimpleNamespace(step_up=None))
        user = User(
            base_url="", spec=plain, account="", behaviour=Behaviour(), human=unused, recorder=Recorder(), on_click=nothing,
            keeps_asking=keeps_asking,
        )  # fmt: skip
        return FlowHandle(user, page)

    await page.set_content("<button id=go>Go</button>")
    once, often = handle(keeps_asking=False), handle(keeps_asking=True)
    for one in (once, often):
        await one.show(page, "#go")
    await page.evaluate(BLOCK, 2000)
    await page.evaluate("() => new Promise(done => setTimeout(done))")
    await often.stop()
    assert (once.usable_ms or 0) < 1000 < (often.usable_ms or 0)
