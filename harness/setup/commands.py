"""Run other programs within a time limit, and say in one sentence why they failed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a program did: exit status (``None``: never started or ran out of time) and its output, both streams in one."""

    status: int | None
    output: str

    @property
    def ok(self) -> bool:
        """Whether it ended with status 0."""
        return self.status == 0

    @property
    def last_line(self) -> str:
        """The last line it said that is not blank, or an empty string."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        return lines[-1] if lines else ""


async def run_command(command: Sequence[str], *, timeout_s: float, env: Mapping[str, str] | None = None) -> Outcome:
    """Run ``command`` to its end, with ``env`` added to the environment; kills its whole group at the time limit."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
    except OSError as error:
        return Outcome(status=None, output=f"{command[0]}: {error.strerror or error}")
    try:
        async with asyncio.timeout(timeout_s):
            said, _ = await process.communicate()
    except TimeoutError:
        return Outcome(status=None, output=f"{command[0]} took longer than {timeout_s:g} s")
    finally:
        if process.returncode is None:
            await _kill_group(process)
    return Outcome(status=process.returncode, output=said.decode(errors="replace"))


async def _kill_group(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
