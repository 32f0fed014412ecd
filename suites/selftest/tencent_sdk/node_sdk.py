"""The vendor's official Node SDK, installed by this folder's own lock file, in one process that answers many questions."""

from __future__ import annotations

import hashlib
import json
import os
import select
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.setup.places import cache_dir
from suites.selftest.node import node_tool
from suites.selftest.tencent_sdk.outcome import Outcome

HERE = Path(__file__).parent / "node"
ANSWER_LIMIT_S = 60
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def installed() -> Path:
    """The folder that has the SDK in its ``node_modules``; installs it once for each state of the lock file."""
    node_tool("node")
    npm = node_tool("npm")
    lock = (HERE / "package-lock.json").read_bytes()
    place = cache_dir() / "node-sdk" / hashlib.sha256(lock).hexdigest()[:16]
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix="installing-"))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, fresh / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=240, check=False)
        if done.returncode:
            shutil.rmtree(fresh)
            pytest.fail(f"npm could not install the vendor's Node SDK: {done.stderr[-800:]}")
        try:
            fresh.rename(place)
        except OSError:
            # Another worker was first.
            shutil.rmtree(fresh)
    return place


class NodeSdk:
    """One Node process. :meth:`ask` starts it anew when it has died."""

    def __init__(self, ca_file: Path) -> None:
        self._place = installed()
        self._ca_file = ca_file
        self._process: subprocess.Popen[str] | None = None

    def ask(self, question: Mapping[str, Any]) -> Outcome:
        """Ask through the SDK; the outcome of a process that died is ``died``, with its last output."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        ready, _, _ = select.select([process.stdout], [], [], ANSWER_LIMIT_S)
        assert ready, f"Node said nothing for {ANSWER_LIMIT_S} s"
        if line := process.stdout.readline():
            return Outcome(**json.loads(line))
        said = process.communicate(timeout=10)[1]
        return Outcome(how="died", code=process.returncode, text=said)

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.poll() is None:
            # A body that never came keeps it waiting, whatever becomes of its input.
            self._process.terminate()
            self._process.communicate(timeout=10)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            ours = {"NODE_EXTRA_CA_CERTS": str(self._ca_file), "NODE_PATH": str(self._place / "node_modules")}
            inherited = {name: value for name, value in os.environ.items() if name.lower() not in PROXY_VARIABLES}
            self._process = subprocess.Popen(
                ["node", str(HERE / "sdk.js")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=inherited | ours,
            )
        return self._process
