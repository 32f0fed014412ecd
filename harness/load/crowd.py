"""The crowd from outside: start its process, send it waves, read what it hears, end it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import IO

from harness.errors import LaboratoryError
from harness.load.wave import Call, Heard, heard_of, wave_line

_LAST_WORDS = 2000
_LINE_LIMIT = 1 << 22


def installed() -> bool:
    """Whether Locust is there (the extra ``captchaos[load]``)."""
    return importlib.util.find_spec("locust") is not None


class Crowd:
    """One running crowd; made by :func:`crowd_at`. ``heard`` grows as answers come."""

    def __init__(self, process: Process, errors: IO[bytes]) -> None:
        self.heard: list[Heard] = []
        self._process = process
        self._errors = errors
        self._sent = 0
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def send(self, calls: Sequence[Call]) -> None:
        """Begin a wave now; the waves before it go on."""
        assert self._process.stdin is not None
        self._sent += len(calls)
        self._process.stdin.write(wave_line(calls))
        with contextlib.suppress(ConnectionError):
            await self._process.stdin.drain()

    async def until(self, true: Callable[[], bool], *, limit_s: float) -> None:
        """Wait until something is true of what was heard; raises LaboratoryError when the crowd dies or is late."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                while not true() and not self._reading.done():
                    self._news.clear()
                    await self._news.wait()
        if not true():
            raise LaboratoryError(f"the crowd made {len(self.heard)} of {self._sent} calls and stopped: {await self._words()}")

    async def answered(self, *, limit_s: float) -> None:
        """Wait until every call has its answer, or none any more."""
        await self.until(lambda: len(self.heard) >= self._sent, limit_s=limit_s)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        try:
            async for line in self._process.stdout:
                self.heard.append(heard_of(line))
                self._news.set()
        finally:
            self._news.set()

    async def _words(self) -> str:
        """What the process said when it died; a late one is killed first."""
        await self.stop()
        self._errors.seek(0)
        return self._errors.read()[-_LAST_WORDS:].decode("utf-8", errors="replace").strip() or "no reason given"

    async def stop(self) -> None:
        """End it, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)


@contextlib.asynccontextmanager
async def crowd_at(origin: str, *, marks: Mapping[str, str]) -> AsyncIterator[Crowd]:
    """Start a crowd that calls ``origin`` and nobody else; it ends with the block. ``marks`` say whose process it is."""
    with tempfile.TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "harness.load.swarm", origin),
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors,
            limit=_LINE_LIMIT,
            env={**os.environ, **marks},
        )
        crowd = Crowd(process, errors)
        try:
            yield crowd
        finally:
            await crowd.stop()
