"""One user's pass through a flow in the browser: what the target's ``flows.py`` is handed, and how its outcome is watched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from harness.catalog import Behaviour
from harness.errors import TargetError
from harness.journal.model import Moment
from harness.lab.recorder import Recorder
from harness.providers.base import Human
from harness.target import signals
from harness.target.spec import FlowSpec

LOOK_S = 0.02


class FlowHandle:
    """What a browser flow uses: ``url``, ``account``, ``show`` and ``captcha``."""

    def __init__(
        self, *, base_url: str, spec: FlowSpec, account: str, behaviour: Behaviour, human: Human, recorder: Recorder,
        on_click: Callable[[], Awaitable[None]],
    ) -> None:
        self.account = account
        self.usable: Moment | None = None
        self.clicked: Moment | None = None
        self._base_url = base_url
        self._spec = spec
        self._behaviour = behaviour
        self._human = human
        self._recorder = recorder
        self._on_click = on_click

    def url(self, path: str) -> str:
        """The target's address for a path."""
        return self._base_url + path

    async def show(self, page: Page, selector: str) -> None:
        """Ask for the captcha as this scenario's user does: after its pause (page time), by a click.

        That ``selector`` can be seen is also what "the page can be used" means.
        """
        await page.wait_for_selector(selector, state="visible", timeout=0)
        self.usable = self._recorder.mark("page-usable", detail=selector)
        pause_ms = self._behaviour.pause_before_show_ms
        if pause_ms:
            # A timer of the page itself: it fires in page time, whatever the clock does.
            await page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", pause_ms)
        await self._on_click()
        self.clicked = self._recorder.mark("clicked-show", detail=selector)
        await page.click(selector, no_wait_after=True, timeout=0)

    async def captcha(self, page: Page) -> None:
        """Solve the challenge when it can be seen; return at once when the flow has gone on without it."""
        visible = asyncio.ensure_future(self._human.challenge_visible(page))
        onwards = asyncio.ensure_future(self._gone_on(page))
        try:
            await asyncio.wait({visible, onwards}, return_when=asyncio.FIRST_COMPLETED)
            if not onwards.done():
                visible.result()
                self._recorder.mark("challenge-visible")
                solving = asyncio.ensure_future(self._human.solve(page, self._behaviour, self._marked))
                await asyncio.wait({solving, onwards}, return_when=asyncio.FIRST_COMPLETED)
                if solving.done():
                    solving.result()
                else:
                    solving.cancel()
                    await asyncio.gather(solving, return_exceptions=True)
        finally:
            visible.cancel()
            onwards.cancel()
            await asyncio.gather(visible, onwards, return_exceptions=True)

    async def _gone_on(self, page: Page) -> None:
        waits = [asyncio.ensure_future(completed(page, self._spec))]
        if self._spec.step_up is not None and self._spec.step_up.selector:
            waits.append(asyncio.ensure_future(_visible(page, self._spec.step_up.selector)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _marked(self, what: str) -> None:
        self._recorder.mark(what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How a pass ended: completed or not, by step-up or not, and what the flow itself raised."""

    completed: bool
    offered: bool
    stepped_up: bool
    error: str
    usable: Moment | None
    clicked: Moment | None
    ended: Moment


async def completed(page: Page, spec: FlowSpec) -> None:
    """Return when the business shows as completed in the page."""
    done = spec.completed
    if done.selector:
        await _visible(page, done.selector)
    elif done.url:
        await page.wait_for_url(done.url, timeout=0)


async def _visible(page: Page, selector: str) -> None:
    await page.wait_for_selector(selector, state="visible", timeout=0)


async def pass_through(
    page: Page, handle: FlowHandle, spec: FlowSpec, drive: Callable[[Any, Any], Awaitable[None]], recorder: Recorder, *,
    budget_ms: float, base_url: str,
) -> Passed:
    """Drive the flow until it completes, is offered a second factor and takes it, or ``budget_ms`` of page time have passed."""
    flow = asyncio.ensure_future(drive(page, handle))
    ending = asyncio.ensure_future(_ending(page, spec, recorder, base_url))
    limit = asyncio.ensure_future(_page_time(recorder, recorder.moment().page_ms + budget_ms))
    error = ""
    try:
        done, _ = await asyncio.wait({flow, ending, limit}, return_when=asyncio.FIRST_COMPLETED)
        if flow in done and ending not in done:
            error = _error_of(flow)
            if not error:
                await asyncio.wait({ending, limit}, return_when=asyncio.FIRST_COMPLETED)
        finished = ending.done()
        offered, stepped_up, failed = ending.result() if finished else (_offer_seen(recorder), False, "")
    finally:
        for task in (flow, ending, limit):
            task.cancel()
        await asyncio.gather(flow, ending, limit, return_exceptions=True)
    ended = recorder.mark("completed" if finished and not failed else "not-completed", detail=error or failed)
    return Passed(
        completed=finished and not failed, offered=offered, stepped_up=stepped_up, error=error or failed,
        usable=handle.usable, clicked=handle.clicked, ended=ended,
    )


def _offer_seen(recorder: Recorder) -> bool:
    return any(event.what == "step-up-offered" and event.visit == recorder.visit for event in recorder.events)


async def _ending(page: Page, spec: FlowSpec, recorder: Recorder, base_url: str) -> tuple[bool, bool, str]:
    """Wait for completion, taking a step-up that is offered on the way; returns offered, stepped up, what went wrong."""
    step_up = spec.step_up
    if step_up is None or not step_up.selector:
        await completed(page, spec)
        return False, False, ""
    both = {asyncio.ensure_future(completed(page, spec)), asyncio.ensure_future(_visible(page, step_up.selector))}
    try:
        done, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
    if not await page.is_visible(step_up.selector):
        return False, False, ""
    recorder.mark("step-up-offered")
    try:
        code = await signals.latest_code(base_url, step_up)
        await page.fill(step_up.selector, code, timeout=0)
        if step_up.button:
            await page.click(step_up.button, no_wait_after=True, timeout=0)
        await completed(page, spec)
    except (TargetError, PlaywrightError) as error:
        return True, False, f"step-up: {error}"
    recorder.mark("step-up-done")
    return True, True, ""


def _error_of(flow: asyncio.Future[None]) -> str:
    error = flow.exception()
    return f"{type(error).__name__}: {error}".splitlines()[0] if error else ""


async def _page_time(recorder: Recorder, until_page_ms: float) -> None:
    """Return when page time has come so far; looked at, since no event says that time has passed twice over."""
    while recorder.moment().page_ms < until_page_ms:
        await asyncio.sleep(LOOK_S)


async def linger(recorder: Recorder, until_page_ms: float, *, limit_s: float) -> None:
    """Stay on the page until page time has come so far (a late callback may still come), at most ``limit_s`` of real time."""
    deadline = time.monotonic() + limit_s
    while recorder.moment().page_ms < until_page_ms and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_S)
