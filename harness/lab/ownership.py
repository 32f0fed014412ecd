"""What a run creates carries its id, and is removed even when the run is killed.

A run holds a lock beside its state file for as long as it lives (the kernel lets go of it at any death), so a dead run is told
from a living one without trusting process ids. What it starts inherits ``CAPTCHAOS_RUN``; a janitor process watches the run.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NewType

import psutil

from harness.errors import LaboratoryError, UsageError
from harness.lab import janitor
from harness.lab.janitor import MARKER, Belongings, clean_up, delete_proxies, end_processes
from harness.setup.places import cache_dir

RunId = NewType("RunId", str)
_READY_S = 10.0
_GOODBYE_S = 5.0


def new_run_id() -> RunId:
    """Make a readable id: local date and time of now, and four random hex digits (``20261121-012530-ab12``)."""
    return RunId(f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """One dead run that was cleaned up after; ``troubles`` says what could not be removed."""

    run_id: str
    troubles: tuple[str, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Ownership:
    """Everything one run owns. Made by :meth:`begin`; :meth:`end` gives it all up, also at the end of a ``with``."""

    run_id: RunId
    folder: Path
    _state: Path
    _lock: IO[str]
    _janitor: subprocess.Popen[str]
    _belongings: Belongings
    _outer: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    def begin(cls, run_id: RunId | None = None) -> Ownership:
        """Mark this process's environment, lock the run's state file and start its janitor.

        ``folder`` is the run's own temporary folder; children make theirs inside it (``TMPDIR``).
        """
        run_id = run_id or new_run_id()
        runs = _runs_folder()
        state = runs / f"{run_id}.json"
        lock = _lock(state)
        if lock is None:
            raise LaboratoryError(f"a run with the id {run_id} is under way already: wait for it or choose another id")
        try:
            folder = _make_folder(run_id)
            belongings = Belongings(run_id=run_id, folders=[str(folder)])
            _write_state(state, belongings)
            watch = _start_janitor(state)
        except LaboratoryError:
            # What was made by then is swept like any dead run's.
            lock.close()
            raise
        own = cls(run_id=run_id, folder=folder, _state=state, _lock=lock, _janitor=watch, _belongings=belongings)
        own._tell({"own": "dir", "path": str(folder)})
        own._mark()
        return own

    def env(self) -> dict[str, str]:
        """Return what every child's environment must hold (``os.environ`` holds it too, from :meth:`begin` to :meth:`end`)."""
        return {MARKER: self.run_id, "TMPDIR": str(self.folder)}

    def own_proxy(self, url: str, name: str) -> None:
        """Say *before* making it that proxy ``name`` on the guest server ``url`` is ours."""
        if "/" in name:
            raise UsageError(f"a proxy called {name!r} could never be deleted: Toxiproxy finds no name with a slash in it")
        self._change({"own": "proxy", "url": url, "name": name})

    def disown_proxy(self, url: str, name: str) -> None:
        """Say that the proxy is removed."""
        self._change({"disown": "proxy", "url": url, "name": name})

    def own_dir(self, path: Path) -> None:
        """Say that a folder is to be removed with everything in it when the run ends or dies."""
        self._change({"own": "dir", "path": str(path.absolute())})

    def disown_dir(self, path: Path) -> None:
        """Say that a folder is removed, or is to stay."""
        self._change({"disown": "dir", "path": str(path.absolute())})

    def end(self) -> tuple[str, ...]:
        """Remove what is left, dismiss the janitor; returns a sentence for each thing the run had forgotten to remove."""
        if self._lock.closed:
            return ()
        self._unmark()
        forgotten = [f"proxy {name!r} on {url}" for url, name in self._belongings.proxies]
        if ended := end_processes(self.run_id):
            forgotten.append(f"{ended} processes")
        troubles = delete_proxies(self._belongings.proxies)
        for folder in self._belongings.folders:
            shutil.rmtree(folder, ignore_errors=True)
        self._dismiss()
        if not troubles:
            _forget(self._state)
        self._lock.close()
        return tuple(forgotten)

    def __enter__(self) -> Ownership:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _change(self, line: dict[str, str]) -> None:
        # The janitor first: it is the one who acts within seconds.
        self._tell(line)
        self._belongings.note(json.dumps(line))
        _write_state(self._state, self._belongings)

    def _tell(self, line: dict[str, str] | dict[str, bool]) -> None:
        stdin = self._janitor.stdin
        try:
            if stdin is not None:
                stdin.write(json.dumps(line) + "\n")
                stdin.flush()
        except (BrokenPipeError, ValueError) as error:
            raise LaboratoryError(
                f"the janitor of run {self.run_id} (process {self._janitor.pid}) is gone: what this run makes could be left "
                "behind; find out what ends it, then run again"
            ) from error

    def _dismiss(self) -> None:
        with contextlib.suppress(LaboratoryError, subprocess.TimeoutExpired, BrokenPipeError):
            self._tell({"goodbye": True})
            self._janitor.wait(_GOODBYE_S)
        if self._janitor.poll() is None:
            self._janitor.kill()
            self._janitor.wait()
        for stream in (self._janitor.stdin, self._janitor.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _mark(self) -> None:
        with _MARKING:
            _marked.append(self)
            self._outer = {name: os.environ.get(name) for name in self.env()}
            os.environ.update(self.env())

    def _unmark(self) -> None:
        with _MARKING:
            place = _marked.index(self)
            del _marked[place]
            if place < len(_marked):
                # A run that began later still stands there: what it must restore is what stood before this one.
                _marked[place]._outer = self._outer
                return
            for name, before in self._outer.items():
                if before is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = before


# The environment belongs to the whole process, and so does the order in which its living runs marked it.
_MARKING = threading.Lock()
_marked: list[Ownership] = []


def dead_runs() -> Iterator[Path]:
    """Yield the state files of runs that died without cleaning up."""
    for state in sorted(_runs_folder().glob("*.json")):
        if (lock := _lock(state)) is not None:
            with lock:
                yield state


def sweep_orphans() -> tuple[Swept, ...]:
    """Remove what dead runs left behind, by their state files and their marker alone; foreign things are not looked at."""
    swept = []
    for state in dead_runs():
        troubles = clean_up(_read_state(state))
        if not troubles:
            _forget(state)
        swept.append(Swept(run_id=state.stem, troubles=troubles))
    return tuple(swept)


def _runs_folder() -> Path:
    folder = cache_dir() / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LaboratoryError(
            f"{folder} cannot be made ({error.strerror}): set CAPTCHAOS_CACHE to a folder of yours"
        ) from error
    return folder


def _make_folder(run_id: RunId) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix=f"captchaos-{run_id}-"))
    except OSError as error:
        raise LaboratoryError(f"no temporary folder can be made ({error}): make room, or set TMPDIR") from error


def _lock(state: Path) -> IO[str] | None:
    path = state.with_suffix(".lock")
    try:
        file = path.open("a", encoding="utf-8")
    except OSError as error:
        raise LaboratoryError(f"{path} cannot be written ({error.strerror}): make room, or set CAPTCHAOS_CACHE") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _forget(state: Path) -> None:
    state.unlink(missing_ok=True)
    state.with_suffix(".lock").unlink(missing_ok=True)


def _write_state(state: Path, belongings: Belongings) -> None:
    proxies: dict[str, list[str]] = {}
    for url, name in belongings.proxies:
        proxies.setdefault(url, []).append(name)
    me = psutil.Process()
    content = {"pid": me.pid, "created_unix_s": me.create_time(), "proxies": proxies, "folders": belongings.folders}
    part = state.with_suffix(".part")
    try:
        part.write_text(json.dumps(content), encoding="utf-8")
        part.replace(state)
    except OSError as error:
        raise LaboratoryError(f"{state} cannot be written ({error.strerror}): make room, or set CAPTCHAOS_CACHE") from error


def _read_state(state: Path) -> Belongings:
    belongings = Belongings(run_id=state.stem)
    # A state file that cannot be read still names its run, and so its processes.
    with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
        content = json.loads(state.read_text(encoding="utf-8"))
        belongings.proxies = [(str(url), str(name)) for url, names in content["proxies"].items() for name in names]
        belongings.folders = [str(folder) for folder in content["folders"]]
    return belongings


def _start_janitor(state: Path) -> subprocess.Popen[str]:
    # By its path, not as a module: it must start in any working directory. Unmarked, so that no other janitor ends it.
    env = {name: value for name, value in os.environ.items() if name != MARKER}
    # Before it has a session of its own a Ctrl-C meant for the run would end it. It keeps the mask: it ignores SIGINT anyway.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = subprocess.Popen(
            [sys.executable, "-P", janitor.__file__, str(state)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=env,
            cwd="/",
            start_new_session=True,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if process.stdout is not None and select.select([process.stdout], [], [], _READY_S)[0] and process.stdout.readline():
        return process
    process.kill()
    process.wait()
    raise LaboratoryError("the janitor process did not start: is psutil installed for this Python (`captchaos doctor`)?")
