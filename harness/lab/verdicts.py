"""Every verdict that is no pass, given to the target from its real cause, or by altering the answer; and what it asked for."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.journal.model import Asked, VerdictCall
from harness.lab import collect
from harness.lab.forged_submits import names_randstr
from harness.lab.forgeries import FIRST_ACCOUNT, Forgery, Round, good_case
from harness.lab.hostile import hostile
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.providers.base import TellsWhatIsAsked, VerdictCase
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec

VERDICT = "verdict"
MAX_TICKET = 600
_ALTERED = re.compile(r"\Arewritten: code (-?[0-9]+)\Z", re.ASCII)


class Note(Protocol):
    """Who keeps the tries of a round, with what was answered and what the provider was asked meanwhile."""

    async def __call__(self, together: Round, results: Sequence[SubmitResult], *, asked: tuple[Asked, ...] = ()) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The tries of one verdict scenario; ``cases`` makes fresh ones, ``submit`` sends one, ``note`` keeps it."""

    slot: Slot
    recorder: Recorder
    flow: FlowSpec
    link: str
    cases: Callable[[], Sequence[VerdictCase]]
    submit: Callable[[Forgery], Awaitable[SubmitResult]]
    note: Note

    async def given(self) -> None:
        """Get every verdict that blocks from its real cause, or by altering the answer where the target did not ask for it."""
        given: set[int] = set()
        for number, case in enumerate(self.cases()):
            if case.rewrite is not None and not case.says and case.code in given:
                continue
            since = len(self.slot.provider.log)
            result, forgery = await self._with_verdict(case, FIRST_ACCOUNT + number)
            told = {call.answer for call in verdict_calls(self.slot, self.recorder, since=since)}
            if str(case.code) in told:
                given.add(case.code)
            elif case.rewrite is None:
                # The target turned it away itself: right, but no word on what it makes of the verdict.
                forgery = dataclasses.replace(forgery, label=case.cause)
            await self.note((forgery,), (result,), asked=self._asked(since))
        if isinstance(self.slot.provider.emulator, TellsWhatIsAsked):
            for forgery in hostile(lambda: good_case(self.cases()), with_randstr=names_randstr(self.flow)):
                since = len(self.slot.provider.log)
                result = await self.submit(forgery)
                await self.note((forgery,), (result,), asked=self._asked(since))

    def _asked(self, since: int) -> tuple[Asked, ...]:
        """What the provider was asked since its log's entry ``since``."""
        calls = (arrival for arrival in self.slot.provider.log[since:] if arrival.link == VERDICT)
        return tuple(Asked(ticket=call.ticket[:MAX_TICKET], others=call.asked) for call in calls)

    async def _with_verdict(self, case: VerdictCase, account: int) -> tuple[SubmitResult, Forgery]:
        label = f"code-{case.code}" + (f"-says-{case.says}" if case.says else "")
        forgery = Forgery(label=label, ticket=case.ticket, randstr=case.randstr, account=account)
        responses, link = self.slot.provider.responses, self.link
        if case.rewrite is None:
            return await self.submit(forgery), forgery
        responses.set(link, case.rewrite, f"code {case.code}")
        try:
            return await self.submit(forgery), forgery
        finally:
            responses.clear(link)


def verdict_calls(slot: Slot, recorder: Recorder, *, since: int = 0) -> tuple[VerdictCall, ...]:
    """The calls that reached the provider after its log's entry ``since``, each with the code that was really sent."""
    earlier = sum(1 for arrival in slot.provider.log[:since] if arrival.link == VERDICT)
    calls = collect.verdict_calls(slot, recorder)[earlier:]
    return tuple(dataclasses.replace(call, answer=_ALTERED.sub(r"\1", call.answer)) for call in calls)
