"""Where a session's run lands."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.errors import UsageError

WORKERS = "workers"
JOURNAL = "journal.jsonl"


def folder_of(config: pytest.Config) -> Path:
    """The folder of this process's run; an xdist worker has one of its own inside the session's."""
    handed_down: dict[str, str] | None = getattr(config, "workerinput", None)
    if handed_down is not None:
        return Path(handed_down["captchaos_out"]) / WORKERS / handed_down["workerid"]
    return new_folder(config)


def new_folder(config: pytest.Config) -> Path:
    """The session's folder: as given, or one of its own under ``reports`` that is not there yet.

    Raises :class:`UsageError` when the one that was given holds a run already.
    """
    given: Path | None = config.getoption("captchaos_out")
    if given is not None:
        folder = config.invocation_params.dir / given
        if (folder / JOURNAL).exists():
            raise UsageError(f"{given} holds a run already: choose another --captchaos-out")
        return folder
    base = config.rootpath / "reports" / time.strftime("%Y%m%d-%H%M%S")
    return next(folder for folder in _numbered(base) if not folder.exists())


def _numbered(base: Path) -> Iterator[Path]:
    yield base
    number = 2
    while True:
        yield base.with_name(f"{base.name}-{number}")
        number += 1
