"""Who comes after a storm: somebody new until one is verified or the time for recovery has passed, then who was left."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.journal.model import AGAIN, FRESH, HELD_UP, NEXT
from harness.lab import storm
from harness.lab.forgeries import Forgery, Round
from harness.lab.recorder import Recorder
from harness.lab.storm import Storm
from harness.providers.base import VerdictCase
from harness.target.signals import SubmitResult

# docs/recovery.md: thirty people, and at the most twenty next visitors over the budget for recovery and one beyond it.
CROWD, MOST_NEXT = 30, 20


class Target:
    """One with a breaker that remembers an outage for ``memory_s``, and until then offers nothing to anybody.

    Half open it then lets ``trials`` of those in who come at once; who is told so has it done.
    """

    def __init__(self, memory_s: float, *, budget_s: float, trials: int = CROWD) -> None:
        self.came: list[Forgery] = []
        self.noted: list[Forgery] = []
        self._memory_s = memory_s
        self._budget_s = budget_s
        self._ended_s = 0.0
        self._trials = trials
        self._at_once = 0

    @asynccontextmanager
    async def stands(self, _stage: object) -> AsyncIterator[None]:
        self._ended_s = float("inf")
        yield
        self._ended_s = time.monotonic()

    async def submit(self, one: Forgery) -> SubmitResult:
        self.came.append(one)
        self._at_once += 1
        turned_away = self._at_once > self._trials
        await asyncio.sleep(0.005)  # as long as a submit takes, so that others come meanwhile
        self._at_once -= 1
        remembers = time.monotonic() < self._ended_s + self._memory_s
        return SubmitResult(status=429 if remembers or turned_away else 200, json=None, text="", real_ms=1.0)

    async def note(self, together: Round, _results: Sequence[SubmitResult]) -> None:
        self.noted.extend(together)

    def storm(self) -> Storm:
        def good(account: int) -> VerdictCase:
            return VerdictCase(code=7, cause="altered", ticket=f"t03 of {account}", randstr="@a", rewrite=cast(Any, object()))

        scenario = SimpleNamespace(expect=SimpleNamespace(recovery_budget_ms=self._budget_s * 1000))
        outage = SimpleNamespace(stands=self.stands, scenario=scenario, good=set())
        return Storm(
            outage=cast(Any, outage), stage=cast(Any, None), recorder=Recorder(), good=good, submit=self.submit,
            note=self.note, served=lambda result: result.status == 200,
            verified=lambda _one, result: result.status == 200,
        )  # fmt: skip

    def after_s(self) -> list[float]:
        return [one.after_ms / 1000 for one in self.noted if one.label == NEXT]


def break_on(target: Target) -> Counter[str]:
    """Let a storm break on it; returns how many came with which label, each of whom must have been noted."""
    asyncio.run(target.storm().breaks())
    assert len(target.noted) == len(target.came)
    return Counter(one.label for one in target.came)


def test_a_target_that_recovers_at_once_meets_one_next_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "NEXT_PAUSE_S", 0.05)
    assert break_on(Target(0.0, budget_s=1.0)) == {HELD_UP: CROWD, AGAIN: CROWD, NEXT: 1}


def test_a_breaker_that_remembers_the_outage_is_waited_for_and_who_was_left_solves_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(storm, "NEXT_PAUSE_S", 0.05)
    target = Target(0.3, budget_s=5.0)
    came = break_on(target)
    # Nobody of the crowd is served at the end, nor by a ticket of their own in the same moment, but by one when it is over.
    assert (came[HELD_UP], came[AGAIN], came[FRESH]) == (CROWD, CROWD, 2 * CROWD)
    assert 2 <= came[NEXT] <= MOST_NEXT
    *early, last = target.after_s()
    assert max(early) < 0.3 <= last + 0.01
    accounts = [one.account for one in target.came if one.label == NEXT]
    assert len(set(accounts)) == len(accounts), "each is somebody new"
    assert [one.label for one in target.came][-1] == FRESH


def test_a_target_that_never_recovers_is_given_up_when_the_time_for_it_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "NEXT_PAUSE_S", 0.01)
    target = Target(60.0, budget_s=0.6)
    came = break_on(target)
    assert came[FRESH] == CROWD
    *early, last = target.after_s()
    assert max(early) <= 0.6 < last
    assert 2 <= came[NEXT] <= MOST_NEXT + 1, "spread over the budget, however short the pause"


def test_who_a_half_open_breaker_turns_away_comes_again_until_each_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "NEXT_PAUSE_S", 0.05)
    target = Target(0.3, budget_s=5.0, trials=10)
    came = break_on(target)
    # Thirty at the end, all in vain; then thirty, twenty and ten, of whom ten get through each time.
    assert came[FRESH] == CROWD + 30 + 20 + 10
    last = [one.account for one in target.came[-10:]]
    assert len(set(last)) == 10
    assert all(sum(one.account == account for one in target.came) == 2 + 4 for account in last)


def test_who_is_never_served_is_given_up_when_the_time_for_recovery_has_passed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storm, "NEXT_PAUSE_S", 0.01)
    target = Target(0.1, budget_s=0.6, trials=1)
    began = time.monotonic()
    came = break_on(target)
    assert time.monotonic() - began < 2.5, "the outage and two budgets at the most"
    # One of thirty gets through each time, in at the most twenty times of thirty-odd milliseconds each.
    assert 2 * CROWD < came[FRESH] < CROWD + sum(range(CROWD + 1))
