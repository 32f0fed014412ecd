"""The search itself, against flows that are made up: it must find the edge that was put there, and say what contradicts it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import LaboratoryError
from harness.explore.cliff.axis import Axis
from harness.explore.cliff.search import Search
from harness.journal.cliff import Edge, Look, State

DELAY = Axis(mildest=100, worst=30_000, grain=25, share=0.04)
RATE = Axis(mildest=1024, worst=1, grain=1, share=0.05)
LOST = Axis(mildest=1, worst=8, grain=1)

Flow = Callable[[int, int], State]


def searched(axis: Axis, flow: Flow, *, repeats: int = 3) -> tuple[Edge, Edge, list[Look]]:
    """Both edges of a flow that ends in a state for a value and the how-manieth look at it."""

    async def ask(value: int, nth: int) -> Look:
        return Look(value=value, state=flow(value, nth))

    async def go() -> tuple[Edge, Edge, list[Look]]:
        search = Search(axis, ask, repeats=repeats)
        return await search.edge("degraded"), await search.edge("broken"), search.looks

    return asyncio.run(go())


def stepped(degraded_from: int, broken_from: int) -> Flow:
    """A flow that gets worse at two values, whatever look it is."""

    def flow(value: int, _nth: int) -> State:
        if value >= broken_from:
            return State.BROKEN
        return State.DEGRADED if value >= degraded_from else State.VERIFIED

    return flow


@given(degraded=st.integers(101, 30_000), more=st.integers(0, 30_000))
def test_both_edges_lie_in_their_intervals_and_the_intervals_are_tight(degraded: int, more: int) -> None:
    broken = degraded + more
    fallback, breaks, looks = searched(DELAY, stepped(degraded, broken))
    assert fallback.mild is not None
    assert fallback.bad is not None
    assert fallback.mild < degraded <= fallback.bad
    assert fallback.bad - fallback.mild <= max(25, 0.04 * fallback.bad)
    if broken > DELAY.worst:
        assert breaks.bad is None
    else:
        assert breaks.mild is not None
        assert breaks.bad is not None
        assert breaks.mild < broken <= breaks.bad
    assert (fallback.noisy, fallback.islands, breaks.noisy, breaks.islands) == ((), (), (), ())
    assert len(looks) <= 40


@given(st.integers(1, 1023))
def test_a_line_that_gets_thinner_is_found_to_break_below_a_rate(rate: int) -> None:
    _, breaks, _ = searched(RATE, lambda value, _nth: State.BROKEN if value <= rate else State.VERIFIED)
    assert breaks.mild is not None
    assert breaks.bad is not None
    assert breaks.bad <= rate < breaks.mild


def test_each_side_of_an_edge_rests_on_as_many_looks_as_were_asked_for() -> None:
    fallback, breaks, looks = searched(DELAY, stepped(2500, 99_999), repeats=4)
    assert fallback.repeats == 4
    assert breaks.repeats == 4
    for side in (fallback.mild, fallback.bad, DELAY.worst):
        assert sum(look.value == side for look in looks) == 4


def test_a_count_is_found_exactly() -> None:
    fallback, breaks, _ = searched(LOST, stepped(3, 99))
    assert (fallback.mild, fallback.bad) == (2, 3)
    assert breaks.bad is None


def test_what_degrades_at_the_mildest_value_does_so_already() -> None:
    fallback, _, _ = searched(LOST, stepped(1, 99))
    assert (fallback.mild, fallback.bad, fallback.found) == (None, 1, True)


def test_noise_makes_the_interval_wider_and_is_said() -> None:
    # Between 2300 and 2700 every second look degrades.
    def flow(value: int, nth: int) -> State:
        if 2300 <= value < 2700:
            return State.DEGRADED if nth % 2 else State.VERIFIED
        return State.VERIFIED if value < 2300 else State.DEGRADED

    fallback, _, _ = searched(DELAY, flow, repeats=4)
    assert fallback.mild is not None
    assert fallback.bad is not None
    assert fallback.mild < 2300
    assert fallback.bad >= 2700
    assert fallback.noisy
    assert all(2300 <= one.value < 2700 for one in fallback.noisy)


def test_what_is_random_everywhere_is_called_not_repeatable() -> None:
    fallback, _, _ = searched(LOST, lambda _value, nth: State.DEGRADED if nth % 2 else State.VERIFIED, repeats=4)
    assert not fallback.found
    assert fallback.noisy


def test_a_way_back_to_health_beyond_the_edge_is_said_and_not_hidden() -> None:
    # Something that is tried after 5 s saves the flow until 12 s: bisection alone steps over what lies before it.
    def saved_in_the_middle(value: int, _nth: int) -> State:
        return State.VERIFIED if value < 2000 or 5000 <= value < 12_000 else State.DEGRADED

    fallback, _, _ = searched(DELAY, saved_in_the_middle)
    assert fallback.mild is not None
    assert fallback.bad is not None
    assert fallback.mild < 2000 <= fallback.bad
    assert [one.bad for one in fallback.islands if 5000 <= one.value < 12_000]
    assert all(5000 <= one.value < 12_000 for one in fallback.islands)


def test_a_look_that_breaks_the_lab_leaves_no_other_in_a_slot_that_the_next_search_takes() -> None:
    slots = ("first", "second")
    taken: list[str] = []
    shared: list[str] = []

    @contextlib.asynccontextmanager
    async def a_slot(free: asyncio.Queue[str]) -> AsyncIterator[None]:
        slot = await free.get()
        shared.extend([slot] if slot in taken else [])
        taken.append(slot)
        try:
            yield
        finally:
            # A lab needs a moment to stop what it has started.
            await asyncio.sleep(0)
            taken.remove(slot)
            free.put_nowait(slot)

    def search(lab: Callable[[int], Awaitable[None]]) -> Search:
        # As one search after the other has them: a queue of its own, of the same slots.
        free: asyncio.Queue[str] = asyncio.Queue()
        for slot in slots:
            free.put_nowait(slot)

        async def ask(value: int, _nth: int) -> Look:
            async with a_slot(free):
                await lab(value)
            return Look(value=value, state=State.VERIFIED)

        return Search(DELAY, ask, repeats=3)

    async def breaks_at_the_worst(value: int) -> None:
        if value == DELAY.worst:
            raise LaboratoryError("the target died")
        await asyncio.Event().wait()

    async def is_quick(_value: int) -> None:
        await asyncio.sleep(0)

    async def go() -> None:
        with pytest.raises(LaboratoryError, match="the target died"):
            await search(breaks_at_the_worst).edge("degraded")
        assert taken == []
        await search(is_quick).edge("degraded")

    asyncio.run(go())
    assert shared == []


def test_looks_that_had_ended_are_kept_when_another_breaks_the_lab() -> None:
    other_ended = asyncio.Event()

    async def ask(value: int, _nth: int) -> Look:
        if value == DELAY.worst:
            await other_ended.wait()
            raise LaboratoryError("the target died")
        other_ended.set()
        return Look(value=value, state=State.VERIFIED)

    search = Search(DELAY, ask, repeats=3)
    with pytest.raises(LaboratoryError, match="the target died"):
        asyncio.run(search.edge("degraded"))
    assert [look.value for look in search.looks] == [DELAY.mildest]


def test_a_search_that_is_cut_short_lets_each_lab_stop_what_it_has_started() -> None:
    begun = asyncio.Event()
    stopped: list[int] = []

    async def ask(value: int, _nth: int) -> Look:
        if value == DELAY.mildest:
            begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            # One takes longer than the other, and must not be stopped in that.
            for _ in range(20 if value == DELAY.worst else 1):
                await asyncio.sleep(0)
            stopped.append(value)
        return Look(value=value, state=State.VERIFIED)

    async def go() -> None:
        searching = asyncio.create_task(Search(DELAY, ask, repeats=3).edge("degraded"))
        await begun.wait()
        searching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await searching

    asyncio.run(go())
    assert stopped == [DELAY.mildest, DELAY.worst]
