"""What a visitor sits in front of: a browser's window, or a device that runs a scripted client. A lab knows only this."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from harness.faults.base import BrowserControls
from harness.lab.clock import LabClock, PageClock
from harness.lab.controls import ContextControls
from harness.lab.habits import handle_of
from harness.lab.handle import Handle, User
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.lab.traffic import Flight, Traffic, Watch

SCREENSHOT_LIMIT_MS = 5000


class Flights(Protocol):
    """Every request of one front, in flight or ended; ``changed`` is when one last began or ended (monotonic)."""

    @property
    def changed(self) -> float: ...
    def seen(self) -> Collection[Flight]: ...
    def in_flight(self) -> list[Flight]: ...
    async def settle(self) -> None: ...


class Seat(Protocol):
    """Where one user after another goes through the flow; ``page`` is what the flow's function is handed."""

    @property
    def page(self) -> Any: ...

    def handle(self, user: User) -> Handle:
        """Make what the flow's function is handed beside it."""

    async def draw(self, file: Path) -> bool:
        """Draw what the user sees; False where there is nothing to draw."""

    async def leave(self) -> None:
        """Leave what it shows, so that it is not taken for the next user's."""


class Front(Protocol):
    """One visitor's own: connections, cookies and clock are shared by its seats and by nobody else."""

    @property
    def traffic(self) -> Flights: ...

    async def open(self) -> Seat:
        """Open one more seat."""

    def controls(self, slot: Slot, *, page_url: str) -> BrowserControls:
        """What browser faults act on."""

    def clock(self, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]) -> LabClock:
        """Make the clock that the lab advances."""

    async def close(self) -> None:
        """Close every seat and connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One tab of a browser window."""

    page: Page

    def handle(self, user: User) -> Handle:
        """Make what the flow's function uses beside the page."""
        return handle_of(user, self.page)

    async def draw(self, file: Path) -> bool:
        """Take a screenshot; a page that cannot be drawn has none."""
        try:
            await self.page.screenshot(path=file, timeout=SCREENSHOT_LIMIT_MS, animations="allow", caret="initial")
        except PlaywrightError:
            return False
        return True

    async def leave(self) -> None:
        """Go to an empty document."""
        await self.page.goto("about:blank")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A browser's window: one context, and a tab for each seat."""

    context: BrowserContext
    traffic: Traffic
    watch: Watch | None = None

    async def open(self) -> Seat:
        """Open a tab."""
        page = await self.context.new_page()
        if self.watch is not None:
            await self.watch.opened(page)
        return Tab(page=page)

    def controls(self, slot: Slot, *, page_url: str) -> BrowserControls:
        """Policy, blocks and connectivity of the context, and the router's names."""
        return ContextControls(self.context, slot.router, page_url=page_url)

    def clock(self, recorder: Recorder, *, may_advance: Callable[[], bool], changed: Callable[[], float]) -> LabClock:
        """The context's clock."""
        return PageClock(self.context, recorder, may_advance=may_advance, changed=changed)

    async def close(self) -> None:
        """Close the context."""
        if self.watch is not None:
            await self.watch.closing()
        await self.context.close()
