"""The target of one lab: its own process, its own folder and database, wired to its slot."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from harness.catalog import Link
from harness.errors import TargetError
from harness.lab.bench import Bench
from harness.lab.leaks import Overheard, SecretSearch, leaked_in, secrets_of
from harness.lab.slot import TARGET_HOST, Slot
from harness.providers.base import Credentials
from harness.target.placeholders import fill
from harness.target.process import TargetProcess
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
    folder: Path
    overheard: Overheard
    _process: TargetProcess

    @classmethod
    async def set_up(cls, bench: Bench, slot: Slot, build: str) -> Stage:
        """Reset the slot, start the target and stand the slot's edges in front of it."""
        target = bench.target
        await slot.reset(build=build)
        # The folder's name reaches the target, and nothing that knows the expectation may.
        folder = Path(tempfile.mkdtemp(prefix="lab-", dir=bench.work_folder))
        credentials = slot.provider.emulator.credentials
        search = SecretSearch(secrets_of(credentials))
        overheard = Overheard(search)
        slot.origin.leaked_in = lambda head, body: leaked_in(head, body, search)
        env = environment(target, slot, folder, bench.idle)
        process = await TargetProcess.start(
            target, env=env, extra_env=bench.marks, hide=credentials.secrets(), heard=overheard
        )
        slot.point_at(process.port)
        return cls(base_url=f"http://{TARGET_HOST}:{process.port}", folder=folder, overheard=overheard, _process=process)

    def output(self) -> str:
        """The last output of the target."""
        return self._process.output()

    @property
    def times_said(self) -> int:
        """How often the target has printed the word of its degraded mode."""
        return self._process.times_said

    @property
    def epitaph(self) -> str:
        """Empty while the target lives; else how it died and its last output."""
        return self._process.epitaph

    async def while_alive(self, work: Coroutine[Any, Any, T]) -> T:
        """Do ``work``; raises TargetError as soon as the target dies meanwhile, for nothing that follows is worth a wait."""
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
        """End the target and remove its folder."""
        await self._process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def environment(target: Target, slot: Slot, folder: Path, idle: Mapping[str, str]) -> dict[str, str]:
    """The target's own variables, with every placeholder but ``{port}`` filled in.

    ``idle`` is what the placeholders of providers say that this slot does not serve.
    """
    values = {"lab.proxy": f"http://127.0.0.1:{slot.router.port}", "lab.ca_file": slot.ca_file, "lab.dir": str(folder)}
    values |= idle
    values |= told_of(slot.provider_name, slot.provider.emulator.credentials, slot.links.values(), slot.plain_url)
    return {name: fill(text, values) for name, text in target.env.items()}


def told_of(name: str, credentials: Credentials, links: Iterable[Link], url: str) -> dict[str, str]:
    """What the placeholders of the provider that the target calls ``name`` stand for; ``url`` is its address without TLS."""
    at = f"providers.{name}" if name else "provider"
    console = {f"{at}.{key}": value for key, value in credentials.values().items()}
    servers = [link.name for link in links if link.side == "server"]
    return console | ({f"{at}.url": url} if name else {f"links.{link}.url": url for link in servers})
