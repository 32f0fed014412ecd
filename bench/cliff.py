"""How long it takes to find the cliff of one link: the shop's verdict API, by the time it thinks before it answers."""

from __future__ import annotations

import time
from dataclasses import dataclass

from harness.explore.cliff.kinds import tasks
from harness.explore.cliff.run import Options, Progress, search_cliffs
from harness.journal.cliff import Cliff, CliffRun
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One search. ``wall_s``: from nothing to the result, a browser's start included."""

    wall_s: float
    cliff: Cliff


async def one_cliff(*, toxiproxy: str | None = None, browser: str | None = None) -> Found:
    """Search as `captchaos cliff --flow login --link verdict --kind server-delay` does."""
    target = load_target(find_target(None))
    plan = make_plan(target)
    chosen = tasks(target, plan, flows=["login"], links=["verdict"], kinds=["server-delay"])
    runs: list[CliffRun] = []
    tell = Progress(said=lambda _line: None, found=runs.append)
    began = time.monotonic()
    await search_cliffs(target, plan, chosen, Options(toxiproxy=toxiproxy, browser=browser), tell)
    return Found(wall_s=time.monotonic() - began, cliff=runs[-1].cliffs[0])
