"""Ctrl-C, and what a CI system sends when it cancels a job: both end a verb's work the same way, whatever they break first."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any

from harness.errors import HarnessError


def end_on_sigterm() -> None:
    """Let what a CI system sends when it cancels a job end a run as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _end_as_by_ctrl_c)


def ended_by_itself(work: Coroutine[Any, Any, None]) -> bool:
    """Run the work in a loop of its own; False when it was interrupted, raises what else ended it."""
    try:
        asyncio.run(_interruption_first(work))
    except KeyboardInterrupt:
        return False
    return True


async def _interruption_first(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except HarnessError as broke:
        # Ctrl-C reaches the whole process group: what it ended of ours breaks before the work hears of it.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from broke
        raise


def _end_as_by_ctrl_c(_number: int, _frame: FrameType | None) -> None:
    # A script's background job (``captchaos run &``) is started with SIGINT ignored, and must end all the same.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)
