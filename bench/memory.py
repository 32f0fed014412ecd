"""What all processes of this run hold and burn, looked at from a thread."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psutil

from harness.lab.janitor import MARKER

INTERVAL_S = 0.5
# A look reads every process's page tables: it may take no more than this share of the time it measures.
SHARE = 0.05
ROLES = ("browser", "driver", "toxiproxy", "targets", "harness")


@dataclass(slots=True)
class Usage:
    """Peak memory in MB (proportional set size; resident where the system has no other), and CPU seconds by role."""

    peak_mb: float = 0.0
    processes: int = 0
    looks: int = 0
    cpu_s: dict[str, float] = field(default_factory=dict)


@contextlib.contextmanager
def watched() -> Iterator[Usage]:
    """Watch from here to the end of the block; ``cpu_s`` is what was burnt in between."""
    usage, over = Usage(), threading.Event()
    before = _cpu_s(_ours())
    thread = threading.Thread(target=_watch, args=(usage, over), name="memory", daemon=True)
    thread.start()
    try:
        yield usage
    finally:
        after = _cpu_s(_ours())
        usage.cpu_s = {role: after.get(role, 0.0) - before.get(role, 0.0) for role in ROLES}
        over.set()
        thread.join()


def _watch(usage: Usage, over: threading.Event) -> None:
    pause_s = 0.0
    while not over.wait(pause_s):
        began = time.monotonic()
        found = _ours()
        held_mb = sum(map(held_bytes, found)) / 1e6
        usage.looks += 1
        if held_mb > usage.peak_mb:
            usage.peak_mb, usage.processes = held_mb, len(found)
        pause_s = max(INTERVAL_S, (time.monotonic() - began) / SHARE)


def _ours() -> list[psutil.Process]:
    """This process, everything below it, and whoever carries this run's marker though its parent is gone."""
    me = psutil.Process()
    found = {process.pid: process for process in (me, *me.children(recursive=True))}
    run_id = os.environ.get(MARKER)
    if run_id is not None:
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid not in found and process.environ().get(MARKER) == run_id:
                    found[process.pid] = process
    return list(found.values())


def held_bytes(process: psutil.Process) -> int:
    """What a process holds: its proportional set size, or what is resident where the system has no other."""
    with contextlib.suppress(psutil.Error, OSError):
        info = process.memory_full_info()
        return int(getattr(info, "pss", 0) or info.rss)
    return 0


def _cpu_s(processes: list[psutil.Process]) -> dict[str, float]:
    """CPU seconds by role; a process's ended children count where they were reaped: ours are the targets."""
    spent = dict.fromkeys(ROLES, 0.0)
    for process in processes:
        with contextlib.suppress(psutil.Error, OSError):
            role, times = _role(process), process.cpu_times()
            spent[role] += times.user + times.system
            ended_s = getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
            spent["targets" if role == "harness" else role] += ended_s
    return spent


def _role(process: psutil.Process) -> str:
    if process.pid == os.getpid():
        return "harness"
    name = process.name().lower()
    if "chrom" in name or "headless" in name:
        return "browser"
    if "node" in name:
        return "driver"
    if "toxiproxy" in name or name == "server":
        return "toxiproxy"
    return "targets"
