"""The target's outbox: which code was sent for which offer.

Many targets leave mail and SMS to a worker, so that the newest code may still be that of an offer before.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

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


def patience_s(business_ms: float | None) -> float:
    """How long a code is waited for, by the target's own budget for its business."""
    return PATIENCE_S if business_ms is None else min(business_ms / 1000, MOST_PATIENCE_S)


class NoCode(TargetError):  # noqa: N818 - it says what there is none of, and is read so in the verdict
    """No code came that can be told to be that of an offer."""


@dataclass(slots=True, kw_only=True)
class Outbox:
    """Codes as they come. ``lag_s`` is the longest that one was waited for, 0 where each stood there with the answer."""

    base_url: str
    step_up: StepUp
    patience_s: float = PATIENCE_S
    lag_s: float = 0.0
    _seen: Sent = field(default=Sent(codes=(), whole=""), init=False)
    _asked: float = field(default=0.0, init=False)
    _not_there: str = field(default="", init=False)

    async def now(self) -> Sent:
        """What stands in the outbox, asked again while it cannot be read; raises :class:`NoCode` when that lasts.

        Whatever cannot be read must not pass for empty: the code of an offer before would then be a new one.
        """
        began = time.monotonic()
        while True:
            try:
                return await self.glance()
            except TargetError as error:
                if time.monotonic() - began > self.patience_s:
                    raise NoCode(str(error)) from error
            # An outbox tells nobody that a message has come: here and below it can only be read again.
            await asyncio.sleep(_ASKED_EVERY_S)

    async def glance(self) -> Sent:
        """What stands in the outbox, asked once: nothing where it is not there yet; raises TargetError when unreadable."""
        self._not_there = ""
        try:
            return await signals.sent(self.base_url, self.step_up)
        except signals.NothingThere as error:
            self._not_there = f" ({error})"
            return Sent(codes=(), whole="")

    async def new_since(self, before: Sent) -> str:
        """Wait for a code that did not stand there ``before`` and return it; raises :class:`NoCode` when none comes in time."""
        self._asked = time.monotonic()
        self._seen = await self.now()
        while not self._seen.has_new(before):
            if time.monotonic() - self._asked > self.patience_s:
                raise NoCode(self._why(before))
            await asyncio.sleep(_ASKED_EVERY_S)
            self._seen = await self.now()
            self.lag_s = max(self.lag_s, time.monotonic() - self._asked)
        return self._seen.codes[-1]

    async def at_rest(self) -> bool:
        """Whether nothing came late: not the code that was last asked for, and none after it. Waits until no more is due.

        How late codes are is judged by the last that came, so that mails which come one after another are all waited for.
        """
        seen, since = self._seen, time.monotonic()
        while time.monotonic() - since < max(_LEAST_QUIET_S, 2 * self.lag_s):
            if time.monotonic() - self._asked > 3 * self.patience_s:
                raise NoCode(f"{self.place} still changed {3 * self.patience_s:g} s after the last offer")
            await asyncio.sleep(_ASKED_EVERY_S)
            # Only the codes: a document may well hold a clock or a counter besides.
            if (latest := await self.now()).codes != seen.codes:
                seen, since = latest, time.monotonic()
                self.lag_s = since - self._asked
        return not self.lag_s

    @property
    def place(self) -> str:
        """Where codes are read, as the target file has it."""
        return f"step_up.code.get = {self.step_up.code_get!r}"

    def _why(self, before: Sent) -> str:
        wait, latest = f"within {self.patience_s:g} s of an offer", self._seen
        if latest.codes and latest.whole != before.whole:
            return f"{self.place} got an entry {wait} with the code of the one before: no code can be told from another"
        return f"{self.place} got no new code {wait}{self._not_there}"
