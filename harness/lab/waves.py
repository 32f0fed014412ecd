"""The crowd of a scenario of load: who comes in which wave, and from where. Pure, and the same for the same seed."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Who = Literal["honest", "forger", "page"]
Wave = Literal["before", "outage", "after"]
WAVES: tuple[Wave, ...] = ("before", "outage", "after")

BEFORE_S, OUTAGE_S = 5.0, 8.0
# The wave after the outage lasts this much longer than recovery may take: who comes then must be served as before.
SETTLED_S = 3.0
# Of a hundred who arrive; the others load pages that the captcha has nothing to do with.
_HONEST, _FORGERS = 60, 25
_FIRST_ACCOUNT = 101
# Ranges for documentation (RFC 5737).
_ADDRESSES = tuple(str(host) for net in ("198.51.100.0/24", "203.0.113.0/24") for host in ipaddress.ip_network(net).hosts())


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One virtual user: when they arrive in their wave (seconds), and who they are. ``path`` is a page's."""

    at_s: float
    who: Who
    wave: Wave
    account: int
    address: str
    path: str = ""


def arrivals(*, rate_per_s: int, recovery_ms: int, pages: tuple[str, ...], seed: str) -> tuple[Arrival, ...]:
    """Draw the crowd: Poisson arrivals at ``rate_per_s``, each with an account and, while there are enough, an address."""
    drawn = random.Random(seed)  # noqa: S311 - a schedule, no secret
    lasts_s: Mapping[Wave, float] = {"before": BEFORE_S, "outage": OUTAGE_S, "after": recovery_ms / 1000 + SETTLED_S}
    crowd: list[Arrival] = []
    for wave in WAVES:
        for at_s in _times(drawn, rate_per_s, lasts_s[wave]):
            number = len(crowd)
            who = _who(drawn)
            crowd.append(
                Arrival(
                    at_s=round(at_s, 4),
                    who=who,
                    wave=wave,
                    account=_FIRST_ACCOUNT + number,
                    address=_ADDRESSES[number % len(_ADDRESSES)],
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
