"""Our engine against a plain serial suite, on the twelve scenarios that ``bench/plain`` has by hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.plain.scenarios import CASES
from harness.errors import LaboratoryError
from harness.journal.model import Scenario
from harness.setup.browser import find_browser
from harness.setup.toxiproxy import find_toxiproxy
from harness.target.spec import Target

LIMIT_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What the plain suite took. ``total_s``: all visits; ``short_s``: without the three recovery visits."""

    total_s: float
    short_s: float
    cases: tuple[Mapping[str, Any], ...]


def alike(scenarios: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """Our scenarios of the same twelve kinds; raises LaboratoryError when the plan no longer has one."""
    by_id = {scenario.id: scenario for scenario in scenarios}
    missing = [case.like for case in CASES if case.like not in by_id]
    if missing:
        raise LaboratoryError(f"the plan has no {', '.join(missing)}: bring bench/plain/scenarios.py up to it")
    return tuple(by_id[case.like] for case in CASES)


async def run_plain(target: Target, *, toxiproxy: str | None, browser: str | None) -> Plain:
    """Run the plain suite in a process of its own, for it is synchronous and patches nothing."""
    server, chromium = await find_toxiproxy(toxiproxy), await find_browser(browser)
    if server.path is None:
        raise LaboratoryError("the plain suite starts a Toxiproxy of its own: give a path, not an address")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.plain", "--toxiproxy", str(server.path), "--browser", str(chromium.path),
        "--shop", str(Path(target.file).parent.absolute()), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            out, errors = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
    cases = tuple(json.loads(line) for line in out.splitlines())
    if process.returncode != 0 or len(cases) != len(CASES):
        raise LaboratoryError(f"the plain suite broke after {len(cases)} tests: {errors.decode(errors='replace')[-600:]}")
    total_s = sum(case["total_s"] for case in cases)
    return Plain(total_s=total_s, short_s=total_s - sum(case["recovery_s"] for case in cases), cases=cases)
