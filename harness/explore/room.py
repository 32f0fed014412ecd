"""A running target that a search knocks at: what was sent to it, what it has given for that, and whether it lives."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import httpx

from harness.catalog.recipes import Recipe
from harness.errors import TargetError
from harness.explore.outages import Outage
from harness.explore.seen import Seen, Unsendable
from harness.lab.settling import settled, size
from harness.lab.stage import Stage
from harness.target import signals
from harness.target.cookies import keep_cookies, sent_with
from harness.target.http import LIMIT_S
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec

# What is printed comes through a pipe: a process that has just answered, or died, is heard of a moment later.
HEARD_WITHIN_S = 0.3
# A window may be counted in whole seconds, and begins when the target has done its work.
_CLOCKS_S = 2.0


@dataclass(slots=True, kw_only=True)
class Room:
    """One running target, and what is known of it, by flow and address: ``used`` holds when each unverified effect came.

    ``let_in`` holds the tickets that they came of; ``last`` is who knocked last. So many have come ``from_address``, the
    ``address``-th that was used.
    """

    stage: Stage
    client: httpx.AsyncClient
    outage: Outage | None = None
    counted_for: str = ""
    counted: int = 0
    marks: dict[str, int] = field(default_factory=dict)
    used: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    let_in: dict[tuple[str, str], list[Recipe]] = field(default_factory=dict)
    last: tuple[str, str] = ("", "")
    address: int = 0
    from_address: int = 0
    sent: set[str] = field(default_factory=set)
    gained: bool = False
    account: int = 0
    since: float = field(default_factory=time.monotonic)

    def used_lately(self, flow: FlowSpec, address: str) -> int:
        """How many unverified effects an address has had within a flow's window."""
        since = time.monotonic() - flow.limits.window_s - _CLOCKS_S
        return sum(at > since for (_flow, used_by), times in self.used.items() if used_by == address for at in times)

    def remember(self, seen: Seen, recipe: Recipe, who: tuple[str, str]) -> None:
        """Keep in mind what was sent by whom, and what came of it."""
        self.sent.add(repr(seen.ticket))
        self.gained = self.gained or seen.gained > 0
        self.last = who
        if seen.gained > 0 and not seen.passed:
            self.used.setdefault(who, []).extend([time.monotonic()] * seen.gained)
            self.let_in.setdefault(who, []).append(recipe)

    async def before(self, flow: FlowSpec) -> int:
        """What was counted last, where nobody knocked at another flow since: it may have added to the same records."""
        if self.counted_for != flow.name:
            self.counted = await signals.effects(self.stage.base_url, flow)
            self.counted_for = flow.name
            self.marks[flow.name] = await signals.marked_verified(self.stage.base_url, flow) or 0
        return self.counted

    async def count(self, flow: FlowSpec, done: bool, before: int) -> tuple[int, int]:
        """How many effects came, and how many of them are marked as a verified user's; one that was told of is waited for."""
        url = self.stage.base_url
        self.client.cookies.clear()
        self.counted = size(await signals.counted(url, flow, self.client))
        if self.counted - before < int(done):
            self.counted = size(await settled(url, flow, lambda count: count - before >= int(done)))
        if self.counted <= before or flow.effects.verified is None:
            return self.counted - before, 0
        marked = self.marks.get(flow.name, 0)
        self.marks[flow.name] = await signals.marked_verified(url, flow, self.client) or 0
        return self.counted - before, self.marks[flow.name] - marked

    async def send(
        self, flow: FlowSpec, values: Mapping[str, object], headers: Mapping[str, str]
    ) -> tuple[SubmitResult, httpx.Response | None]:
        """Submit ``values``, as somebody new; returns what came of it, and the answer where there was one.

        Raises :class:`Unsendable` for what cannot stand in such a request.
        """
        try:
            request = await signals.submission(self.stage.base_url, flow, values, headers)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise Unsendable(str(error)) from error
        # Each knock is somebody else's: no session of an earlier one comes along, and what signing in gave this one does.
        self.client.cookies = httpx.Cookies(sent_with(request))
        began = time.monotonic()
        error_said = f"no whole answer within {LIMIT_S:g} s"
        try:
            async with asyncio.timeout(LIMIT_S):
                answer = await self.client.send(request)
        except httpx.LocalProtocolError as error:
            raise Unsendable(str(error)) from error
        except (httpx.HTTPError, TimeoutError) as error:
            if isinstance(error, httpx.HTTPError) and not isinstance(error, httpx.TimeoutException):
                error_said = f"{type(error).__name__}: {error}"
            return signals.answered(None, "", real_ms=_ms_since(began), error=error_said), None
        result = signals.answered(answer.status_code, answer.text, real_ms=_ms_since(began))
        # A second factor may be offered to this session alone, and be limited by address.
        keep_cookies(self.client, answer)
        session = {cookie.name: cookie.value or "" for cookie in self.client.cookies.jar}
        return replace(result, cookies=session, headers=headers), answer

    async def died(self) -> str:
        """How the target died, empty while it lives: a process that ends is known to have ended a moment after its sockets."""
        with contextlib.suppress(TargetError):
            await self.stage.while_alive(asyncio.sleep(HEARD_WITHIN_S))  # ends early with the process
        return self.stage.epitaph

    async def end(self) -> None:
        """Let go of it."""
        try:
            await self.client.aclose()
        finally:
            await self.stage.stop()


def _ms_since(began: float) -> float:
    return (time.monotonic() - began) * 1000
