"""Tickets for whoever asks the emulator without a browser: honest ones, and one for each cause of a verdict that blocks."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import UsageError, closest
from harness.providers.base import Bill, Bills, Emulator, Provider, VerdictCase

HONEST = "honest"
PASS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A ticket and the verdict that it gets when it is asked about with its ``randstr``."""

    cause: str
    code: int
    ticket: str
    randstr: str


class Mint:
    """Makes tickets by the provider's own verdict cases; ``billed`` leaves out what making them cost."""

    def __init__(self, provider: Provider, emulator: Emulator) -> None:
        self._provider = provider
        self._emulator = emulator
        self._cost = 0

    @property
    def billed(self) -> int | None:
        """What the vendor would have charged for; None when the emulator does not count it."""
        if not (isinstance(self._emulator, Bills) and isinstance(self._emulator.tickets, Bill)):
            return None
        return self._emulator.tickets.billed - self._cost

    def ticket(self, cause: str = HONEST) -> Minted:
        """Make a fresh ticket; raises UsageError with the closest match for a cause that the provider does not have."""
        before = self.billed or 0
        cases = self._provider.verdict_cases(self._emulator)
        # Some causes are a ticket that was used already: that use was ours and nobody's bill.
        self._cost += (self.billed or 0) - before
        offered = {case.cause: _blocked(case) for case in cases if case.rewrite is None}
        # A case that is made by a rewrite has an honest ticket, by its definition.
        if (honest := next((case for case in cases if case.rewrite is not None), None)) is not None:
            offered[HONEST] = Minted(cause=HONEST, code=PASS, ticket=honest.ticket, randstr=honest.randstr)
        if cause not in offered:
            raise UsageError(f"{self._provider.name} has no ticket of the cause {cause!r}{closest(cause, offered)}")
        return offered[cause]


def _blocked(case: VerdictCase) -> Minted:
    return Minted(cause=case.cause, code=case.code, ticket=case.ticket, randstr=case.randstr)
