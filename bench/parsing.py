"""How fast tickets are read: the parser against a bare compiled pattern that knows the vendor's standard format and no more."""

from __future__ import annotations

import gc
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from harness.tickets import read

# The vendor's standard format with the client's fifth part, as an integrator would write it down.
_BARE = re.compile(r"(tr?error)_(\d+)_(\d+)_(\d{10})(?:_(.+))?", re.ASCII)
_TICKETS = 20_000
_ROUNDS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Tickets read in a second of processor time, the median of all rounds.

    ``bare``: matched by the bare pattern and its groups taken; ``matched``: matched and no more; ``mixed``: read by the parser
    where every other one is a near-miss. ``to_bare``: the parser's rate ÷ the bare pattern's of the same round, the median.
    """

    parser: float
    bare: float
    matched: float
    mixed: float
    to_bare: float


def parsing_rates() -> Rates:
    """Read the same tickets by turns with both, so that a busy moment meets both."""
    tickets, mixed = _well_formed(), _mixed()
    rates: dict[str, list[float]] = {"parser": [], "bare": [], "matched": [], "mixed": []}
    gc.collect()
    for _ in range(_ROUNDS):
        rates["parser"].append(_rate(read, tickets))
        rates["bare"].append(_rate(_taken_apart, tickets))
        rates["matched"].append(_rate(_BARE.fullmatch, tickets))
        rates["mixed"].append(_rate(read, mixed))
    ratios = [ours / bare for ours, bare in zip(rates["parser"], rates["bare"], strict=True)]
    return Rates(**{name: median(found) for name, found in rates.items()}, to_bare=median(ratios))


def _rate(reader: Callable[[str], object], texts: Sequence[str]) -> float:
    # The processor's time: another process that runs in between is none of the parser's.
    began = time.process_time()
    for text in texts:
        reader(text)
    return len(texts) / (time.process_time() - began)


def _taken_apart(text: str) -> object:
    found = _BARE.fullmatch(text)
    return found and found.groups()


def _well_formed() -> list[str]:
    prefixes, codes = ("terror", "trerror"), range(1001, 1015)
    suffixes = ("", "_3f9a0b12")
    every = [f"{prefix}_{code}_199999164_{{}}{suffix}" for prefix in prefixes for code in codes for suffix in suffixes]
    return [every[number % len(every)].format(1_700_000_000 + number) for number in range(_TICKETS)]


def _mixed() -> list[str]:
    """Half well-formed, half what vendors and integrators emit in their place."""
    shapes = ("terror_1001_199999164{}", "terror_1001__{}", "terror_199999164_{}", "terror_1001_199999164_{}000", "tr03{}*", "")
    wrong = [shapes[number % len(shapes)].format(1_700_000_000 + number) for number in range(_TICKETS // 2)]
    return [*_well_formed()[: _TICKETS // 2], *wrong]
