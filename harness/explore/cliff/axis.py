"""The values of one kind, from the mildest to the worst, and the way between them: each step is a ratio, as with a zoom."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Whole numbers from ``mildest`` to ``worst``, neither of them 0; ``worst`` may be the smaller one.

    Two values are close enough when they differ by at most ``grain``, or by at most ``share`` of the larger one.
    """

    mildest: int
    worst: int
    grain: int = 1
    share: float = 0.0

    def severity(self, value: int) -> int:
        """Order values: what is worse is greater."""
        return value if self.worst >= self.mildest else -value

    def tight(self, one: int, other: int) -> bool:
        """Whether nothing between two values is worth a look."""
        return abs(one - other) <= max(self.grain, self.share * max(one, other))

    def between(self, one: int, other: int) -> int | None:
        """The value half-way by ratio; None when they are tight, or neighbours."""
        if self.tight(one, other):
            return None
        low, high = sorted((one, other))
        middle = round(math.sqrt(low * high))
        return middle if low < middle < high else (low + high) // 2 if high - low > 1 else None

    def outwards(self, value: int, *, worse: bool, times: int) -> int:
        """The value that lies some way further out; the way doubles with ``times``, and ends at the axis's own end."""
        rises = worse == (self.worst >= self.mildest)
        way = max(self.grain, self.share * value) * 2**times
        moved = round(value + way) if rises else round(value / (1 + way / max(value, 1)))
        least, most = sorted((self.mildest, self.worst))
        return min(max(moved if moved != value else value + (1 if rises else -1), least), most)
