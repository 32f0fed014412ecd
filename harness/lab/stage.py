"""The target of one lab: its own process, its own folder and database, wired to its slot."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from harness.catalog import Link
from harness.errors import TargetError
from harness.lab.bench import Bench
from harness.lab.keeping import Started
from harness.lab.leaks import Overheard, SecretSearch, leaked_in, secrets_of
from harness.lab.slot import TARGET_HOST, Slot
from harness.providers.base import Credentials
from harness.target import running
from harness.target.counters import Counters, Origin
from harness.target.placeholders import fill
from harness.target.process import TargetProcess, await_ready
from harness.target.resetting import reset
from harness.target.runtimes import with_route
from harness.target.runtimes.route import Route
from harness.target.spec import Target

T = TypeVar("T")
# Port 1 of loopback: nothing listens there, so that a call for a provider which is not served fails at once.
NOBODY = "http://127.0.0.1:1"


@dataclass(slots=True, kw_only=True)
class Stage:
    """A running target; ``base_url`` is its own address, past every fault.

    ``overheard``: which of the account's secrets it has printed.
    """

    base_url: str
    overheard: Overheard
    _started: Started | None
    _folder: Path | None = None
    _kept: bool = False
    _printed_before: int = 0

    @classmethod
    async def set_up(cls, bench: Bench, slot: Slot, build: str) -> Stage:
        """Reset the slot, start the target or put back the one that was kept, and stand the slot's edges in front of it."""
        target = bench.target
        await slot.reset(build=build)
        secrets = slot.provider.emulator.credentials.secrets()
        search = SecretSearch(secrets_of(slot.provider.emulator.credentials))
        overheard = Overheard(search)
        slot.origin.leaked_in = lambda head, body: leaked_in(head, body, search)
        if target.url is not None:
            folder = Path(tempfile.mkdtemp(prefix="lab-", dir=bench.work_folder))
            return cls(base_url=await _running(target, slot, folder), overheard=overheard, _started=None, _folder=folder)
        kept = await _kept(bench, slot)
        started = kept or await _start(bench, slot)
        if slot.keeping is not None and kept is None:
            slot.keeping.keep(started)
        started.begin(overheard)
        slot.point_at(started.process.port)
        printed_before = started.process.printed_bytes if started.uses > 1 else 0
        await started.put_back(bench.marks, secrets)
        return cls(
            base_url=_origin_of(started),
            overheard=overheard,
            _started=started,
            _kept=slot.keeping is not None,
            _printed_before=printed_before,
        )

    @property
    def folder(self) -> Path | None:
        """The target's own folder, for a database say."""
        return self._started.folder if self._started is not None else self._folder

    @property
    def _process(self) -> TargetProcess | None:
        return self._started.process if self._started is not None else None

    def output(self) -> str:
        """The last output of the target in this lab; "" of one that others started."""
        return self._process.output(since=self._printed_before) if self._process is not None else ""

    @property
    def times_said(self) -> int:
        """How often the target has printed the word of its degraded mode."""
        return self._process.times_said if self._process is not None else 0

    @property
    def epitaph(self) -> str:
        """Empty while the target lives; else how it died and its last output."""
        return self._process.epitaph if self._process is not None else ""

    async def while_alive(self, work: Coroutine[Any, Any, T]) -> T:
        """Do ``work``; raises TargetError as soon as the target dies meanwhile, for nothing that follows is worth a wait."""
        if self._process is None:
            return await work
        doing, ended = asyncio.ensure_future(work), asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait({doing, ended}, return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise TargetError(self.epitaph)
            return doing.result()
        finally:
            doing.cancel()
            ended.cancel()
            await asyncio.gather(doing, ended, return_exceptions=True)

    async def stop(self) -> None:
        """End the target that the lab has started, unless the slot keeps it."""
        if self._started is not None and self._kept:
            self._started.rest()
        elif self._started is not None:
            await self._started.end()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


async def _running(target: Target, slot: Slot, folder: Path) -> Origin:
    """Put back a target that others have started, and stand in front of it."""
    port = running.port_of(target)
    address = f"http://{TARGET_HOST}:{port}"
    await reset(target, port=port)
    await await_ready(address, target.ready)
    slot.point_at(port)
    return Origin.of(address, Counters(cwd=target.cwd, values=_late(port, folder)))


async def _kept(bench: Bench, slot: Slot) -> Started | None:
    """The target that the slot keeps, if it lives and what it was told still holds; one that is of no use is ended."""
    keeping = slot.keeping
    if keeping is None or keeping.now is None:
        return None
    if keeping.hopeless:
        await keeping.end(keeping.hopeless)
    elif not keeping.now.process.alive:
        await keeping.end(f"it had died: {keeping.now.process.epitaph}")
    elif environment(bench.target, slot, keeping.now.folder, bench.idle) != keeping.now.env:
        await keeping.end("what it is told in its environment has changed: the provider's account is a new one")
    return keeping.now


async def _start(bench: Bench, slot: Slot) -> Started:
    # The folder's name reaches the target, and nothing that knows the expectation may.
    folder = Path(tempfile.mkdtemp(prefix="lab-", dir=bench.work_folder))
    env = environment(bench.target, slot, folder, bench.idle)
    hide = slot.provider.emulator.credentials.secrets()
    return await Started.start(bench.target, folder=folder, env=env, marks=bench.marks, hide=hide)


def _origin_of(started: Started) -> Origin:
    """A started target's own address, with what is known where its effects are counted beside it."""
    port = started.process.port
    late = _late(port, started.folder)
    told = {name: fill(text, late) for name, text in started.env.items()}
    counters = Counters(cwd=started.target.cwd, values=late, env=told, printed=started.lines.count)
    return Origin.of(f"http://{TARGET_HOST}:{port}", counters)


def _late(port: int, folder: Path) -> dict[str, str]:
    """What is known of a target only once it has been started."""
    return {"port": str(port), "python": sys.executable, "lab.dir": str(folder)}


def environment(target: Target, slot: Slot, folder: Path, idle: Mapping[str, str]) -> dict[str, str]:
    """The target's own variables, with every placeholder but ``{port}`` filled in.

    ``idle`` is what the placeholders of providers say that this slot does not serve.
    """
    values = {"lab.proxy": f"http://127.0.0.1:{slot.router.port}", "lab.ca_file": slot.ca_file, "lab.dir": str(folder)}
    values |= idle
    values |= told_of(slot.provider_name, slot.provider.emulator.credentials, slot.links.values(), slot.plain_url)
    own = {name: fill(text, values) for name, text in target.env.items()}
    if target.runtime is None:
        return own
    route = Route(proxy_port=slot.router.port, ca_file=Path(slot.ca_file))
    return with_route(target.runtime, route, own, os.environ)


def told_of(name: str, credentials: Credentials, links: Iterable[Link], url: str) -> dict[str, str]:
    """What the placeholders of the provider that the target calls ``name`` stand for; ``url`` is its address without TLS."""
    at = f"providers.{name}" if name else "provider"
    console = {f"{at}.{key}": value for key, value in credentials.values().items()}
    servers = [link.name for link in links if link.side == "server"]
    return console | ({f"{at}.url": url} if name else {f"links.{link}.url": url for link in servers})
