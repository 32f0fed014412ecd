"""A target that captchaos has started: its process and folder, for one lab, or for one lab of a slot after the other."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.errors import TargetError
from harness.journal.model import Proof, SharedProcess
from harness.target.counters import LineTally
from harness.target.placeholders import fill
from harness.target.process import NOT_INHERITED, Heard, TargetProcess, inherited, unheard
from harness.target.resetting import reset
from harness.target.spec import Target

_MAX_AT_START = 1 << 20
_MAX_BECAUSE = 600


@dataclass(slots=True, kw_only=True)
class Started:
    """One started target.

    ``env`` is what it was told. ``uses`` counts the labs that it was used in, ``last`` names the last scenario among them.
    ``proven``: the flow that went through in health when it was last used, if any. ``stays_used``: why it was not put back.
    """

    target: Target
    folder: Path
    env: Mapping[str, str]
    process: TargetProcess
    lines: LineTally
    _ears: list[Heard]
    _at_start: bytes
    uses: int = 0
    last: str = ""
    proven: str = ""
    stays_used: str = ""

    @classmethod
    async def start(
        cls, target: Target, *, folder: Path, env: Mapping[str, str], marks: Mapping[str, str], hide: tuple[str, ...]
    ) -> Started:
        """Start it in ``folder``, which is removed with it; raises TargetError when it does not come to serve."""
        lines, at_start = _lines_of(target), bytearray()
        ears: list[Heard] = [lambda chunk: at_start.extend(chunk[: max(0, _MAX_AT_START - len(at_start))])]

        def heard(chunk: bytes) -> None:
            ears[0](chunk)
            lines.feed(chunk)

        try:
            process = await TargetProcess.start(target, env=env, extra_env=marks, hide=hide, heard=heard)
        except TargetError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return cls(
            target=target, folder=folder, env=env, process=process, lines=lines, _ears=ears, _at_start=bytes(at_start)
        )

    def begin(self, hears: Heard) -> None:
        """Begin one more lab on it: ``hears`` is handed what it printed as it started, and all that it prints in the lab."""
        hears(self._at_start)
        self._ears[0] = hears
        self.proven = ""
        self.uses += 1

    def rest(self) -> None:
        """Leave it between two labs."""
        self._ears[0] = unheard

    async def put_back(self, marks: Mapping[str, str], hide: tuple[str, ...]) -> None:
        """Run ``target.reset`` where a lab has used it before, and wait until it serves; raises TargetError."""
        if self.uses <= 1:
            return
        late = {"port": str(self.process.port), "python": sys.executable}
        # The command asks the target itself, not through the lab's proxy, and its runtime is led nowhere.
        told = {name: fill(self.env[name], late) for name in self.target.env if name.lower() not in NOT_INHERITED}
        try:
            await reset(self.target, port=self.process.port, env=inherited() | dict(marks) | told, hide=hide)
        except TargetError as error:
            self.stays_used = str(error)
            raise
        await self.process.serves(self.target.ready)

    async def end(self) -> None:
        """End the process, and remove the folder."""
        await self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Keeping:
    """What a slot keeps from one lab to the next: the one process of the target ``now``, if there is one.

    ``hopeless``: why no process is kept any more, and each lab has a fresh one. ``proofs``: the controls since the last one.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        self.now: Started | None = None
        self.hopeless = ""
        self.proofs: list[Proof] = []
        self._numbers = numbers
        self._number = 0
        self._because = ""
        self._unhealed = False

    def keep(self, started: Started) -> None:
        """Keep one that was just started."""
        self.now = started
        self._number = next(self._numbers)

    async def end(self, because: str, *, unhealed: bool = False) -> None:
        """End the process, if there is one; ``because`` says why the next one is a fresh one."""
        started, self.now = self.now, None
        if started is not None:
            self._because, self._unhealed = because[:_MAX_BECAUSE], unhealed
            await started.end()

    def facts(self) -> SharedProcess | None:
        """What is told of the process that a lab was just run on; None where it has none."""
        if self.now is None:
            return None
        return SharedProcess(
            number=self._number,
            labs_before=self.now.uses - 1,
            last=self.now.last,
            started_because=self._because,
            unhealed=self._unhealed,
        )


def _lines_of(target: Target) -> LineTally:
    """What counts the lines that are a flow's effects."""
    lines = LineTally()
    for flow in target.flows.values():
        if flow.effects.log is not None:
            lines.watch(flow.effects.log)
    return lines
