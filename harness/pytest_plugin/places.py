"""Where a session's run lands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.target.problems import display

TARGET_FILE = "captchaos.toml"
INI = "captchaos"
WORKERS = "workers"
JOURNAL = "journal.jsonl"


def target_of(config: pytest.Config) -> Path | None:
    """The target file that a session is about; None: the bundled shop.

    It is the one of ``--captchaos-target``, one among the paths to test, or with ``captchaos = true`` the root's.
    """
    named: Path | None = config.getoption("captchaos_target")
    if named is not None:
        return named
    here = config.invocation_params.dir
    given = [here / arg.partition("::")[0] for arg in config.args]
    if path := next((path for path in given if path.is_file() and may_be_target(path)), None):
        return path
    at_root = config.rootpath / TARGET_FILE
    return at_root if config.getini(INI) and at_root.is_file() else None


def may_be_target(file: Path) -> bool:
    """Whether a file that is named may be a target file: it need not be called as most are."""
    return file.suffix == ".toml" and file.name != "pyproject.toml"


def folder_of(config: pytest.Config) -> Path:
    """The folder of this process's run; an xdist worker has one of its own inside the session's."""
    handed_down: dict[str, str] | None = getattr(config, "workerinput", None)
    if handed_down is not None:
        return Path(handed_down["captchaos_out"]) / WORKERS / handed_down["workerid"]
    return new_folder(config)


def final_folder(config: pytest.Config, folder: Path) -> Path:
    """Where the report of a process's run will be: a worker's is merged into its session's."""
    handed_down: dict[str, str] | None = getattr(config, "workerinput", None)
    return folder if handed_down is None else Path(handed_down["captchaos_out"])


def new_folder(config: pytest.Config) -> Path:
    """The session's folder: as given, or one of its own under ``reports`` that is not there yet.

    Raises :class:`UsageError` when the one that was given holds a run already, or cannot be a folder.
    """
    given: Path | None = config.getoption("captchaos_out")
    if given is not None:
        folder = config.invocation_params.dir / given
        if (folder / JOURNAL).exists():
            raise UsageError(f"{given} holds a run already: choose another --captchaos-report")
        there = next(one for one in (folder, *folder.parents) if one.exists())
        if not there.is_dir():
            raise UsageError(f"--captchaos-report {given}: {display(there)} is no folder: choose another")
        return folder
    base = config.rootpath / "reports" / time.strftime("%Y%m%d-%H%M%S")
    return next(folder for folder in _numbered(base) if not folder.exists())


def _numbered(base: Path) -> Iterator[Path]:
    yield base
    number = 2
    while True:
        yield base.with_name(f"{base.name}-{number}")
        number += 1
