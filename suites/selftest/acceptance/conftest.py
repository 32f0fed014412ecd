"""A house for each test or module, with a Toxiproxy that is there already; and captchaos as its wheel installs it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from suites.selftest.acceptance.command import LIMIT_S, REPOSITORY, House


@pytest.fixture
def house(tmp_path: Path, toxiproxy_path: Path) -> House:
    """A house of this test's own."""
    return build_house(tmp_path, toxiproxy_path)


@pytest.fixture(scope="module")
def shared_house(tmp_path_factory: pytest.TempPathFactory, toxiproxy_path: Path) -> House:
    """A house that the tests of one module share: they look at the same run, or leave nothing in it."""
    return build_house(tmp_path_factory.mktemp("house"), toxiproxy_path)


def build_house(root: Path, toxiproxy: Path) -> House:
    """Furnish one: what a run temporarily makes goes to ``tmp``, what it remembers to ``cache``."""
    root.mkdir(exist_ok=True)
    (root / "tmp").mkdir()
    return House(root=root, env={"CAPTCHAOS_TOXIPROXY": str(toxiproxy)})


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source, built without a network."""

    def build(folder: Path) -> None:
        _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, REPOSITORY)

    (built,) = _once(tmp_path_factory, "wheel", build).glob("*.whl")
    return built


@pytest.fixture(scope="session")
def venv(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment outside the repository that has captchaos from the wheel and from nowhere else.

    What it depends on it borrows from this one by a path file. Path files of what is borrowed are not read then, and so not the
    one that leads to the source. No network is needed, and no half a minute.
    """

    def make(folder: Path) -> None:
        _run(sys.executable, "-m", "venv", "--without-pip", folder)
        python = folder / "bin" / "python"
        (site,) = folder.glob("lib/python*/site-packages")
        (site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        _run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--no-deps", wheel)

    return _once(tmp_path_factory, "venv", make)


@pytest.fixture(scope="module")
def installed(venv: Path, shared_house: House) -> House:
    """A house whose command is the one that the wheel installs."""
    return of_wheel(shared_house, venv / "bin" / "captchaos")


def of_wheel(house: House, *command: str | Path) -> House:
    """The same house with a command of the wheel's environment, which gets nothing of captchaos from anywhere else."""
    return House(root=house.root, env={**house.env, "PYTHONPATH": ""}, command=tuple(map(str, command)))


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Make a folder once for all workers of a session."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (made := shared / f"{name}.made").exists():
            make(folder)
            made.touch()
    return folder


def _run(*words: str | Path) -> None:
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
