"""The target's outbox: which code was sent for which offer.

Many targets leave mail and SMS to a worker, so that the newest code may still be that of an offer before.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from harness.errors import TargetError
from harness.target import signals
from harness.target.signals import Sent
from harness.target.spec import StepUp

# How long a code may take where the target file has no word on it: what a user bears who waits for one.
PATIENCE_S = 10.0
MOST_PATIENCE_S = 60.0
# Nobody says when a message has been written: the outbox can only be asked.
_ASKED_EVERY_S = 0.1
_LEAST_QUIET_S = 0.5


class NoCode(TargetError):  # noqa: N818 - it says what there is none of, and is read so in the verdict
    """No code came that can be told to be that of an offer."""


@dataclass(slots=True, kw_only=True)
class Outbox:
    """Codes as they come. ``lag_s`` is the longest that one was waited for, 0 where each stood there with the answer."""

    base_url: str
    step_up: StepUp
    patience_s: float = PATIENCE_S
    lag_s: float = 0.0

    async def now(self) -> Sent:
        """What stands in the outbox; nothing where it cannot be read yet."""
        try:
            return await signals.sent(self.base_url, self.step_up)
        except TargetError:
            return Sent(codes=(), whole="")

    async def new_since(self, before: Sent) -> str:
        """Wait for a code that did not stand there ``before`` and return it; raises :class:`NoCode` when none comes in time."""
        began = time.monotonic()
        seen = await self.now()
        while not seen.has_new(before):
            if time.monotonic() - began > self.patience_s:
                raise NoCode(await self._why(before))
            await asyncio.sleep(_ASKED_EVERY_S)
            seen = await self.now()
            self.lag_s = max(self.lag_s, time.monotonic() - began)
        return seen.codes[-1]

    async def quiet(self) -> None:
        """Wait until codes that are still under way have come, as judged by the longest wait for one so far."""
        enough_s, began = max(_LEAST_QUIET_S, 2 * self.lag_s), time.monotonic()
        seen, since = await self.now(), time.monotonic()
        while time.monotonic() - since < enough_s:
            if time.monotonic() - began > enough_s + self.patience_s:
                raise NoCode(f"{self._place} still changed {self.patience_s:g} s after the last offer")
            await asyncio.sleep(_ASKED_EVERY_S)
            if (latest := await self.now()) != seen:
                seen, since = latest, time.monotonic()

    @property
    def _place(self) -> str:
        return f"step_up.code.get = {self.step_up.code_get!r}"

    async def _why(self, before: Sent) -> str:
        wait = f"within {self.patience_s:g} s of an offer"
        latest = await signals.sent(self.base_url, self.step_up)
        if latest.codes and latest.whole != before.whole:
            return f"{self._place} got an entry {wait} with the code of the one before: no code can be told from another"
        return f"{self._place} got no new code {wait}"
