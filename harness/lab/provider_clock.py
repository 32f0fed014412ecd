"""The emulator's clock, in the hands of a fault."""

from __future__ import annotations

from harness.catalog import Place
from harness.faults.base import Receipt
from harness.providers.base import Emulator


class EmulatorClock:
    """Set one emulator's clock apart from the world's."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def skew(self, seconds: int) -> Receipt:
        """Set it ``seconds`` ahead (negative: behind; 0: right again)."""
        stands = self._emulator.skew(seconds)
        return Receipt(place=Place.PROVIDER, asked=f"clock {seconds:+d} s", read_back=f"clock {stands:+d} s")
