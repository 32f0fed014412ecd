"""Remove what a run created when the run itself no longer can: a small process of its own, with nothing but psutil to import.

Started by :mod:`harness.lab.ownership` with the state file's path. The run tells it on stdin, a JSON object a line, what it
owns; end of input without a goodbye means that the run died.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import psutil

T = TypeVar("T")

MARKER = "CAPTCHAOS_RUN"
_ROUND_S = 1.0
_PROXY_S = 1.0
_PROXIES_S = 2.0
_ROUNDS = 3
_EXEC_S = 1.0
# The kernel's own threads never have a command line: they are pid 2 and its children, pid 2 being a child of "0".
_KERNEL = (0, 2)


@dataclass(slots=True, kw_only=True)
class Belongings:
    """What one run owns: proxies on guest servers as (URL, name), and folders. Its processes carry the marker."""

    run_id: str
    proxies: list[tuple[str, str]] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)

    def note(self, line: str) -> bool:
        """Take one line of the run in; true when it is the goodbye."""
        said = json.loads(line)
        for verb, add in (("own", True), ("disown", False)):
            if (kind := said.get(verb)) == "proxy":
                _put(self.proxies, (str(said["url"]), str(said["name"])), add)
            elif kind == "dir":
                _put(self.folders, str(said["path"]), add)
        return bool(said.get("goodbye"))


def _put(things: list[T], thing: T, add: bool) -> None:
    if add and thing not in things:
        things.append(thing)
    elif not add and thing in things:
        things.remove(thing)


def owned_processes(run_id: str) -> list[psutil.Process]:
    """Every process whose environment carries the run's marker, and their descendants; never this process itself."""
    found: dict[int, psutil.Process] = {}
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and environment_of(process).get(MARKER) == run_id:
                found[process.pid] = process
    # A browser's renderers write their title over their environment: they are known by their parent.
    for process in list(found.values()):
        with contextlib.suppress(psutil.Error):
            found.update({child.pid: child for child in process.children(recursive=True)})
    found.pop(os.getpid(), None)
    return list(found.values())


def environment_of(process: psutil.Process) -> dict[str, str]:
    """Return the process's environment; wait out an ``exec`` that has begun: till its end it reads as empty."""
    until = time.monotonic() + _EXEC_S
    while _is_being_replaced(process) and time.monotonic() < until:
        time.sleep(0.001)  # the kernel tells nobody that an exec is done
    return process.environ()


def _is_being_replaced(process: psutil.Process) -> bool:
    """Tell whether the process has no command line yet; the kernel writes it just before the environment."""
    return not process.cmdline() and process.ppid() not in _KERNEL and process.status() != psutil.STATUS_ZOMBIE


def end_processes(run_id: str) -> int:
    """End the run's processes, politely and then not; return how many there were."""
    ended: set[int] = set()
    for round_ in range(_ROUNDS):
        processes = owned_processes(run_id)
        if not processes:
            break
        ended.update(process.pid for process in processes)
        _signal(processes, signal.SIGTERM if round_ == 0 else signal.SIGKILL)
        psutil.wait_procs(processes, timeout=_ROUND_S)
    return len(ended)


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)


def delete_proxies(proxies: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Delete the proxies on their servers; return those of which it is not known that they are gone."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + _PROXIES_S
    left = []
    for url, name in proxies:
        request = urllib.request.Request(  # noqa: S310 - the URL was accepted as http:// when the guest was
            f"{url}/proxies/{quote(name, safe='')}", method="DELETE", headers={"User-Agent": "captchaos-janitor"}
        )
        try:
            if time.monotonic() > until:
                raise TimeoutError
            opener.open(request, timeout=_PROXY_S).close()
        except urllib.error.HTTPError as error:
            if error.code != 404:
                left.append((url, name))
        except (urllib.error.URLError, OSError) as error:
            # A server that is gone took its proxies along.
            if not isinstance(getattr(error, "reason", error), ConnectionRefusedError):
                left.append((url, name))
    return left


def clean_up(belongings: Belongings) -> tuple[str, ...]:
    """Remove everything the run owns and nothing else; return a sentence for each thing that could not be removed."""
    end_processes(belongings.run_id)
    troubles = [f"the proxy {name!r} may still be on {url}" for url, name in delete_proxies(belongings.proxies)]
    for folder in belongings.folders:
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.lexists(folder):
            troubles.append(f"the folder {folder} is still there")
    left = owned_processes(belongings.run_id)
    troubles += [f"process {process.pid} does not end" for process in left]
    return tuple(troubles)


def main(state: str) -> int:
    """Keep watch over one run until it says goodbye, or clean up after its death."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    path = Path(state)
    belongings = Belongings(run_id=path.stem)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        # The run may die in the middle of a line: what it could not say it did not do yet.
        with contextlib.suppress(ValueError, KeyError):
            if belongings.note(line):
                return 0
    if not clean_up(belongings):
        path.unlink(missing_ok=True)
        path.with_suffix(".lock").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
