"""One journal from those of several workers: slots get numbers of their own, screenshots move together."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.errors import JournalError, LaboratoryError
from harness.journal.reader import Journal, read_journal
from harness.journal.writer import FILE_NAME
from harness.judge.merging import head_of, write_merged
from harness.pytest_plugin.places import WORKERS


def merge(out: Path, *, planned: int) -> list[str]:
    """Merge ``out/workers/*`` into ``out`` and remove them; returns a sentence for each journal that cannot be read.

    Raises :class:`LaboratoryError` when ``out`` cannot be written.
    """
    folders = sorted((out / WORKERS).iterdir())
    journals: list[Journal] = []
    troubles: list[str] = []
    for folder in folders:
        if not (folder / FILE_NAME).exists():
            continue  # a worker that was given no scenario; of one that crashed xdist tells
        try:
            journals.append(read_journal(folder / FILE_NAME))
        except JournalError as problem:
            troubles.append(str(problem))
    if journals:
        write_merged(out / FILE_NAME, journals, head_of(journals, planned=planned), whole=True)
    try:
        for folder in folders:
            _move_screenshots(folder, out)
        shutil.rmtree(out / WORKERS)
    except OSError as problem:
        raise LaboratoryError(f"the workers' folders in {out} cannot be merged: {problem.strerror}") from problem
    return troubles


def _move_screenshots(folder: Path, out: Path) -> None:
    data = out / "data"
    data.mkdir(parents=True, exist_ok=True)
    for picture in (folder / "data").glob("*.png"):
        picture.replace(data / picture.name)
