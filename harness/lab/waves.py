"""The crowd of a scenario of load: who comes in which wave, and from where. Pure, and the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness.journal.model import Scenario
from harness.lab.address_book import Book
from harness.target.spec import FlowSpec, Load, Target

Who = Literal["honest", "forger", "page"]
Wave = Literal["before", "outage", "after"]
WAVES: tuple[Wave, ...] = ("before", "outage", "after")

BEFORE_S, OUTAGE_S = 5.0, 8.0
# The wave after the outage lasts this much longer than recovery may take: who comes then must be served as before.
SETTLED_S = 3.0
# Of a hundred who arrive; the others load pages that the captcha has nothing to do with.
_HONEST, _FORGERS = 60, 25
_FIRST_ACCOUNT = 101


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One virtual user: when they arrive in their wave (seconds), and who they are. ``path`` is a page's.

    ``number`` is nobody else's; an account and an address may be another's, too.
    """

    number: int
    at_s: float
    who: Who
    wave: Wave
    account: int
    address: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gang:
    """How many forgers share an address, and how many of them, the first, one account; the others have one each."""

    per_account: int
    per_address: int

    @classmethod
    def beyond(cls, *, per_account: int, per_address: int) -> Gang:
        """One try too many for one account, before those of an address hide it, and twice as many as may get through there."""
        tries = per_account + 1
        return cls(per_account=tries, per_address=max(tries, 2 * per_address + 1))

    def place(self, forgers: list[int], number: int) -> tuple[int, int]:
        """Add a forger to those before; returns whose account and whose address are used, by their numbers."""
        forgers.append(number)
        place = (len(forgers) - 1) % self.per_address
        leader = forgers[len(forgers) - 1 - place]
        return leader if place < self.per_account else number, leader


def crowd_of(target: Target, flow: FlowSpec, load: Load, scenario: Scenario) -> tuple[Arrival, ...]:
    """Who comes to this target in this scenario: from its own ranges, to its own pages, more than its limits allow."""
    return arrivals(
        rate_per_s=load.rate_per_s,
        recovery_ms=scenario.expect.recovery_budget_ms,
        pages=(target.ready, *load.also),
        seed=scenario.id,
        gang=Gang.beyond(per_account=flow.limits.per_account, per_address=flow.limits.per_address),
        addresses=Book.of(target.client_ip_ranges).everybody,
    )


def arrivals(
    *,
    rate_per_s: int,
    recovery_ms: int,
    pages: tuple[str, ...],
    seed: str,
    gang: Gang,
    addresses: Sequence[str],
) -> tuple[Arrival, ...]:
    """Draw the crowd: Poisson arrivals at ``rate_per_s``, each with an account and, while there are enough, an address.

    Forgers come in a ``gang``, a new one at each wave: were each of them somebody else, from somewhere else, no limit would be
    tried, and an address that a wave before has used up would try none.
    """
    drawn = random.Random(seed)  # noqa: S311 - a schedule, no secret
    lasts_s: Mapping[Wave, float] = {"before": BEFORE_S, "outage": OUTAGE_S, "after": recovery_ms / 1000 + SETTLED_S}
    crowd: list[Arrival] = []
    for wave in WAVES:
        forgers: list[int] = []
        for at_s in _times(drawn, rate_per_s, lasts_s[wave]):
            number = len(crowd)
            who = _who(drawn)
            account, home = number, number
            if who == "forger":
                account, home = gang.place(forgers, number)
            crowd.append(
                Arrival(
                    number=number,
                    at_s=round(at_s, 4),
                    who=who,
                    wave=wave,
                    account=_FIRST_ACCOUNT + account,
                    address=addresses[home % len(addresses)],
                    path=drawn.choice(pages) if who == "page" else "",
                )
            )
    return tuple(crowd)


def _times(drawn: random.Random, rate_per_s: int, lasts_s: float) -> Iterator[float]:
    at_s = drawn.expovariate(rate_per_s)
    while at_s < lasts_s:
        yield at_s
        at_s += drawn.expovariate(rate_per_s)


def _who(drawn: random.Random) -> Who:
    point = drawn.randrange(100)
    return "honest" if point < _HONEST else "forger" if point < _HONEST + _FORGERS else "page"
