"""Make one run of several: a selection's shards, or parts of a plan that were run apart."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.errors import LaboratoryError, UsageError
from harness.journal.reader import Journal, read_journal
from harness.journal.writer import FILE_NAME
from harness.judge.merging import head_of, write_merged
from harness.plan.shards import Shard


def merge_runs(folders: tuple[Path, ...], out: Path) -> tuple[str, ...]:
    """Write the runs in ``folders`` into ``out`` as one, and return what is missing there, in sentences.

    Raises UsageError for runs that do not go together: of two targets or versions, or with a scenario in common.
    """
    journals = {folder: read_journal(folder / FILE_NAME) for folder in folders}
    _demand_one_target(journals)
    _demand_apart(journals)
    absent = _absent(journals)
    cut_short = tuple(f"the run {folder} was cut short" for folder, journal in journals.items() if not journal.ended)
    found = tuple(journals.values())
    head = replace(head_of(found, planned=sum(journal.run.planned for journal in found)), shard="")
    write_merged(out / FILE_NAME, found, head, whole=not absent)
    try:
        (out / "data").mkdir(exist_ok=True)
        for picture in (picture for folder in folders for picture in (folder / "data").glob("*.png")):
            shutil.copy(picture, out / "data" / picture.name)
    except OSError as problem:
        raise LaboratoryError(f"the screenshots cannot be copied to {out / 'data'}: {problem.strerror}") from problem
    return (*absent, *cut_short)


def _demand_one_target(journals: Mapping[Path, Journal]) -> None:
    (first, one), *others = journals.items()
    for folder, other in others:
        for what, mine, theirs in (
            ("of the target", one.run.target, other.run.target),
            ("by captchaos", one.run.captchaos_version, other.run.captchaos_version),
        ):
            if mine != theirs:
                raise UsageError(f"{first} was made {what} {mine} and {folder} {what} {theirs}: merge runs that are alike")


def _demand_apart(journals: Mapping[Path, Journal]) -> None:
    seen: dict[str, Path] = {}
    for folder, journal in journals.items():
        for id_ in sorted({record.scenario.id for record in journal.records if record.scenario.kind != "control"}):
            if id_ in seen:
                both = f"{seen[id_]} and in {folder}"
                raise UsageError(f"{id_} was run both in {both}: merge runs that have no scenario in common")
            seen[id_] = folder


def _absent(journals: Mapping[Path, Journal]) -> tuple[str, ...]:
    """Which shards are not there; nothing where none of the runs is one."""
    shards = [Shard.parse(journal.run.shard) for journal in journals.values() if journal.run.shard]
    if not shards:
        return ()
    wanted = {Shard(number=number, of=one.of) for one in shards for number in range(1, one.of + 1)}
    return tuple(f"the shard {one} is missing" for one in sorted(wanted - set(shards), key=lambda one: (one.of, one.number)))
