"""Start the real command as people do, and see what it leaves on the machine."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parents[3]
SHOP = REPOSITORY / "fixtures" / "shop"
SCENARIO = "login-1004-frame-refused-cold"
# Generous: a busy machine is slow by itself, and nothing here asserts how long a run takes.
LIMIT_S = 240.0
_MARK = "ACCEPTANCE_HOUSE"


def _as_in_a_terminal() -> None:
    """Let Ctrl-C through: these tests may run as a job in the background, whose children are started with SIGINT ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A user's machine in small: a folder to work in, a temporary folder, a cache, and a mark that every child inherits."""

    root: Path
    env: Mapping[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: secrets.token_hex(8))
    command: Sequence[str] = (sys.executable, "-m", "harness.cli.main")

    @property
    def tmp(self) -> Path:
        """What ``TMPDIR`` says."""
        return self.root / "tmp"

    @property
    def cache(self) -> Path:
        """What ``CAPTCHAOS_CACHE`` says."""
        return self.root / "cache"

    @property
    def out(self) -> Path:
        """Where runs of this house land."""
        return self.root / "out"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of the command: this machine's own, without what it says of captchaos."""
        outer = {name: value for name, value in os.environ.items() if not name.startswith("CAPTCHAOS_") and name != "NO_COLOR"}
        ours = {"TMPDIR": str(self.tmp), "CAPTCHAOS_CACHE": str(self.cache), "PYTHONPATH": str(REPOSITORY), _MARK: self.mark}
        return outer | ours | dict(self.env) | more

    def run(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            [*self.command, *map(str, words)],
            capture_output=True, text=True, cwd=self.root, env=self.environment(**env), timeout=LIMIT_S, check=False,
        )  # fmt: skip

    @contextlib.contextmanager
    def started(self, *words: str | Path, **env: str) -> Iterator[Started]:
        """Start the command in a process group of its own; whatever a red test leaves of it is killed."""
        said = self.root / "said.txt"
        with said.open("w") as file:
            process = subprocess.Popen(
                [*self.command, *map(str, words)],
                stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=self.root, env=self.environment(**env), process_group=0,
                preexec_fn=_as_in_a_terminal,
            )  # fmt: skip
        try:
            yield Started(process=process, said_file=said, house=self)
        finally:
            self.kill_all()
            process.wait()

    def processes(self) -> list[psutil.Process]:
        """Every process that was started from this house, the command itself included."""
        found: dict[int, psutil.Process] = {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.environ().get(_MARK) == self.mark:
                    found[process.pid] = process
        # A browser's renderers write their title over their environment: they are known by their parent.
        for process in list(found.values()):
            with contextlib.suppress(psutil.Error):
                found.update({child.pid: child for child in process.children(recursive=True)})
        return [process for process in found.values() if lives(process)]

    def kill_all(self) -> None:
        """Kill what still runs."""
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal.SIGKILL)

    def left_behind(self) -> list[str]:
        """Everything that a command left: processes, temporary files, state of runs."""
        processes = []
        for process in self.processes():
            with contextlib.suppress(psutil.Error):
                processes.append(f"process {process.pid}: {' '.join(process.cmdline())[:120]}")
        files = [str(path) for folder in (self.tmp, self.cache / "runs") if folder.is_dir() for path in folder.iterdir()]
        return processes + files


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A command under way; what it says goes to ``said_file``, output and errors together."""

    process: subprocess.Popen[bytes]
    said_file: Path
    house: House

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self.said_file.read_text(encoding="utf-8")

    def wait(self) -> int:
        """Wait for its end and return the exit code."""
        return self.process.wait(LIMIT_S)

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is true of the run; it must not end before."""
        seconds_until(lambda: true() or self.process.poll() is not None, LIMIT_S)
        assert true(), f"the run did not come so far (status {self.process.poll()}): {self.said}"

    def interrupt(self) -> None:
        """Press Ctrl-C: a terminal sends SIGINT to the whole process group."""
        os.killpg(self.process.pid, signal.SIGINT)


def lives(process: psutil.Process) -> bool:
    """Whether a process still runs; one that only waits to be reaped does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def seconds_until(true: Callable[[], bool], limit_s: float) -> float:
    """Poll; there is no event to await when strangers' files and processes change."""
    began = time.monotonic()
    while not true() and time.monotonic() - began < limit_s:
        select.select([], [], [], 0.05)
    return time.monotonic() - began


def records(journal: Path) -> int:
    """How many scenarios' evidence a journal holds by now."""
    return journal.read_text(encoding="utf-8").count('{"type":"record"') if journal.is_file() else 0


def slim_shop(folder: Path, *, app: str = "", **changes: str) -> Path:
    """Write a target file of the shop with the login flow alone, so that a run has half the controls, and return it.

    ``app`` is code that has ``app``, the shop's own application, and may wrap it. ``changes`` replace whole values of the
    ``[target]`` table.
    """
    text = (SHOP / "captchaos.toml").read_text(encoding="utf-8").replace("flows.py:", f"{SHOP}/flows.py:")
    text = re.sub(r"\[flows\.checkout\].*?(?=\[observe\])", "", text, flags=re.DOTALL)
    for key, value in changes.items():
        text, changed = re.subn(rf"^{key} = .*$", lambda _, value=value, key=key: f"{key} = {value}", text, count=1, flags=re.M)  # type: ignore[misc]
        assert changed, f"the shop's file has no {key}"
    folder.mkdir(parents=True)
    (folder / "captchaos.toml").write_text(text, encoding="utf-8")
    head = f"import sys\nsys.path.insert(0, {str(SHOP)!r})\nfrom shop.config import read_settings\nfrom shop.web import build\n"
    (folder / "app.py").write_text(f"{head}app = build(read_settings())\n{app}", encoding="utf-8")
    return folder / "captchaos.toml"


def one_sentence(said: str) -> str:
    """What a refusal says: one line that begins with the command's name, and no traceback."""
    assert "Traceback" not in said
    assert said.startswith("captchaos: "), said
    assert said.count("\n") == 1, said
    return said.removeprefix("captchaos: ").strip()
