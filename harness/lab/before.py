"""What a flow's visitors do before it, such as signing in: in their own window, with nothing broken yet."""

from __future__ import annotations

import asyncio

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from harness.catalog import Behaviour
from harness.errors import TargetError
from harness.lab.bench import Bench
from harness.lab.handle import User
from harness.lab.recorder import Recorder
from harness.lab.slot import TARGET_HOST, Slot
from harness.lab.standing import raised_at, stands_at
from harness.lab.user import FlowHandle
from harness.target.spec import FlowSpec

LIMIT_S = 30.0


async def go_before(bench: Bench, slot: Slot, flow: FlowSpec, context: BrowserContext, *, account: int) -> None:
    """Do it in a tab of its own, closed afterwards; raises TargetError with the owner's line when it comes to no end."""
    before = bench.befores.get(flow.name)
    if before is None:
        return
    page = await context.new_page()
    user = User(
        base_url=f"http://{TARGET_HOST}:{slot.origin.target_port}",
        spec=flow,
        account=bench.target.accounts.replace("{n}", str(account)),
        behaviour=Behaviour(),
        human=bench.human,
        # What is done before is no part of what is judged, so nothing of it is recorded.
        recorder=Recorder(),
        on_click=_nobody_waits,
    )
    handle = FlowHandle(user, page)
    doing = asyncio.ensure_future(before(page, handle))
    try:
        done, _ = await asyncio.wait([doing], timeout=LIMIT_S)
        if not done:
            raise TargetError(f"flow-hangs: flows.{flow.name}.before still waited after {LIMIT_S:g} s at {stands_at(doing)}")
        if doing.exception() is not None:
            raise TargetError(f"flow-raises: flows.{flow.name}.before: {raised_at(doing)}")
    finally:
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        await handle.stop()
        await _closed(page)


async def _closed(page: Page) -> None:
    try:
        await page.close()
    except PlaywrightError:
        return


async def _nobody_waits() -> None:
    """No fault waits for a click of this one."""
