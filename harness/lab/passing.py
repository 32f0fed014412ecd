"""One pass through a flow: it is driven, and its outcome is watched until it is known or the time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Error as PlaywrightError

from harness.errors import TargetError
from harness.journal.model import Moment
from harness.lab.handle import PAGE_CLOSED, Handle, Leg, drop
from harness.lab.recorder import Recorder
from harness.lab.standing import raised_at, stands_at

# Events of a visit that did not come through: what the flow raised, where it waits, and where its page is.
FLOW_RAISED, FLOW_STANDS, LEFT_AT = "flow-raised", "flow-stands", "left-at"
# And that it ended without a word to the human who solves captchas.
LEFT_ALONE = "captcha-left-alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How a pass ended: completed or not, by step-up or not, and what the flow itself raised.

    ``clicked`` is of the flow's last captcha, ``earlier`` are the ways past those before it.
    """

    completed: bool
    offered: bool
    stepped_up: bool
    error: str
    usable: Moment | None
    usable_ms: float | None
    clicked: Moment | None
    ended: Moment
    explained: str | None = None
    earlier: tuple[Leg, ...] = ()


async def pass_through(
    page: Any, handle: Handle, drive: Callable[[Any, Any], Awaitable[None]], recorder: Recorder, *, budget_ms: float
) -> Passed:
    """Drive the flow until it completes, is offered a second factor and takes it, or ``budget_ms`` of page time have passed.

    Each captcha of the flow has as long. ``page`` is what the flow's function is handed: a browser's page, or a device.
    """
    handle.onwards = asyncio.ensure_future(handle.gone_on())
    flow = asyncio.ensure_future(drive(page, handle))
    ending = asyncio.ensure_future(_ending(handle, recorder))
    limit = asyncio.ensure_future(_patience(handle, recorder, budget_ms))
    over: set[asyncio.Future[Any]] = {ending, limit, handle.broken}
    error = ""
    try:
        done, _ = await asyncio.wait({flow, *over}, return_when=asyncio.FIRST_COMPLETED)
        if flow in done and ending not in done:
            error = _error_of(flow)
            if error:
                recorder.mark(FLOW_RAISED, detail=raised_at(flow))
            else:
                await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        finished = ending.done()
        offered, stepped_up, failed = _ended(ending, handle) if finished else (_offer_seen(recorder), False, "")
        if not flow.done() and (not finished or failed):
            recorder.mark(FLOW_STANDS, detail=stands_at(flow))
        elif not finished and not error and not handle.dealt:
            recorder.mark(LEFT_ALONE, detail="neither flow.captcha nor flow.solve was asked for")
    finally:
        await drop(flow, ending, limit, handle.onwards)
        await handle.stop()
    if handle.broken.done():
        error = handle.broken.result()
    completed = finished and not failed and not handle.broken.done()
    error = error or failed or ("" if completed else handle.lacks or handle.unfinished())
    if not completed:
        recorder.mark(LEFT_AT, detail=handle.whereabouts())
    ended = recorder.mark("completed" if completed else "not-completed", detail=error)
    await handle.read_explanation()
    return Passed(
        completed=completed,
        offered=offered,
        stepped_up=stepped_up,
        error=error,
        usable=handle.usable,
        usable_ms=handle.usable_ms,
        clicked=handle.clicked,
        ended=ended,
        explained=handle.explained,
        earlier=tuple(handle.earlier),
    )


async def _patience(handle: Handle, recorder: Recorder, budget_ms: float) -> None:
    """Return when the user's time is over; it begins again whenever the flow comes to another captcha."""
    since, legs = recorder.moment(), -1
    while legs != len(handle.earlier):
        legs = len(handle.earlier)
        since = handle.earlier[-1].over if handle.earlier else since
        await recorder.until_page_ms(since.page_ms + budget_ms)


def _ended(ending: asyncio.Future[tuple[bool, bool, str]], handle: Handle) -> tuple[bool, bool, str]:
    """What the watch over the page's outcome came to; a flow that closes its own page has ended it."""
    try:
        return ending.result()
    except PlaywrightError:
        if handle.whereabouts() != PAGE_CLOSED:
            raise
        return False, False, "the flow closed its page before the business was completed"


def _offer_seen(recorder: Recorder) -> bool:
    return any(event.what == "step-up-offered" and event.visit == recorder.visit for event in recorder.events)


async def _ending(handle: Handle, recorder: Recorder) -> tuple[bool, bool, str]:
    """Wait for completion, taking every step-up that is offered on the way; returns offered, stepped up, what went wrong."""
    offered = False
    while await asyncio.shield(handle.onwards) == 1:
        offered = True
        recorder.mark("step-up-offered")
        await handle.read_explanation()
        await handle.look("offered")
        more = handle.leaves_offer_behind()
        try:
            await handle.step_up()
        except (TargetError, PlaywrightError) as error:
            return True, False, f"step-up: {error}"
        recorder.mark("step-up-done")
        if not more:
            break
    return offered, offered, ""


def _error_of(flow: asyncio.Future[None]) -> str:
    error = flow.exception()
    return f"{type(error).__name__}: {error}".splitlines()[0] if error else ""
