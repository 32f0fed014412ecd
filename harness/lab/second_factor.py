"""A forger before the step-up: codes made up, foretold, used before, or sent to somebody else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from harness.journal.model import CodeTry
from harness.lab.outbox import NoCode, Outbox
from harness.target import signals
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec

# NIST SP 800-63B, 5.2.2: no more than 100 failed tries in a row on one account.
WRONG_CODES = 100
_AT_ONCE = 10
_FAVOURITES = ("123456", "000000", "111111")
_MAX_DETAIL = 200
# Nobody says when a worker of the target's has written its record: the count can only be asked for.
_ASKED_EVERY_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offered step-up, and the code that was sent for it."""

    answer: SubmitResult
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of the codes, and why some were not tried ("": all were)."""

    codes: tuple[CodeTry, ...]
    untried: str = ""


@dataclass(slots=True, kw_only=True)
class SecondFactor:
    """Try the step-up of one flow. ``offer`` gets the next one for an account of its own, ``gained`` says what came of it.

    ``door`` is where codes are sent, ``outbox`` where they are read, ``codes`` keeps what was read there.
    """

    flow: FlowSpec
    door: str
    outbox: Outbox
    offer: Callable[[], Awaitable[SubmitResult]]
    gained: Callable[[], Awaitable[int]]
    codes: set[str] = field(default_factory=set)
    _offers: int = field(default=0, init=False)

    async def tried(self) -> Tried:
        """Make all tries, the honest one first: where that has no effect, no other proves anything."""
        done: list[CodeTry] = []
        try:
            async for tried in self._tries():
                done.append(tried)  # noqa: PERF401 - what was done before a code was lacking must be kept
        except NoCode as why:
            return Tried(codes=tuple(done), untried=str(why))
        return Tried(codes=tuple(done))

    async def _tries(self) -> AsyncIterator[CodeTry]:
        first = await self._first()
        yield await self._enter_right(first)
        yield await self._enter("code-again", first, (first.code,))
        mine, other = await self._offered(), await self._offered()
        foreign = await self._enter("code-of-another", mine, (other.code,))
        yield foreign
        third = await self._offered()
        yield await self._enter("used-code-of-another", third, (first.code,))
        fourth = await self._offered()
        yield await self._enter("foretold-code", fourth, foretold(other.code, third.code))
        if foreign.effects > 0:
            # It was read after both offers: that it is the other's is known only where a later offer's is its own, too.
            yield await self._enter_right(await self._offered(), "right-code-later")
        # Last, since whoever makes a hundred wrong tries may be right to be shut out of everything.
        yield await self._enter("wrong-code", other, wrong_codes(other.code))
        yield await self._enter("right-code-after-wrong-ones", other, (other.code,))

    async def _first(self) -> Offer:
        """The first offer whose code is surely its own: those of tries before it may still have been under way."""
        first = await self._offered()
        return first if await self.outbox.at_rest() else await self._offered()

    async def _offered(self) -> Offer:
        before = await self.outbox.now()
        answer = await self.offer()
        if not signals.offered(answer, self.flow):
            said = answer.error if answer.status is None else f"status {answer.status}"
            raise NoCode(f"after {self._offers} offers of the step-up a ticket that looks honest was offered none: {said}")
        self._offers += 1
        code = await self.outbox.new_since(before)
        self.codes.add(code)
        return Offer(answer=answer, code=code)

    async def _enter_right(self, offer: Offer, label: str = "right-code") -> CodeTry:
        tried, began = await self._enter(label, offer, (offer.code,)), time.monotonic()
        while not tried.effects and time.monotonic() - began < self.outbox.patience_s:
            # As in settling: that an effect is written late is told by no event.
            await asyncio.sleep(_ASKED_EVERY_S)
            tried = replace(tried, effects=await self.gained())
        return tried

    async def _enter(self, label: str, offer: Offer, codes: Sequence[str]) -> CodeTry:
        results: list[SubmitResult] = []
        for begin in range(0, len(codes), _AT_ONCE):
            together = codes[begin : begin + _AT_ONCE]
            results += await asyncio.gather(*(signals.confirm(self.door, self.flow, offer.answer, code) for code in together))
        last = results[-1]
        return CodeTry(
            label=label,
            tries=len(results),
            status=last.status,
            effects=await self.gained(),
            detail=(last.error or last.text)[:_MAX_DETAIL],
        )


def wrong_codes(right: str) -> tuple[str, ...]:
    """As many codes as may be tried, in the form of the right one, which is not among them."""
    made_up = (f"{number * 7919 % 10 ** len(right):0{len(right)}d}" for number in range(1, WRONG_CODES + 10))
    return tuple(code for code in dict.fromkeys((*_FAVOURITES, *made_up)) if code != right)[:WRONG_CODES]


def foretold(before: str, last: str) -> tuple[str, ...]:
    """What the next code would be if it followed from the two before it, in which one may look at one's own."""
    return tuple(dict.fromkeys((last, *_following(before, last))))


def _following(before: str, last: str) -> Iterator[str]:
    if before.isdecimal() and last.isdecimal():
        step, size = int(last) - int(before), 10 ** len(last)
        for next_one in (int(last) + step, int(last) + 1, int(last) + 2, int(last) - 1):
            yield f"{next_one % size:0{len(last)}d}"
