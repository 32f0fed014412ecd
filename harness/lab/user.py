"""One user's pass through a flow: what the target's ``flows.py`` is handed, and how its outcome is watched."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from harness.catalog import Behaviour
from harness.errors import TargetError
from harness.journal.model import EXPLAINED_CHARS, Look, Moment
from harness.lab.inbox import Inbox, Known
from harness.lab.looking import look_at
from harness.lab.outbox import PATIENCE_S, Outbox
from harness.lab.recorder import Recorder
from harness.lab.watching import first_visible, keep_asking, longest_answer_ms, text_seen
from harness.providers.base import Human
from harness.target.spec import ELSEWHERE, FlowSpec

# A page may go on to another document while it is looked at: that one is looked at then.
_LOOKS = 2


def nothing_delivered(_to: str) -> str:
    """What a provider that sends no messages has delivered."""
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who goes through a flow, and how.

    ``keeps_asking``: the page is asked for an answer again and again while the visit goes on, the longest is ``usable_ms``.
    ``explains`` selects what must tell this user what has happened. ``looks``: it is looked at what the page shows them.
    ``codes`` is what is known of the target's outbox, ``code_patience_s`` how long this user waits for a code.
    """

    base_url: str
    spec: FlowSpec
    account: str
    behaviour: Behaviour
    human: Human
    recorder: Recorder
    on_click: Callable[[], Awaitable[None]]
    keeps_asking: bool = False
    explains: str = ""
    looks: bool = False
    delivered: Callable[[str], str] = nothing_delivered
    codes: Known = field(default_factory=Known)
    code_patience_s: float = PATIENCE_S


class Handle(ABC):
    """What every flow's function uses: ``url``, ``account`` and ``received``; and what the lab keeps of one user's pass.

    ``onwards`` is done when the flow has gone on: 0 it is completed, 1 a second factor is offered. ``broken`` is done with the
    error that a client's own script has ended by: then nothing is completed, whatever was answered. ``lacks`` says what is
    being waited for that has not come, ``in_vain_ms`` is the page time for which the lab waited though nothing was to come.
    """

    def __init__(self, user: User) -> None:
        self.account = user.account
        self.onwards: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.usable: Moment | None = None
        self.usable_ms: float | None = None
        self.clicked: Moment | None = None
        self.broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.explained: str | None = None
        self.looks: list[Look] = []
        self._user = user
        step_up = user.spec.step_up
        self.lacks = ""
        self.in_vain_ms = 0.0
        self._inbox: Inbox | None = None
        if step_up:
            outbox = Outbox(base_url=user.base_url, step_up=step_up, patience_s=user.code_patience_s)
            self._inbox = Inbox(outbox=outbox, known=user.codes)

    def url(self, path: str) -> str:
        """The target's address for a path."""
        return self._user.base_url + path

    def received(self, to: str) -> str:
        """The code in the newest message that the provider sent to a number or address; raises TargetError when none came."""
        if code := self._user.delivered(to):
            self._user.recorder.codes.add(code)
            return code
        raise TargetError(f"{to} waits for a code, and the provider has sent it none")

    @abstractmethod
    async def gone_on(self) -> int:
        """Return 0 when the business shows as completed, 1 when a second factor is offered."""

    @abstractmethod
    async def step_up(self) -> None:
        """Take the second factor that is offered; raises TargetError or Playwright's error when that leads nowhere."""

    async def read_explanation(self) -> None:  # noqa: B027 - who has no page has nothing to read
        """Read what tells the user what has happened, where there is a page that can; more than before is kept."""

    async def look(self, when: Literal["offered", "ended"]) -> None:  # noqa: B027 - who has no page has nothing to look at
        """Look whether the page still says that it works, and where the keyboard stands, where there is a page."""

    def unfinished(self) -> str:
        """Say what is known of why the business is not completed."""
        return ""

    async def stop(self) -> None:  # noqa: B027 - most have nothing to end
        """End what goes on beside the flow."""

    async def _click(self, what: str) -> None:
        """Tell the lab that the user now asks for the captcha."""
        if self._inbox is not None and self.clicked is None:
            await self._inbox.opened()
        await self._user.on_click()
        self.clicked = self._user.recorder.mark("clicked-show", detail=what)

    async def _code_sent(self) -> str:
        """The code that was sent for the offer; it is the target's secret from now on."""
        if self._inbox is None:
            raise TargetError("no step_up says where its code is read")
        recorder = self._user.recorder
        began, self.lacks = recorder.moment(), f"step-up: {self._inbox.lacking()}"
        with recorder.code_awaited():
            code = await self._inbox.code()
        self.lacks = ""
        if self._inbox.in_vain_s:
            self.in_vain_ms = recorder.moment().page_ms - began.page_ms
        recorder.codes.add(code)
        return code

    async def _human(self, page: Any) -> None:
        """Solve the challenge when it can be seen; return at once when the flow has gone on without it."""
        visible: asyncio.Future[Any] = asyncio.ensure_future(self._user.human.challenge_visible(page))
        try:
            await asyncio.wait([visible, self.onwards], return_when=asyncio.FIRST_COMPLETED)
            if not self.onwards.done():
                visible.result()
                self._user.recorder.mark("challenge-visible")
                await self._solve(page)
        finally:
            await drop(visible)

    async def _solve(self, page: Any) -> None:
        solving: asyncio.Future[Any] = asyncio.ensure_future(
            self._user.human.solve(page, self._user.behaviour, self._marked)
        )
        try:
            await asyncio.wait([solving, self.onwards], return_when=asyncio.FIRST_COMPLETED)
            if solving.done():
                solving.result()
        finally:
            await drop(solving)

    async def _marked(self, what: str) -> None:
        self._user.recorder.mark(what)


class FlowHandle(Handle):
    """What a browser flow uses besides: ``ready``, ``show`` and ``captcha``."""

    def __init__(self, user: User, page: Page) -> None:
        super().__init__(user)
        self._page = page
        self._asking: asyncio.Future[None] | None = None

    def url(self, path: str) -> str:
        """The target's address for a path; where its pages take one, with a word on where to go afterwards: to another site."""
        name = self._user.spec.return_parameter
        return super().url(with_query(path, name, f"https://{ELSEWHERE}/") if name else path)

    async def ready(self, page: Page, selector: str) -> None:
        """Say that the page can be used as soon as ``selector`` can be seen; for a flow that takes its time before it shows."""
        await self._await_use(page, selector, enabled=False)

    async def _await_use(self, page: Page, selector: str, *, enabled: bool) -> None:
        await first_visible(page, [selector], enabled=enabled)
        self.usable = self._user.recorder.mark("page-usable", detail=selector)
        longest_ms = await longest_answer_ms(page)
        if longest_ms is not None:
            self._answered(longest_ms)
        if self._user.keeps_asking and self._asking is None:
            self._asking = asyncio.ensure_future(keep_asking(page, self._answered))

    def _answered(self, took_ms: float) -> None:
        self.usable_ms = max(took_ms, self.usable_ms or 0.0)

    async def stop(self) -> None:
        """Ask the page for no more answers."""
        if self._asking is not None:
            await drop(self._asking)

    async def show(self, page: Page, selector: str) -> None:
        """Ask for the captcha as this scenario's user does: after its pause (page time), by a click.

        That ``selector`` can be seen and is enabled is also what "the page can be used" means, unless the flow has said so
        before.
        """
        if self.usable is None:
            await self._await_use(page, selector, enabled=True)
        else:
            await first_visible(page, [selector], enabled=True)
        pause_ms = self._user.behaviour.pause_before_show_ms
        if pause_ms:
            # A timer of the page itself: it fires in page time, whatever the clock does.
            await page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", pause_ms)
        await self._click(selector)
        await self._press(page, selector)

    async def _press(self, page: Page, selector: str) -> None:
        await page.click(selector, no_wait_after=True, timeout=0)

    async def captcha(self, page: Page) -> None:
        """Solve the challenge when it can be seen; return at once when the flow has gone on without it."""
        await self._human(page)

    async def gone_on(self) -> int:
        """Return 0 when the business shows as completed, 1 when a second factor is offered."""
        spec, page = self._user.spec, self._page
        offer = spec.step_up.selector if spec.step_up is not None else None
        if spec.completed.selector:
            return await first_visible(page, [spec.completed.selector, *([offer] if offer else [])])
        waits = [asyncio.ensure_future(_completed(page, spec))]
        if offer:
            waits.append(asyncio.ensure_future(_seen(page, offer)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            return 0 if waits[0].done() else 1
        finally:
            await drop(*waits)

    async def read_explanation(self) -> None:
        """Read what the page says of what has happened, unless it has said enough before."""
        if not self._user.explains or _long(self.explained or "") >= EXPLAINED_CHARS:
            return
        read = await text_seen(self._page, self._user.explains, least=EXPLAINED_CHARS)
        if read is not None:
            self.explained = max(self.explained or "", read, key=_long)

    async def look(self, when: Literal["offered", "ended"]) -> None:
        """Look at the page as its user does; Tab is pressed only when the visit has ended, as it moves the focus."""
        if not self._user.looks:
            return
        spec = self._user.spec
        field = spec.step_up.selector if when == "offered" and spec.step_up is not None else None
        for _ in range(_LOOKS):
            seen = await look_at(self._page, when, busy=spec.busy, field=field, explains=self._user.explains)
            if seen is not None:
                self.looks.append(seen)
                return

    async def step_up(self) -> None:
        """Type the code where it is asked for, and wait for the business to complete."""
        step_up, page = self._user.spec.step_up, self._page
        if step_up is None or not step_up.selector:
            raise TargetError("no selector says where the code is typed")
        code = await self._code_sent()
        await page.fill(step_up.selector, code, timeout=0)
        if step_up.button:
            await page.click(step_up.button, no_wait_after=True, timeout=0)
        await _completed(page, self._user.spec)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """How a pass ended: completed or not, by step-up or not, and what the flow itself raised."""

    completed: bool
    offered: bool
    stepped_up: bool
    error: str
    usable: Moment | None
    usable_ms: float | None
    clicked: Moment | None
    ended: Moment
    explained: str | None = None


def with_query(path: str, name: str, value: str) -> str:
    """The path with one query parameter more."""
    parts = urlsplit(path)
    query = "&".join(part for part in (parts.query, urlencode({name: value})) if part)
    return urlunsplit(parts._replace(query=query))


def _long(text: str) -> int:
    return len("".join(text.split()))


async def _completed(page: Page, spec: FlowSpec) -> None:
    if spec.completed.selector:
        await first_visible(page, [spec.completed.selector])
    elif spec.completed.url:
        await page.wait_for_url(spec.completed.url, timeout=0)


async def _seen(page: Page, selector: str) -> None:
    await first_visible(page, [selector])


async def drop(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def pass_through(
    page: Any, handle: Handle, drive: Callable[[Any, Any], Awaitable[None]], recorder: Recorder, *, budget_ms: float
) -> Passed:
    """Drive the flow until it completes, is offered a second factor and takes it, or ``budget_ms`` of page time have passed.

    ``page`` is what the flow's function is handed: a browser's page, or a device.
    """
    handle.onwards = asyncio.ensure_future(handle.gone_on())
    flow = asyncio.ensure_future(drive(page, handle))
    ending = asyncio.ensure_future(_ending(handle, recorder))
    limit = asyncio.ensure_future(recorder.until_page_ms(recorder.moment().page_ms + budget_ms))
    over: set[asyncio.Future[Any]] = {ending, limit, handle.broken}
    error = ""
    try:
        done, _ = await asyncio.wait({flow, *over}, return_when=asyncio.FIRST_COMPLETED)
        if flow in done and ending not in done:
            error = _error_of(flow)
            if not error:
                await asyncio.wait(over, return_when=asyncio.FIRST_COMPLETED)
        finished = ending.done()
        offered, stepped_up, failed = ending.result() if finished else (_offer_seen(recorder), False, "")
    finally:
        await drop(flow, ending, limit, handle.onwards)
        await handle.stop()
    if handle.broken.done():
        error = handle.broken.result()
    completed = finished and not failed and not handle.broken.done()
    error = error or failed or ("" if completed else handle.lacks or handle.unfinished())
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
    )


def _offer_seen(recorder: Recorder) -> bool:
    return any(event.what == "step-up-offered" and event.visit == recorder.visit for event in recorder.events)


async def _ending(handle: Handle, recorder: Recorder) -> tuple[bool, bool, str]:
    """Wait for completion, taking a step-up that is offered on the way; returns offered, stepped up, what went wrong."""
    if await asyncio.shield(handle.onwards) == 0:
        return False, False, ""
    recorder.mark("step-up-offered")
    await handle.read_explanation()
    await handle.look("offered")
    try:
        await handle.step_up()
    except (TargetError, PlaywrightError) as error:
        return True, False, f"step-up: {error}"
    recorder.mark("step-up-done")
    return True, True, ""


def _error_of(flow: asyncio.Future[None]) -> str:
    error = flow.exception()
    return f"{type(error).__name__}: {error}".splitlines()[0] if error else ""
