"""An example to its end: everything that the client was told to do is done, and the page has come to rest."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Literal, Protocol

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from harness.catalog.callbacks import Callbacks
from harness.errors import TargetError
from harness.explore.drawn_page import WAYS, OpenPage, Told
from harness.target.spec import FlowSpec

STEP_MS = 1_000
# That nothing happens is what is waited for: no event tells it.
LOOK_S, STEADY_S, SETTLE_S = 0.005, 0.02, 0.2
CALLED_WITHIN_S, ASKED_WITHIN_S = 5.0, 0.5
TYPED_WITHIN_S, LONGEST_ANSWER_S = 20.0, 12.0

Ending = Literal["completed", "offered", "ready", "elsewhere", "dead"]

# Two looks in turns of their own: what stands for less than that is no end.
_LOOK = """async ({ completed, offer, press, busy }) => {
  const shown = element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility !== "hidden";
  };
  const any = (selector, fits) => Boolean(selector) && [...document.querySelectorAll(selector)].some(fits);
  const usable = element => shown(element) && element.matches(':not(:disabled):not([aria-disabled="true"])');
  const says = () => any(busy, shown) || any('[aria-busy="true"]', shown);
  const look = () =>
    any(completed, shown) ? "completed" : any(offer, shown) ? "offered" : any(press, usable) && !says() ? "ready" : null;
  const first = look();
  await new Promise(done => {
    const channel = new MessageChannel();
    channel.port1.onmessage = done;
    channel.port2.postMessage(0);
  });
  return first === look() ? first : null;
}"""


class House(Protocol):
    """Where the page is open: its flow, how long it may leave its user waiting (ms of page time), and the target behind it."""

    flow: FlowSpec

    @property
    def limit_ms(self) -> int:
        """How long a page may leave its user waiting, in ms of page time."""

    @property
    def alive(self) -> bool:
        """Whether the target lives."""

    def quiet_s(self, open_: OpenPage) -> float:
        """For how long nothing has moved between page, client and target; 0 while a request of this example is under way."""


class Watch:
    """Watches one example to its end, and moves the page's clock where only that can end it."""

    def __init__(self, house: House, open_: OpenPage, handle: Told, callbacks: Callbacks) -> None:
        self._house, self._open, self._handle = house, open_, handle
        self._callbacks = callbacks
        self._to_come = 0 if callbacks.throws else len(callbacks.calls)
        self._waited_ms = 0
        self._typed = False

    async def until_rest(self) -> Ending:
        """Return what the page has come to; "dead" where neither that nor moving its clock brings an end."""
        limit_ms = self._house.limit_ms + max(0, self._callbacks.lasts_ms)
        while self._house.alive:
            await self._called()
            await self._calm(STEADY_S)
            state = await self._look()
            if state == "offered" and self._callbacks.finishes and not self._typed:
                await self._type_code()
                continue
            done = self._done()
            if done and not self._handle.over.is_set():
                # A flow's function may have something left to do when the captcha is through.
                self._handle.over.set()
                await self._driven()
                continue
            if state and (done or not self._asked()):
                if (done or self._unasked()) and self._house.quiet_s(self._open) >= STEADY_S:
                    return state
                continue
            if self._waited_ms >= limit_ms:
                return await self._given_up()
            if self._house.quiet_s(self._open) < SETTLE_S or self._due():
                await asyncio.sleep(LOOK_S)  # that a page has come to rest is told by no event
            else:
                await self._step()
        return "dead"

    def _asked(self) -> bool:
        return self._handle.given in self._open.heard.asked

    def _done(self) -> bool:
        """Whether the client has been asked and has made every call."""
        return self._asked() and self._open.heard.calls.get(self._handle.given, 0) >= self._to_come

    def _unasked(self) -> bool:
        """Whether the page has answered its user without asking the client: it had an answer left from before."""
        return not self._asked() and time.monotonic() - self._handle.pressed_at > ASKED_WITHIN_S

    def _due(self) -> bool:
        """Whether a call is still to come in real time: a busy machine fires a timer of some milliseconds late."""
        if self._callbacks.waits:
            return False
        return not self._done() and time.monotonic() - self._handle.pressed_at < CALLED_WITHIN_S

    async def _called(self) -> None:
        """Wait for calls that come in real time: what the page shows before them is of no moment."""
        while self._asked() and self._due() and not self._callbacks.finishes and self._house.alive:
            self._open.heard.said.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._open.heard.said.wait(), SETTLE_S)

    async def _driven(self) -> None:
        drive = self._open.drive
        if drive is not None and not drive.done():
            await asyncio.wait({drive}, timeout=STEADY_S)

    async def _calm(self, quiet_s: float) -> None:
        """Wait until nothing has moved for so long; what a page keeps open is not waited for without end."""
        until = time.monotonic() + LONGEST_ANSWER_S
        while self._house.alive and time.monotonic() < until:
            quiet_for_s = self._house.quiet_s(self._open)
            if quiet_for_s >= quiet_s:
                return
            await asyncio.sleep(max(LOOK_S, quiet_s - quiet_for_s) if quiet_for_s else LOOK_S)  # nor is this

    async def _look(self) -> Ending | None:
        flow, page = self._house.flow, self._open.page
        asked = {
            "completed": flow.completed.selector, "offer": flow.step_up.selector if flow.step_up else None,
            "press": self._handle.selector, "busy": flow.busy,
        }  # fmt: skip
        with contextlib.suppress(PlaywrightError):
            if flow.completed.url and not flow.completed.selector:
                with contextlib.suppress(PlaywrightTimeoutError):
                    await page.wait_for_url(flow.completed.url, timeout=1, wait_until="commit")
                    return "completed"
            seen: Ending | None = await page.evaluate(_LOOK, asked)
            return seen
        return None

    async def _type_code(self) -> None:
        self._typed = True
        with contextlib.suppress(TargetError, PlaywrightError, TimeoutError):
            async with asyncio.timeout(TYPED_WITHIN_S):
                await self._handle.step_up()

    async def _step(self) -> None:
        began = time.monotonic()
        await self._open.context.clock.run_for(STEP_MS)
        self._open.heard.advance(STEP_MS, since=began)
        self._open.advanced_ms += STEP_MS
        self._waited_ms += STEP_MS

    async def _given_up(self) -> Ending:
        """Nothing of what the target file names has come; a way that was not there before is an answer, too."""
        with contextlib.suppress(PlaywrightError):
            if set(await self._open.page.evaluate(WAYS)) - self._handle.ways:
                return "elsewhere"
        return "dead"
