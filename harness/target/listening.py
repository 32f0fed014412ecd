"""Where a started target listens, when it does not listen where it was told to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psutil


def elsewhere(pid: int, port: int) -> str:
    """Say that a process or a child of its listens at other ports than ``port``, and what to do; "" where it does not."""
    found = sorted({f"{address}:{other}" for address, other in _listens(pid) if other != port})
    if not found:
        return ""
    said = f"; wrong-port: it listens at {', '.join(found[:3])} instead"
    return f"{said}: hand {{port}} over to it, in target.start or by a variable of [target.env] that it obeys"


def _listens(pid: int) -> Iterator[tuple[str, int]]:
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for process in (parent, *parent.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                yield from ((one.laddr.ip, one.laddr.port) for one in process.net_connections("tcp") if one.status == "LISTEN")
