"""How long `captchaos discover` takes, as its user waits for it: a process of its own, from its start to its end."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import dataclass

from harness.errors import LaboratoryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """One discovery: what it took in seconds, and how many flows and edges it saw."""

    wall_s: float
    flows: int
    edges: int


async def discovering(target: str | None, *, toxiproxy: str | None = None, browser: str | None = None) -> Discovered:
    """Discover every flow of a target; raises LaboratoryError when it was not driven in health, for that takes another time."""
    words = [*([target] if target else []), "--json"]
    words += [word for name, value in (("--toxiproxy", toxiproxy), ("--browser", browser)) if value for word in (name, value)]
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "harness.cli.main", "discover", *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    wall_s = time.perf_counter() - began
    if process.returncode:
        raise LaboratoryError(f"captchaos discover ended with {process.returncode}: {err.decode(errors='replace').strip()}")
    told = json.loads(out)
    return Discovered(wall_s=wall_s, flows=len(told["flows"]), edges=len(told["edges"]))
