"""A person at a terminal of their own: what is on it is read, answers are typed, Ctrl-C is pressed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 60.0
CTRL_C, CTRL_D = "\x03", "\x04"


@dataclass(slots=True, kw_only=True)
class Terminal:
    """A command that runs at a terminal; ``shown`` is what stands on it by now."""

    process: subprocess.Popen[bytes]
    wire: int
    shown: str = ""

    def until(self, text: str) -> str:
        """Read on until a text stands there that was not yet read; returns what came before it."""
        deadline = time.monotonic() + LIMIT_S
        new = ""
        while text not in new:
            new += self._more(deadline)
        return new

    def type(self, line: str) -> None:
        """Type something; a line ends with ``\\n``."""
        os.write(self.wire, line.encode())

    def press(self, key: str) -> None:
        """Press a key once the command waits for one.

        An interrupt between a question's last letter and the reading of its answer is heard only when an answer has come.
        """
        deadline = time.monotonic() + LIMIT_S
        while not self._waits() and time.monotonic() < deadline:
            time.sleep(0.01)  # nobody is told when another process begins to wait
        self.type(key)

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        deadline = time.monotonic() + LIMIT_S
        with contextlib.suppress(EOFError):
            while True:
                self._more(deadline)
        return self.process.wait(LIMIT_S)

    def _waits(self) -> bool:
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        return stat.rpartition(")")[2].split()[0] == "S"

    def _more(self, deadline: float) -> str:
        ready, _, _ = select.select([self.wire], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"nothing more came: {self.shown}"
        try:
            read = os.read(self.wire, 4096).decode(errors="replace")
        except OSError as ended:  # how Linux says that nobody holds the other end any more
            raise EOFError(self.shown) from ended
        self.shown += read
        return read


@contextlib.contextmanager
def at_a_terminal(*words: str | Path, cwd: Path) -> Iterator[Terminal]:
    """Start ``captchaos`` at a terminal that is its own, so that Ctrl-C reaches it as it does from a keyboard."""
    wire, screen = pty.openpty()

    def take_it() -> None:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        # These tests may run as a job in the background, whose children are started with SIGINT ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = subprocess.Popen(
        [sys.executable, "-m", "harness.cli.main", *map(str, words)],
        stdin=screen, stdout=screen, stderr=screen, cwd=cwd, start_new_session=True, preexec_fn=take_it,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    os.close(screen)
    try:
        yield Terminal(process=process, wire=wire)
    finally:
        process.kill()
        process.wait()
        os.close(wire)
