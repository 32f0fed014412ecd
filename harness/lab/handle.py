"""Who goes through a flow, and what the target's ``flows.py`` is handed for it in a browser, an app and a device alike."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from harness.catalog import Behaviour
from harness.errors import TargetError
from harness.journal.model import Look, Moment
from harness.lab.inbox import Inbox, Known
from harness.lab.outbox import PATIENCE_S, Outbox
from harness.lab.recorder import Recorder
from harness.providers.base import Human
from harness.target.spec import FlowSpec

PAGE_CLOSED = "closed by the flow"
CLICKED = "clicked-show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """The way past one captcha of a flow: from the click that asked for it to where the next could be asked for, or the end.

    ``in_vain_ms``: page time for which the lab waited on it though nothing was to come.
    """

    clicked: Moment
    over: Moment
    in_vain_ms: float = 0.0


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
    being waited for that has not come, ``in_vain_ms`` is the last captcha's (:class:`Leg`).
    ``earlier``: the ways past the captchas that the flow has left behind it; ``clicked`` is of the last one.
    """

    def __init__(self, user: User) -> None:
        self.account = user.account
        self.onwards: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.usable: Moment | None = None
        self.usable_ms: float | None = None
        self.clicked: Moment | None = None
        self.earlier: list[Leg] = []
        self.broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.explained: str | None = None
        self.looks: list[Look] = []
        self._user = user
        self._asked = False
        self._until: asyncio.Future[Any] | None = None
        self._past_offer: asyncio.Future[Any] | None = None
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
        """Take the second factor that is offered; raises TargetError or Playwright's error when that leads nowhere.

        It returns when the business is completed, or the flow has gone on to its next step.
        """

    def leaves_offer_behind(self) -> bool:
        """Whether the flow goes on past the second factor that is offered now: ``onwards`` is then of what comes after it."""
        # Kept: the flow may have gone on by the time at which the code has been sent off.
        self._past_offer = self._until
        if self._past_offer is None:
            return False
        self.onwards = asyncio.ensure_future(self._gone_on_after(self._past_offer))
        return True

    async def _gone_on_after(self, step: asyncio.Future[Any]) -> int:
        await asyncio.wait([step])
        return await self.gone_on()

    async def read_explanation(self) -> None:  # noqa: B027 - who has no page has nothing to read
        """Read what tells the user what has happened, where there is a page that can; more than before is kept."""

    async def look(self, when: Literal["offered", "ended"]) -> None:  # noqa: B027 - who has no page has nothing to look at
        """Look whether the page still says that it works, and where the keyboard stands, where there is a page."""

    def unfinished(self) -> str:
        """Say what is known of why the business is not completed."""
        return ""

    @property
    def dealt(self) -> bool:
        """Whether the flow has left a captcha to the lab's human."""
        return True

    def whereabouts(self) -> str:
        """Where the user is when the visit ends: the page's address, or that the flow has closed it; "" without a page."""
        return ""

    async def stop(self) -> None:  # noqa: B027 - most have nothing to end
        """End what goes on beside the flow."""

    @property
    def _past(self) -> asyncio.Future[Any]:
        """Done when the flow has gone on past the captcha that is dealt with now: what follows it is seen, or all is done."""
        return self.onwards if self._until is None else self._until

    def _asks_again(self) -> None:
        """Note that the way is free to ask for another captcha, where one has been dealt with: another leg begins."""
        if self._asked and self.clicked is not None:
            self._leg_is_over(self.clicked, self._user.recorder.mark("asks-again"))
            self._asked = False

    def _leg_is_over(self, clicked: Moment, over: Moment) -> None:
        self.earlier.append(Leg(clicked=clicked, over=over, in_vain_ms=self.in_vain_ms))
        self.in_vain_ms = 0.0

    async def _click(self, what: str) -> None:
        """Tell the lab that the user now asks for the captcha."""
        if self._inbox is not None and self.clicked is None:
            await self._inbox.opened()
        await self._user.on_click()
        self.clicked = self._user.recorder.mark(CLICKED, detail=what)

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
        if self._past_offer is not None:
            # Another may be sent at a later captcha: it is told by what stands there now.
            await self._inbox.opened()
        return code

    async def _human(self, page: Any) -> None:
        """Solve the challenge when it can be seen; return at once when the flow has gone on past it."""
        visible: asyncio.Future[Any] = asyncio.ensure_future(self._user.human.challenge_visible(page))
        try:
            await asyncio.wait([visible, self._past], return_when=asyncio.FIRST_COMPLETED)
            if not self._past.done():
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
            await asyncio.wait([solving, self._past], return_when=asyncio.FIRST_COMPLETED)
            if solving.done():
                solving.result()
        finally:
            await drop(solving)

    async def _marked(self, what: str) -> None:
        self._user.recorder.mark(what)


async def drop(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
