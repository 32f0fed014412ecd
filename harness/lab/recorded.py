"""What every kind of lab does around its own work: whatever breaks, there is a record, and nothing of it goes on."""

from __future__ import annotations

from abc import ABC, abstractmethod

from harness.journal.model import Evidence, Record, Scenario
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.lab.trouble import what_broke


class RecordedLab(ABC):
    """A lab of one scenario; ``_stage`` is its running target from when there is one."""

    _scenario: Scenario
    _slot: Slot
    _recorder: Recorder
    _stage: Stage | None

    async def run(self, *, attempt: int = 1, repeat_reason: str = "") -> Record:
        """Run the scenario; the slot is left as it is (the next lab resets it)."""
        try:
            error = await what_broke(self._run())
            if self._stage is not None:
                error = self._stage.epitaph or error
            evidence = self._evidence(error)
        finally:
            if self._stage is not None:
                await self._stage.stop()
        return Record(
            scenario=self._scenario,
            evidence=evidence,
            slot=self._slot.number,
            attempt=attempt,
            repeat_reason=repeat_reason,
            began_unix_s=round(self._recorder.began_unix_s, 3),
        )

    @abstractmethod
    async def _run(self) -> None:
        """Do what the scenario asks for."""

    @abstractmethod
    def _evidence(self, error: str) -> Evidence:
        """Put together what was seen; ``error`` says what broke, "" nothing."""
