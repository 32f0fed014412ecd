"""What the pages of one healthy visit ask for, as the browser tells it: every request, frame and socket, and what blocks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Frame, Page, Request, WebSocket
from playwright.async_api import Error as PlaywrightError

from harness.lab.traffic import Classify

# Chromium's words for what holds the page back: rendering, or the parser, and with it all that stands further down.
_BLOCKS = frozenset({"Blocking", "InBodyParserBlocking"})
# What an older Chromium shows in their place: only what it parsed and wants at once is urgent.
_URGENT = frozenset({"VeryHigh", "High"})
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
# A page that has asked for nothing for so long has come to rest; one that holds a request open for ever is not waited for.
QUIET_S, LIMIT_S = 0.3, 3.0
_NO_REQUEST = ("data:", "blob:", "about:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of a page: for what kind of thing, at which host and port, on which link ("" on none).

    ``path`` is without the query, which may hold what is nobody's business.
    """

    host: str
    port: int
    kind: str
    link: str
    path: str
    blocks: bool = False


class LookingOn:
    """Look on at the contexts of one lab (:class:`harness.lab.traffic.Watch`)."""

    def __init__(self) -> None:
        self._classify: Classify = lambda _method, _url: ""
        self._requests: list[tuple[str, str, str]] = []
        self._blocking: set[str] = set()
        self._sessions: dict[Page, asyncio.Task[None]] = {}
        self._in_flight: set[Request] = set()
        self._moved = asyncio.Event()

    def begin(self, context: BrowserContext, classify: Classify) -> None:
        """Note every request of a context."""
        self._classify = classify
        context.on("request", self._began)
        context.on("requestfinished", self._ended)
        context.on("requestfailed", self._ended)
        context.on("page", self._session_of)

    async def opened(self, page: Page) -> None:
        """Ask the browser what blocks the rendering of a page; a page that is gone says nothing."""
        await self._session_of(page)

    async def closing(self) -> None:
        """Wait until the pages load nothing any more, or for :data:`LIMIT_S` where they never come to rest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LIMIT_S):
                while self._in_flight or await self._moves():
                    await self._moves()

    async def _moves(self) -> bool:
        """Whether a request begins or ends before :data:`QUIET_S` have passed."""
        self._moved.clear()
        try:
            await asyncio.wait_for(self._moved.wait(), QUIET_S)
        except TimeoutError:
            return False
        return True

    def seen(self) -> Iterator[Asked]:
        """Every request so far, each address once."""
        for method, url, kind in dict.fromkeys(self._requests):
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme, 0)
            yield Asked(
                host=parts.hostname or "", port=port, kind=kind, link=self._classify(method, url), path=parts.path,
                blocks=url in self._blocking,
            )  # fmt: skip

    def _began(self, request: Request) -> None:
        if not request.url.startswith(_NO_REQUEST):
            self._requests.append((request.method, request.url, _kind(request)))
            self._in_flight.add(request)
            self._moved.set()

    def _ended(self, request: Request) -> None:
        self._in_flight.discard(request)
        self._moved.set()

    def _socket(self, socket: WebSocket) -> None:
        self._requests.append(("GET", socket.url, "websocket"))

    def _session_of(self, page: Page) -> asyncio.Task[None]:
        if page not in self._sessions:
            page.on("websocket", self._socket)
            self._sessions[page] = asyncio.get_running_loop().create_task(self._look(page))
        return self._sessions[page]

    async def _look(self, page: Page) -> None:
        try:
            session = await page.context.new_cdp_session(page)
            told = await session.send("Target.getTargetInfo")
            main_frame = told["targetInfo"]["targetId"]
            session.on("Network.requestWillBeSent", lambda sent: self._sent(sent, main_frame))
            await session.send("Network.enable")
        except PlaywrightError:
            # The page was closed meanwhile: it blocks nobody any more.
            return

    def _sent(self, sent: Mapping[str, Any], main_frame: str) -> None:
        # What a frame within the page waits for holds up that frame alone.
        if sent.get("frameId") == main_frame and sent.get("type") in ("Script", "Stylesheet") and _blocks(sent):
            self._blocking.add(sent["request"]["url"])


def _blocks(sent: Mapping[str, Any]) -> bool:
    behaviour = sent.get("renderBlockingBehavior")
    if behaviour is not None:
        return behaviour in _BLOCKS
    return sent["initiator"]["type"] == "parser" and sent["request"].get("initialPriority") in _URGENT


def _kind(request: Request) -> str:
    kind = request.resource_type
    return "frame" if kind == "document" and _within(request) else kind


def _within(request: Request) -> bool:
    try:
        frame: Frame = request.frame
    except PlaywrightError:  # a page that is only just being made, or a worker's request
        return False
    return frame.parent_frame is not None
