"""What a search by callbacks costs: its rate on pages that are used again, against that with a reload for each example."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from hypothesis import HealthCheck, Phase, given, seed, settings

from harness.catalog.callbacks import Callbacks
from harness.explore.callbacks import CallbackSubject, open_subject
from harness.explore.drawn_callbacks import callbacks
from harness.explore.stand import Stand
from harness.explore.thread import open_laboratory
from harness.target.spec import Target

ROUNDS = 3
EXAMPLES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Examples a second with a fresh page for each (``reloading``) and with pages that are used again (``used_again``).

    ``to_reloading`` is their ratio, the median of all rounds; ``reloads`` how many pages were opened of ``examples`` even so.
    """

    reloading: float
    used_again: float
    to_reloading: float
    reloads: int
    examples: int


def pressing_rates(target: Target, *, toxiproxy: str | None = None, browser: str | None = None) -> Pressed:
    """Try the same examples both ways by turns, at the target's first flow whose callbacks can be drawn."""
    flow = next(flow for flow in target.flows.values() if Stand.can(target, flow))
    reloading, used_again, reloads = [], [], 0
    with open_laboratory(target, toxiproxy=toxiproxy, browser=browser) as laboratory:
        subject = open_subject(laboratory, flow)
        try:
            subject.prove()
            # What is only started once is started before: the second target is as little of a round as the first.
            for fresh in (True, False):
                _rate(subject, drawn(ROUNDS), fresh=fresh)
            for number in range(ROUNDS):
                examples = drawn(number)
                reloading.append(_rate(subject, examples, fresh=True))
                before = subject.stand.reloads
                used_again.append(_rate(subject, examples, fresh=False))
                reloads += subject.stand.reloads - before
        finally:
            laboratory.do(subject.stand.close())
    ratios = [ours / theirs for ours, theirs in zip(used_again, reloading, strict=True)]
    return Pressed(
        reloading=median(reloading),
        used_again=median(used_again),
        to_reloading=median(ratios),
        reloads=reloads,
        examples=ROUNDS * EXAMPLES,
    )


def drawn(number: int) -> list[Callbacks]:
    """Draw as the search does, less those under which a page has to wait: its clock is moved on a page of its own both ways."""
    found: list[Callbacks] = []

    @seed(number)
    @settings(
        max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(callbacks().filter(lambda one: not one.waits))
    def draw(one: Callbacks) -> None:
        found.append(one)

    draw()
    return found


def _rate(subject: CallbackSubject, examples: Sequence[Callbacks], *, fresh: bool) -> float:
    began = time.perf_counter()
    for one in examples:
        subject.laboratory.do(subject.stand.attempt(one, fresh=fresh))
    return len(examples) / (time.perf_counter() - began)
