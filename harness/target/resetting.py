"""Put a target back between two scenarios: run ``target.reset``, and wait for its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Collection, Mapping

from harness.errors import TargetError
from harness.target.placeholders import fill
from harness.target.spec import Target

RESET_LIMIT_S = 60.0
_LAST_CHARS = 400


async def reset(target: Target, *, port: int, env: Mapping[str, str] | None = None, hide: Collection[str] = ()) -> None:
    """Run ``target.reset``, if there is one, and wait for its end; None as ``env`` is this process's own.

    Raises TargetError, a sentence with the last that it printed (``hide`` masked), when it fails or takes too long. What it
    leaves running behind it goes on.
    """
    if target.reset is None:
        return
    with tempfile.TemporaryFile() as said:
        try:
            words = [fill(word, {"port": str(port), "python": sys.executable}) for word in shlex.split(target.reset)]
            # A file, since whoever inherits a pipe would keep it open.
            process = await asyncio.create_subprocess_exec(
                *words, cwd=target.cwd, env=env, stdin=DEVNULL, stdout=said, stderr=STDOUT, start_new_session=True
            )
        except (OSError, ValueError) as error:
            raise TargetError(f"target.reset cannot be run: {error}") from error
        trouble = await _trouble(process)
        if trouble:
            said.seek(0)
            command = " ".join(target.reset.split())
            raise TargetError(f"target.reset {trouble}: {command} printed {_last(said.read(), hide)}")


async def _trouble(process: Process) -> str:
    """Wait for the end of a reset, or make one; returns what was wrong with it."""
    try:
        status = await asyncio.wait_for(process.wait(), RESET_LIMIT_S)
    except TimeoutError:
        return f"had not ended after {RESET_LIMIT_S:g} s"
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return f"ended with exit status {status}" if status else ""


def _last(said: bytes, hide: Collection[str]) -> str:
    text = " ".join(said.decode("utf-8", "replace").split())
    for secret in filter(None, hide):
        text = text.replace(secret, "•••")
    return repr(text[-_LAST_CHARS:]) if text else "nothing"
