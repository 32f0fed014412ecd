"""A user with a browser: what the target's ``flows.py`` uses of a page, and how that page is read."""

from __future__ import annotations

import asyncio
from typing import Literal
from urllib.parse import urlencode, urlsplit, urlunsplit

from playwright.async_api import Page

from harness.errors import TargetError
from harness.journal.model import EXPLAINED_CHARS, Moment
from harness.lab.handle import PAGE_CLOSED, Handle, User, drop
from harness.lab.looking import look_at
from harness.lab.watching import first_visible, keep_asking, longest_answer_ms, text_seen
from harness.target.spec import ELSEWHERE, FlowSpec

# A page may go on to another document while it is looked at: that one is looked at then.
_LOOKS = 2
# Short: a diagnosis shows no more of it.
_NO_UNTIL = "say until='#next' at each captcha but the last: behind a fallback ticket nothing else ends it"


class FlowHandle(Handle):
    """What a browser flow uses besides: ``ready``, ``show`` and ``captcha``."""

    def __init__(self, user: User, page: Page) -> None:
        super().__init__(user)
        self._page = page
        self._asking: asyncio.Future[None] | None = None
        self._acted: Moment | None = None
        self._last = False

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
        self._asks_again()
        await self._pause(page)
        await self._click(selector)
        await self._press(page, selector)

    async def _pause(self, page: Page) -> None:
        pause_ms = self._user.behaviour.pause_before_show_ms
        if pause_ms:
            # A timer of the page itself: it fires in page time, whatever the clock does.
            await page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", pause_ms)

    async def phase(self) -> None:
        """Say that what comes next asks for the captcha, for a flow that clicks by itself."""
        self._asks_again()
        await self.acts("flow.phase")

    async def acts(self, what: str) -> None:
        """Take an act of a flow that clicks by itself for what asks for the captcha, until it is solved: the last one was."""
        if self._asked:
            # It may ask for another one, which only the next solve tells.
            self._acted = self._user.recorder.moment()
            return
        if self.usable is None:
            self.usable = self._user.recorder.mark("page-usable", detail=what)
        if self.clicked is None:
            await self._pause(self._page)
        await self._click(what)

    async def solve(self, *, until: str = "") -> None:
        """Solve the challenge on the flow's own page; whoever has not said so has asked for it by now."""
        if self.clicked is None:
            await self.acts("flow.solve")
        await self.captcha(self._page, until=until)

    async def _press(self, page: Page, selector: str) -> None:
        await page.click(selector, no_wait_after=True, timeout=0)

    async def captcha(self, page: Page, *, until: str = "") -> None:
        """Deal with the challenge as this scenario's user does; return at once when the flow has gone on without it.

        ``until`` selects what can be seen when the flow has gone on to its next step, for a captcha that is not the last one:
        behind a fallback ticket no challenge comes, and nothing else tells that this one is over. It is waited for, too, and
        where a second factor is offered on the way, until its form is gone.
        """
        self._begin_another()
        self._asked, self._last = True, not until
        if not until:
            await self._deal(page)
            return
        self._until = asyncio.ensure_future(self._gone_on_to(page, until))
        try:
            await self._deal(page)
            await asyncio.wait([self._until])
            self._until.result()
        finally:
            await drop(self._until)
            self._until = None

    def _begin_another(self) -> None:
        """Take this for another captcha where one has been dealt with and nobody has said that the next is asked for."""
        if self._last:
            raise TargetError(_NO_UNTIL)
        if self._asked and self.clicked is not None:
            began = self._acted or self._user.recorder.moment()
            self._leg_is_over(self.clicked, began)
            self.clicked = began
        self._acted = None

    async def _gone_on_to(self, page: Page, selector: str) -> None:
        """Return when the next step can be seen and no offer any more, or when all is done."""
        spec = self._user.spec
        offer = [spec.step_up.selector] if spec.step_up is not None and spec.step_up.selector else []
        seen = asyncio.ensure_future(first_visible(page, [selector], without=offer))
        done = asyncio.ensure_future(_completed(self._page, spec))
        try:
            await asyncio.wait([seen, done], return_when=asyncio.FIRST_COMPLETED)
            if seen.done():
                seen.result()
        finally:
            await drop(seen, done)

    @property
    def dealt(self) -> bool:
        """Whether the flow has left a captcha to the lab's human."""
        return self._asked or bool(self.earlier)

    async def _deal(self, page: Page) -> None:
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

    def whereabouts(self) -> str:
        """The page's address, or :data:`PAGE_CLOSED`."""
        browser = self._page.context.browser
        closed = self._page.is_closed() and browser is not None and browser.is_connected()
        return PAGE_CLOSED if closed else self._page.url

    async def step_up(self) -> None:
        """Type the code where it is asked for, and wait for the business to complete, or for the flow's next step."""
        step_up, page = self._user.spec.step_up, self._page
        if step_up is None or not step_up.selector:
            raise TargetError("no selector says where the code is typed")
        code = await self._code_sent()
        await page.fill(step_up.selector, code, timeout=0)
        if step_up.button:
            await page.click(step_up.button, no_wait_after=True, timeout=0)
        else:
            await page.press(step_up.selector, "Enter", no_wait_after=True, timeout=0)
        if self._past_offer is not None:
            await asyncio.wait([self._past_offer])
        else:
            await _completed(page, self._user.spec)


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
