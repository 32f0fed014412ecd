"""Addresses that nobody's browser has, shared out among a lab's visitors and what forgers claim: words in a header only."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

# Of each range: more than a lab ever names.
_TAKEN_OF_A_RANGE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Addresses for one use each: those of visitors, and those that a forger claims for himself.

    ``claimed`` stand in the header of the target's own proxy, ``besides`` in those of others; ``proxy_saw`` is his own.
    """

    visitors: tuple[str, ...]
    claimed: tuple[str, ...]
    besides: tuple[str, ...]
    proxy_saw: str

    @classmethod
    def of(cls, ranges: Sequence[str]) -> Self:
        """Share out the addresses of IPv4 ranges, half of them to visitors."""
        nets = ipaddress.collapse_addresses(map(ipaddress.IPv4Network, ranges))
        every = [str(host) for net in nets for host in islice(net.hosts(), _TAKEN_OF_A_RANGE)]
        half, third = len(every) // 2, len(every) * 2 // 3
        proxy_saw, *besides = every[third:]
        return cls(visitors=tuple(every[:half]), claimed=tuple(every[half:third]), besides=tuple(besides), proxy_saw=proxy_saw)

    @property
    def everybody(self) -> tuple[str, ...]:
        """All of them, for a crowd in which nobody claims anything."""
        return (*self.visitors, *self.claimed, *self.besides)
