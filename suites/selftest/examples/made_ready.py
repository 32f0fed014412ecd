"""Each example of ``examples/`` made ready to start, in a folder of its own, as its README says."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.setup.places import cache_dir
from suites.selftest.node import node_tool

EXAMPLES = Path(__file__).parents[3] / "examples"
INSTALL_LIMIT_S = 600


def made_ready(name: str, into: Path) -> Path:
    """Copy an example and build what its runtime needs; returns its folder."""
    folder = into / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("node_modules", "classes", "__pycache__"))
    MAKE.get(name, _nothing)(folder)
    return folder


def _nothing(_folder: Path) -> None:
    """Flask and the vendor's SDK stand in the environment that the tests run in."""


def _node(folder: Path) -> None:
    lock = (folder / "package-lock.json").read_bytes()
    place = cache_dir() / "node-example" / hashlib.sha256(lock).hexdigest()[:16]
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix="installing-"))
        for file in ("package.json", "package-lock.json"):
            shutil.copy(folder / file, fresh / file)
        _run([node_tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], fresh)
        fresh.rename(place)
    (folder / "node_modules").symlink_to(place / "node_modules")


def _go(folder: Path) -> None:
    _run(["go", "build", "-o", "sign-in", "."], folder)


def _java(folder: Path) -> None:
    _run(["javac", "-d", "classes", *(str(file.name) for file in sorted(folder.glob("*.java")))], folder)


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_LIMIT_S, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command[:2])} failed: {(done.stdout + done.stderr)[-800:]}")


MAKE: dict[str, Callable[[Path], None]] = {"express": _node, "go": _go, "java": _java}
