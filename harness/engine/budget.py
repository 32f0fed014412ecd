"""The time that a run may take: nothing is begun that would not be done by then, as far as what was done so far tells.

It begins to run when it is made, so that what a laboratory's parts need to start is part of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable


class Budget:
    """So many ``seconds`` from now on; None: as long as it takes. ``clock`` is monotonic."""

    def __init__(self, seconds: float | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._ends_s = None if seconds is None else clock() + seconds
        self._controls_s = 0.0
        self._longest_s = 0.0

    def controls_took(self, seconds: float) -> None:
        """Note how long a slot's controls took: at its end it needs them once more."""
        self._controls_s = max(self._controls_s, seconds)

    def scenario_took(self, seconds: float) -> None:
        """Note how long a scenario took: the next one may take as long."""
        self._longest_s = max(self._longest_s, seconds)

    def end_in_time(self, leave_out: Callable[[], object]) -> None:
        """Leave out all that waits when one more scenario, and the controls after it, would end too late."""
        if self._ends_s is not None and self._clock() + self._longest_s + self._controls_s > self._ends_s:
            leave_out()
