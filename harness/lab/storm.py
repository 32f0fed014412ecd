"""The storm at the end of an outage: all whom it held up come back at once with their tickets, and each must be served once.

A crowd solves the captcha and submits while the verdict API is broken. At its end each sends the same ticket again, answered or
not, as browsers and people do; who then has neither got it done nor been offered a second factor solves once more, all at once
again. Then somebody new comes, one after the other, until one is verified: a breaker may remember the outage for some seconds.
Who of the crowd is still left solves again and again after that, for as long as recovery may take: a breaker that is half open
lets few of them in at a time.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from harness.journal.model import AGAIN, FRESH, HELD_UP, NEXT
from harness.lab.forgeries import Forgery, Round
from harness.lab.outage import Outage
from harness.lab.recorder import Recorder
from harness.lab.stage import Stage
from harness.providers.base import VerdictCase
from harness.target.signals import SubmitResult

CROWD = 30
FIRST_ACCOUNT = 200
# How long the outage goes on with the crowd held up in it, at the most: that it does is the experiment.
HELD_UP_S = 1.5
# So often somebody comes at the most, spread over the budget for recovery, yet not faster than people do.
NEXT_VISITORS, NEXT_PAUSE_S = 20, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """``good`` has a good ticket issued to an account, ``submit`` sends one try, ``note`` keeps what came of some.

    ``served`` says whether an answer is done or an offer, ``verified`` whether it is done on the provider's word.
    """

    outage: Outage
    stage: Stage
    recorder: Recorder
    good: Callable[[int], VerdictCase]
    submit: Callable[[Forgery], Awaitable[SubmitResult]]
    note: Callable[[Round, Sequence[SubmitResult]], Awaitable[None]]
    served: Callable[[SubmitResult], bool]
    verified: Callable[[Forgery, SubmitResult], bool]

    async def breaks(self) -> None:
        """Let it break, and let somebody new come after it."""
        self.recorder.begin("storm")
        crowd = self._with_good_tickets(HELD_UP, range(FIRST_ACCOUNT, FIRST_ACCOUNT + CROWD))
        self.outage.good.update(one.ticket for one in crowd if one.ticket)
        async with self.outage.stands(self.stage):
            first = [asyncio.ensure_future(self.submit(one)) for one in crowd]
            await asyncio.wait(first, timeout=HELD_UP_S)
        ended_s = time.monotonic()
        again = tuple(replace(one, label=AGAIN) for one in crowd)
        results = await asyncio.gather(*first, *map(self.submit, again))
        await self.note((*crowd, *again), results)
        left = await self._solve_once_more(self._left(crowd, results))
        self.recorder.begin("new-visitor")
        if await self._next_visitors(ended_s) and left:
            self.recorder.begin("storm")
            await self._solve_until_served(left)

    async def _solve_until_served(self, left: Sequence[int]) -> None:
        """Let these come again, all who are left at once, until nobody is or the budget for recovery has passed anew."""
        until_s = time.monotonic() + self._budget_s
        while (left := await self._solve_once_more(left)) and time.monotonic() < until_s:  # noqa: ASYNC110 - people pause
            await asyncio.sleep(self._pause_s)

    @property
    def _budget_s(self) -> float:
        return self.outage.scenario.expect.recovery_budget_ms / 1000

    @property
    def _pause_s(self) -> float:
        return max(NEXT_PAUSE_S, self._budget_s / NEXT_VISITORS)

    async def _solve_once_more(self, left: Sequence[int]) -> list[int]:
        """Let these come with tickets of their own, all at once; returns who was not served."""
        if not left:
            return []
        fresh = self._with_good_tickets(FRESH, left)
        results = await asyncio.gather(*map(self.submit, fresh))
        await self.note(fresh, results)
        return [one.account for one, result in zip(fresh, results, strict=True) if not self.served(result)]

    async def _next_visitors(self, ended_s: float) -> bool:
        """Let somebody new come until one is verified, or came after the budget for recovery; returns whether one was."""
        for account in itertools.count(FIRST_ACCOUNT + CROWD):
            (one,) = self._with_good_tickets(NEXT, [account])
            after_s = time.monotonic() - ended_s
            one = replace(one, after_ms=after_s * 1000)
            result = await self.submit(one)
            await self.note((one,), [result])
            if self.verified(one, result):
                return True
            if after_s > self._budget_s:
                break
            # People come one after the other: there is no event to wait for.
            await asyncio.sleep(self._pause_s)
        return False

    def _left(self, crowd: Round, results: Sequence[SubmitResult]) -> list[int]:
        """Who was served by neither of both tries."""
        both = zip(crowd, results[: len(crowd)], results[len(crowd) :], strict=True)
        return [one.account for one, first, again in both if not (self.served(first) or self.served(again))]

    def _with_good_tickets(self, label: str, accounts: Iterable[int]) -> Round:
        issued = ((account, self.good(account)) for account in accounts)
        return tuple(
            Forgery(label=label, ticket=case.ticket, randstr=case.randstr, account=account) for account, case in issued
        )
