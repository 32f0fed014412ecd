"""Run a target: start its command on a free port, wait until it serves, keep its last output, end it with all its children."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shlex
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import httpx

from harness.errors import TargetError
from harness.target.http import origin_client
from harness.target.listening import elsewhere
from harness.target.placeholders import fill
from harness.target.ports import ReservedPort, is_free, is_listening, reserve_port
from harness.target.problems import display
from harness.target.spec import Target
from harness.target.tally import Tally

READY_LIMIT_S = 30.0
STOP_GRACE_S = 2.0
OUTPUT_BYTES = 64 * 1024
_PORT_TRIES = 3
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.015, 0.1
_PORT_TAKEN = re.compile(r"address (?:is )?already in use|EADDRINUSE|errno 98|port \d+ is (?:already )?in use", re.IGNORECASE)
# A proxy of this machine would carry the target's requests out of the lab.
# pytest names the running test, and so the scenario, in a variable of its own: what is tested must not read it.
NOT_INHERITED = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy", "ftp_proxy", "pytest_current_test"})

Heard = Callable[[bytes], None]


def unheard(_chunk: bytes) -> None:
    """Listen to nothing."""


class TargetProcess:
    """One running target, in a process group of its own. Made by :meth:`start`.

    ``printed_bytes``: how much it has printed since.
    """

    def __init__(
        self,
        process: Process,
        output_fd: int,
        *,
        port: int,
        hide: Iterable[str],
        said: str | None = None,
        heard: Heard = unheard,
        reserved: ReservedPort | None = None,
    ) -> None:
        self.port = port
        self._reserved = reserved
        self.pid = process.pid
        self.base_url = f"http://127.0.0.1:{port}"
        self._process = process
        self._hide = tuple(secret for secret in hide if secret)
        self._ring = bytearray()
        self.printed_bytes = 0
        self._heard = heard
        self._tally = Tally(said)
        self._reading = asyncio.create_task(self._read(output_fd))
        self._ended = asyncio.create_task(self._end())

    @classmethod
    async def start(
        cls,
        target: Target,
        *,
        port: int | None = None,
        env: Mapping[str, str],
        cwd: Path | None = None,
        extra_env: Mapping[str, str] | None = None,
        ready_limit_s: float = READY_LIMIT_S,
        hide: Iterable[str] = (),
        heard: Heard = unheard,
    ) -> TargetProcess:
        """Start ``target.start`` and return once ``target.ready`` answers below 400.

        ``{port}`` and ``{python}`` may still stand in ``env``: they are filled here, since without a ``port`` another one is
        tried (3 times in all) when the target finds its own taken. ``env`` wins over ``extra_env``, and both over this
        process's environment, of which proxy settings are left out. ``hide`` are secrets that :meth:`output` masks.
        ``heard`` is handed everything that it prints, unmasked.

        Raises :class:`TargetError` with the last output when the target dies or is not ready in ``ready_limit_s`` seconds.
        """
        if target.start is None:
            raise TargetError(f"{display(target.file)}: target.start is missing, so there is nothing to run")
        if port is not None and not is_free(port):
            raise TargetError(f"target {target.name!r} cannot start: port {port} is taken by another program")
        for tries_left in reversed(range(_PORT_TRIES if port is None else 1)):
            process = await cls._spawn(target, port or reserve_port(), env, cwd, extra_env or {}, tuple(hide), heard)
            ready = False
            try:
                trouble = await process._until_ready(target.ready, ready_limit_s)
                ready = not trouble
            finally:
                if not ready:
                    await process.stop()
            if ready:
                return process
            if not tries_left or not _PORT_TAKEN.search(process.output()):
                break
        raise TargetError(f"target {target.name!r} {trouble}. It was started with: {target.start}\n{process._last_words()}")

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.returncode is None

    def output(self, *, since: int = 0) -> str:
        """What it printed after its first ``since`` bytes, the last 64 KiB: output and errors together, secrets masked."""
        later = min(len(self._ring), self.printed_bytes - since)
        text = self._ring[len(self._ring) - later :].decode("utf-8", errors="replace")
        for secret in self._hide:
            text = text.replace(secret, "•••")
        return text

    @property
    def times_said(self) -> int:
        """How often it has printed the word of its degraded mode since it was started."""
        return self._tally.count

    @property
    def epitaph(self) -> str:
        """Empty while it lives; else that it died, how, and its last output."""
        if self.alive:
            return ""
        return f"the target died in mid-run (exit status {self._process.returncode}). {self._last_words()}"

    async def serves(self, path: str) -> None:
        """Return once ``path`` answers below 400; raises :class:`TargetError` when it does not in 30 s, or has died."""
        if trouble := await self._until_ready(path, READY_LIMIT_S):
            raise TargetError(f"the target {trouble}. {self._last_words()}")

    async def wait(self) -> int:
        """Return its exit status (negative: the signal) once it has ended, by itself or by :meth:`stop`."""
        return await self._process.wait()

    async def stop(self, *, grace_s: float = STOP_GRACE_S) -> None:
        """End the whole process group: asked first, killed after ``grace_s`` seconds; returns when it is gone."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGTERM)
            await asyncio.wait({self._ended}, timeout=grace_s)
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await asyncio.wait({self._ended})
        if self._reserved is not None:
            self._reserved.release()

    @classmethod
    async def _spawn(
        cls,
        target: Target,
        at: int | ReservedPort,
        env: Mapping[str, str],
        cwd: Path | None,
        extra_env: Mapping[str, str],
        hide: tuple[str, ...],
        heard: Heard,
    ) -> TargetProcess:
        reserved = at if isinstance(at, ReservedPort) else None
        port = at.port if isinstance(at, ReservedPort) else at
        late = {"port": str(port), "python": sys.executable}
        try:
            argv = [fill(part, late) for part in shlex.split(target.start or "")]
        except ValueError as error:
            raise TargetError(f"{display(target.file)}: target.start cannot be split into words: {error}") from error
        # A pipe of our own: asyncio's would make the wait for the process a wait for whoever inherited its output.
        output_fd, written_fd = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=DEVNULL,
                stdout=written_fd,
                stderr=STDOUT,
                cwd=cwd or target.cwd,
                env=inherited() | dict(extra_env) | {name: fill(text, late) for name, text in env.items()},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            os.close(output_fd)
            if reserved is not None:
                reserved.release()
            what = getattr(error, "strerror", None) or str(error)
            raise TargetError(
                f"target {target.name!r} cannot start: {argv[0]} in {display(cwd or target.cwd)}: {what}"
            ) from error
        finally:
            os.close(written_fd)
        return cls(process, output_fd, port=port, hide=hide, said=target.observe.log, heard=heard, reserved=reserved)

    async def _until_ready(self, path: str, limit_s: float) -> str:
        """Return "" once the target serves, else what went wrong."""
        deadline = time.monotonic() + limit_s
        wait_s = _FIRST_WAIT_S
        seen = f"nothing listened on 127.0.0.1:{self.port}"
        async with origin_client(self.base_url, limit_s=min(2.0, limit_s)) as client:
            while time.monotonic() < deadline:
                await asyncio.wait({self._ended}, timeout=wait_s)
                if not self.alive:
                    return f"died before it was ready (exit status {self._process.returncode})"
                if not await is_listening(self.port):
                    wait_s = min(wait_s * 1.05, _LONGEST_WAIT_S)
                    continue
                seen = await _probe(client, path)
                if not seen:
                    return "" if self.alive else "died as it became ready"
                wait_s = _LONGEST_WAIT_S
        return f"was not ready within {limit_s:g} s: {seen}{elsewhere(self.pid, self.port)}"

    def _last_words(self) -> str:
        said = self.output().strip()
        return f"Its last output:\n{said[-4000:]}" if said else "It printed nothing."

    async def _read(self, output_fd: int) -> None:
        stream = asyncio.StreamReader()
        pipe = os.fdopen(output_fd, "rb", buffering=0)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
        try:
            while chunk := await stream.read(8192):
                self._tally.feed(chunk)
                self._heard(chunk)
                self.printed_bytes += len(chunk)
                self._ring += chunk
                del self._ring[:-OUTPUT_BYTES]
        finally:
            transport.close()

    async def _end(self) -> None:
        """Reap the process, then whatever it left behind in its group."""
        await self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await asyncio.wait({self._reading}, timeout=0.5)
        self._reading.cancel()
        await asyncio.wait({self._reading})


async def await_ready(base_url: str, path: str, *, limit_s: float = READY_LIMIT_S) -> None:
    """Return once a target that runs already answers below 400 on ``path``; raises :class:`TargetError` after ``limit_s``."""
    deadline = time.monotonic() + limit_s
    async with origin_client(base_url, limit_s=min(5.0, limit_s)) as client:
        while seen := await _probe(client, path):
            if time.monotonic() >= deadline:
                raise TargetError(f"the target at {base_url} was not ready within {limit_s:g} s: {seen}")
            # A process that others started tells nobody when it is ready: it can only be asked again.
            await asyncio.sleep(_LONGEST_WAIT_S)


async def _probe(client: httpx.AsyncClient, path: str) -> str:
    try:
        answer = await client.get(path)
    except httpx.HTTPError as error:
        return f"GET {path} failed: {error or type(error).__name__}"
    return "" if answer.status_code < 400 else f"GET {path} answered {answer.status_code}{_no_path(path, answer.status_code)}"


def _no_path(path: str, status: int) -> str:
    """Name the answer to a path that serves nobody, and say what to do; "" where the application itself has failed."""
    if status >= 500:
        return ""
    return f"; wrong-path: target.ready = {path!r} must be a path that answers below 400 once the application serves"


def inherited() -> dict[str, str]:
    """This process's environment, as far as it is a target's."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in NOT_INHERITED}
    # Without it, what a Python target said last would still lie in its buffer when it dies.
    return {"PYTHONUNBUFFERED": "1"} | kept
