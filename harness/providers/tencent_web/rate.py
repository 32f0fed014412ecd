"""How many requests a second the API takes from one account. Source: domain/tencent-api.md 1 (documented rate)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

WINDOW_S = 1.0


class RateLimit:
    """At most ``limit`` requests in any second of ``elapsed``, a clock that never goes back; refused ones do not count."""

    def __init__(self, limit: int, elapsed: Callable[[], float]) -> None:
        self._elapsed = elapsed
        self._taken: deque[float] = deque(maxlen=limit)

    def take(self) -> bool:
        """Count a request; False when it is one too many."""
        now, taken = self._elapsed(), self._taken
        if len(taken) == taken.maxlen and now - taken[0] < WINDOW_S:
            return False
        taken.append(now)
        return True
