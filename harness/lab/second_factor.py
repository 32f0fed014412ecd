"""A forger before the step-up: codes made up, foretold, used before, or sent to somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from harness.journal.model import CodeTry
from harness.target import signals
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec, StepUp

# NIST SP 800-63B, 5.2.2: no more than 100 failed tries in a row on one account.
WRONG_CODES = 100
_AT_ONCE = 10
_FAVOURITES = ("123456", "000000", "111111")
_MAX_DETAIL = 200


def has_one(flow: FlowSpec) -> bool:
    """Whether the flow's step-up can be taken over HTTP."""
    return flow.step_up is not None and flow.step_up.status is not None and flow.step_up.confirm is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offered step-up, and the code that was sent for it."""

    answer: SubmitResult
    code: str


@dataclass(slots=True, kw_only=True)
class SecondFactor:
    """Try the step-up of one flow. ``offer`` gets the next one for an account of its own, ``gained`` says what came of it.

    ``door`` is where codes are sent, ``base_url`` where the outbox is read, ``codes`` keeps what was read there.
    """

    flow: FlowSpec
    door: str
    base_url: str
    offer: Callable[[], Awaitable[SubmitResult]]
    gained: Callable[[], Awaitable[int]]
    codes: set[str] = field(default_factory=set)

    async def tried(self) -> tuple[CodeTry, ...]:
        """Make all tries, the honest one among them; none where no step-up is offered."""
        first = await self._offered()
        if first is None:
            return ()
        done = [
            await self._enter("wrong-code", first, wrong_codes(first.code)),
            await self._enter("right-code-after-wrong-ones", first, (first.code,)),
        ]
        mine, other = await self._offered(), await self._offered()
        if mine is None or other is None:
            return tuple(done)
        done += [
            await self._enter("code-of-another", mine, (other.code,)),
            await self._enter("right-code", other, (other.code,)),
            await self._enter("code-again", other, (other.code,)),
        ]
        if (third := await self._offered()) is not None:
            done.append(await self._enter("used-code-of-another", third, (other.code,)))
        if third is not None and (fourth := await self._offered()) is not None:
            done.append(await self._enter("foretold-code", fourth, foretold(other.code, third.code)))
        return tuple(done)

    async def _offered(self) -> Offer | None:
        answer = await self.offer()
        if not signals.offered(answer, self.flow):
            return None
        code = await signals.latest_code(self.base_url, self._step_up)
        self.codes.add(code)
        return Offer(answer=answer, code=code)

    @property
    def _step_up(self) -> StepUp:
        assert self.flow.step_up is not None
        return self.flow.step_up

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
