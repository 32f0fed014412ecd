"""Where in its owner's file a flow waits, or what it raised and on which line."""

from __future__ import annotations

import asyncio
import linecache
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

from harness.target.flowfile import is_of_owner
from harness.target.in_step import frames_of


def stands_at(flow: asyncio.Future[Any]) -> str:
    """The line of the owner's at which a flow that goes on waits, as ``file:line: code``; "" where none can be told."""
    stack = [*frames_of(flow), *flow.get_stack()] if isinstance(flow, asyncio.Task) else []
    return next((_told(frame, frame.f_lineno) for frame in stack if is_of_owner(frame)), "")


def raised_at(flow: asyncio.Future[Any]) -> str:
    """The owner's line from which a flow's error came, and the error: ``file:line: code: Error: what``."""
    error = flow.exception()
    if error is None:
        return ""
    said = f"{type(error).__name__}: {error}".splitlines()[0]
    for frame, line in traceback.walk_tb(error.__traceback__):
        if is_of_owner(frame):
            return f"{_told(frame, line)}: {said}"
    return said


def _told(frame: FrameType, line: int) -> str:
    file = frame.f_code.co_filename
    return f"{Path(file).name}:{line}: {linecache.getline(file, line).strip()}"
