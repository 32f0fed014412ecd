"""The code that one visitor was sent: a new one, or the one that a target's test configuration sends to everybody.

A code that stood there before may be an older user's: it is typed only where it is seen that it was sent again, or that the
outbox has held this one code from the beginning.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from harness.errors import TargetError
from harness.lab.outbox import NoCode, Outbox
from harness.target import signals
from harness.target.signals import Sent

# How long an outbox may stand as it always did, with one code in it, before that code is taken for everybody's.
FIXED_S = 2.0
# A clock in the document moves it again within a second; an entry that was written stays as it is.
_SETTLED_S = 1.2
# Nobody says when a message has been written: the outbox can only be asked.
_ASKED_EVERY_S = 0.1


@dataclass(slots=True, kw_only=True)
class Known:
    """What the visitors of one lab have seen of the outbox: how it stood before the first of them, and whether it is fixed."""

    first: Sent | None = None
    fixed: bool = False


@dataclass(slots=True, kw_only=True)
class Inbox:
    """One visitor's reading of the outbox, from the click on. ``in_vain_s`` was waited though nothing was to come."""

    outbox: Outbox
    known: Known
    in_vain_s: float = 0.0
    _before: Sent | None = None
    _cause: str = ""

    async def opened(self) -> None:
        """Note what stands there before a code is asked for."""
        try:
            self._before = await self.outbox.glance()
        except TargetError as error:
            self._cause = f"before it was asked for, {error}"
            return
        self.known.first = self.known.first or self._before

    async def code(self) -> str:
        """Wait for the visitor's code; raises :class:`NoCode` when none comes in time."""
        if self._cause:
            raise NoCode(f"no code can be told from one of before: {self._cause}")
        # A flow need not tell of its click: then all that stands there was sent after it, for what is known.
        before, began = self._before or self.known.first or Sent(codes=(), whole=""), time.monotonic()
        latest, changed = before, began
        while (spent_s := time.monotonic() - began) <= self.outbox.patience_s:
            seen = await self._seen(latest)
            if seen.whole != latest.whole:
                latest, changed = seen, time.monotonic()
            if seen.has_new(before) or self._sent_again(before, seen, time.monotonic() - changed):
                return seen.codes[-1]
            if self._always_stood(seen) and (self.known.fixed or spent_s >= FIXED_S):
                self.known.fixed, self.in_vain_s = True, spent_s
                return seen.codes[-1]
            # An outbox tells nobody that a message has come: it can only be read again.
            await asyncio.sleep(_ASKED_EVERY_S)
        raise NoCode(await self._why())

    def lacking(self) -> str:
        """What to say of a visit that ended before its code came."""
        return f"no new code came before the visit ended, at {self.outbox.place}"

    async def _why(self) -> str:
        said = f"no new code came within {self.outbox.patience_s:g} s, at {self.outbox.place}"
        try:
            await signals.latest_code(self.outbox.base_url, self.outbox.step_up)
        except TargetError as error:
            return f"{said}: {error}"
        return said

    async def _seen(self, latest: Sent) -> Sent:
        try:
            return await self.outbox.glance()
        except TargetError:
            return latest

    def _sent_again(self, before: Sent, seen: Sent, quiet_s: float) -> bool:
        """Whether an entry came whose code is the one that stood there before."""
        if not seen.codes or seen.whole == before.whole or seen.entries < before.entries:
            return False
        return seen.entries > before.entries or quiet_s >= _SETTLED_S

    def _always_stood(self, seen: Sent) -> bool:
        """Whether one single code stands there, the same as before the lab's first visitor."""
        first = self.known.first
        return first is not None and seen.codes == first.codes and len(seen.codes) == seen.entries == first.entries == 1
