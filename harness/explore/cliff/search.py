"""Find where a level begins, by bisection, and how sure that is, by repeats. Nothing here knows what a value is of.

Each look is one try, and tries may disagree. The interval that is given has a clean side at either end: so many looks, all of
them better at the one, all of them at the level at the other. Noise makes it wider; what lies outside and contradicts is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable

from harness.explore.cliff.axis import Axis
from harness.explore.cliff.together import together
from harness.journal.cliff import Count, Edge, Level, Look, State

# Looks at a value for the how-manieth time (1 first): who is asked may look more closely at later ones, and at some at once.
Ask = Callable[[int, int], Awaitable[Look]]

ROUNDS = 3
# Neighbours with a greater ratio have room between them for what nobody has seen.
GAP = 4.0
_STEPS_OUT = 6
_REACHED: dict[Level, frozenset[State]] = {
    "degraded": frozenset({State.DEGRADED, State.BROKEN}),
    "broken": frozenset({State.BROKEN}),
}


class Search:
    """All looks along one axis; every question after the first one starts from what is known."""

    def __init__(self, axis: Axis, ask: Ask, *, repeats: int) -> None:
        self.looks: list[Look] = []
        self._axis = axis
        self._ask = ask
        self._repeats = repeats

    async def edge(self, level: Level) -> Edge:
        """Find where the level begins."""
        await self._look(1, self._axis.worst, self._axis.mildest)
        for _ in range(ROUNDS):
            await self._bisect(level)
            known = self._bracket(level)
            await self._look_aside(level, *known)
            if self._bracket(level) == known:
                break
        return await self._cleaned(level)

    async def _bisect(self, level: Level) -> None:
        """Narrow the bracket until it is tight and both its sides have been looked at often enough."""
        while True:
            mild, bad = self._bracket(level)
            middle = None if mild is None or bad is None else self._axis.between(mild, bad)
            if middle is not None:
                await self._look(1, middle)
                continue
            await self._look(self._repeats, *(side for side in (mild, bad) if side is not None))
            if self._bracket(level) == (mild, bad):
                return

    async def _look_aside(self, level: Level, mild: int | None, bad: int | None) -> None:
        """Look into every wide gap on either side of the bracket: that it only gets worse is an assumption until then."""
        while asides := self._in_gaps(mild, bad):
            await self._look(1, *asides)
        unlike = [value for value in self._values() if self._is_island(self._count(value, level), mild, bad)]
        await self._look(self._repeats, *unlike)

    def _in_gaps(self, mild: int | None, bad: int | None) -> list[int]:
        """The middle of every two neighbours that are far apart, but for the bracket itself."""
        pairs = [pair for pair in itertools.pairwise(self._values()) if pair != (mild, bad)]
        middles = [self._axis.between(*pair) for pair in pairs if max(pair) / min(pair) > GAP]
        return [middle for middle in middles if middle is not None]

    async def _cleaned(self, level: Level) -> Edge:
        """Move each side outwards until all its looks agree."""
        mild, bad = self._bracket(level)
        mild = None if mild is None else await self._clean_side(level, mild, worse=False)
        bad = None if bad is None else await self._clean_side(level, bad, worse=True)
        sides = [self._count(side, level).of for side in (mild, bad) if side is not None]
        counts = [self._count(value, level) for value in self._values()]
        inside = [one for one in counts if self._is_between(one.value, mild, bad)]
        return Edge(
            level=level,
            mild=mild,
            bad=bad,
            repeats=min(sides, default=0),
            noisy=tuple(one for one in inside if 0 < one.bad < one.of or self._contradicts(inside, one)),
            islands=tuple(one for one in counts if self._is_island(one, mild, bad)),
        )

    async def _clean_side(self, level: Level, value: int, *, worse: bool) -> int | None:
        for times in range(_STEPS_OUT):
            await self._look(self._repeats, value)
            count = self._count(value, level)
            if count.bad == (count.of if worse else 0):
                return value
            further = self._axis.outwards(value, worse=worse, times=times)
            if further == value:
                return None
            value = further
        return None

    async def _look(self, times: int, *values: int) -> None:
        """Look until each value has been looked at so often, at all of them at once; where one look fails the others end."""
        seen = {value: sum(look.value == value for look in self.looks) for value in values}
        due = [(value, nth) for value in seen for nth in range(seen[value] + 1, times + 1)]
        await together(*(self._keep(value, nth) for value, nth in due))

    async def _keep(self, value: int, nth: int) -> None:
        # At once: what was seen stays seen, whatever becomes of the look beside it.
        look = await self._ask(value, nth)
        self.looks.append(look)

    def _values(self) -> list[int]:
        """Every value that was looked at, the mildest first."""
        return sorted({look.value for look in self.looks}, key=self._axis.severity)

    def _count(self, value: int, level: Level) -> Count:
        states = [look.state for look in self.looks if look.value == value]
        return Count(value=value, bad=sum(state in _REACHED[level] for state in states), of=len(states))

    def _bracket(self, level: Level) -> tuple[int | None, int | None]:
        """The mildest value at which at least half of the looks have reached the level, and the one before it."""
        before: int | None = None
        for value in self._values():
            count = self._count(value, level)
            if count.bad * 2 >= count.of:
                return before, value
            before = value
        return before, None

    def _is_between(self, value: int, mild: int | None, bad: int | None) -> bool:
        severity = self._axis.severity
        above = mild is None or severity(value) > severity(mild)
        return above and (bad is None or severity(value) < severity(bad))

    def _contradicts(self, counts: list[Count], one: Count) -> bool:
        """Whether a value between the sides is better than a milder one, or worse than one that is worse."""
        severity = self._axis.severity
        milder = any(severity(other.value) < severity(one.value) and other.bad and not one.bad for other in counts)
        return milder or any(severity(other.value) > severity(one.value) and one.bad and not other.bad for other in counts)

    def _is_island(self, count: Count, mild: int | None, bad: int | None) -> bool:
        severity = self._axis.severity
        if mild is not None and severity(count.value) <= severity(mild):
            return count.bad > 0
        if bad is not None and severity(count.value) >= severity(bad):
            return count.bad < count.of
        return False
