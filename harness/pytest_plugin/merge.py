"""One journal from those of several workers: slots get numbers of their own, screenshots move together."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from harness.errors import JournalError, LaboratoryError
from harness.journal.model import Record
from harness.journal.reader import Journal, read_journal
from harness.journal.waivers import in_force
from harness.journal.writer import FILE_NAME, JournalWriter
from harness.judge.verdict import judge_run
from harness.pytest_plugin.places import WORKERS


def merge(out: Path, *, planned: int) -> list[str]:
    """Merge ``out/workers/*`` into ``out`` and remove them; returns a sentence for each journal that cannot be read.

    Raises :class:`LaboratoryError` when ``out`` cannot be written.
    """
    folders = sorted((out / WORKERS).iterdir())
    journals: list[Journal] = []
    troubles: list[str] = []
    for folder in folders:
        try:
            journals.append(read_journal(folder / FILE_NAME))
        except JournalError as problem:
            troubles.append(str(problem))
    if journals:
        _write(out, journals, planned)
    try:
        for folder in folders:
            _move_screenshots(folder, out)
        shutil.rmtree(out / WORKERS)
    except OSError as problem:
        raise LaboratoryError(f"the workers' folders in {out} cannot be merged: {problem.strerror}") from problem
    return troubles


def _write(out: Path, journals: list[Journal], planned: int) -> None:
    records = _records(journals)
    jobs = sum(journal.run.jobs for journal in journals)
    began_s = min(journal.run.began_unix_s for journal in journals)
    run = replace(journals[0].run, planned=planned, jobs=jobs, began_unix_s=began_s)
    with JournalWriter(out / FILE_NAME) as writer:
        writer.run(run)
        for record in records:
            writer.record(record)
        for scenario_id, judgement in judge_run(records, waivers=in_force(run)).items():
            writer.judgement(scenario_id, judgement)
        if all(journal.ended for journal in journals):
            writer.end()


def _records(journals: list[Journal]) -> list[Record]:
    records: list[Record] = []
    first_slot = 0
    for journal in journals:
        records += [replace(record, slot=first_slot + record.slot) for record in journal.records]
        first_slot += 1 + max((record.slot for record in journal.records), default=0)
    return sorted(records, key=lambda record: record.began_unix_s)


def _move_screenshots(folder: Path, out: Path) -> None:
    data = out / "data"
    data.mkdir(parents=True, exist_ok=True)
    for picture in (folder / "data").glob("*.png"):
        picture.replace(data / picture.name)
