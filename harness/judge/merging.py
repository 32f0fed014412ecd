"""One journal from several, of xdist's workers or of shards: each slot gets a number of its own, and all is judged anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.journal.model import Record, RunInfo
from harness.journal.reader import Journal
from harness.journal.waivers import in_force
from harness.journal.writer import JournalWriter
from harness.judge.verdict import judge_run


def write_merged(path: Path, journals: Sequence[Journal], run: RunInfo, *, whole: bool) -> None:
    """Write the journals' records as those of one run; it came to its end where it is ``whole`` and all of them did."""
    records = _records(journals)
    with JournalWriter(path) as writer:
        writer.run(run)
        for record in records:
            writer.record(record)
        for scenario_id, judgement in judge_run(records, waivers=in_force(run)).items():
            writer.judgement(scenario_id, judgement)
        if whole and all(journal.ended for journal in journals):
            writer.end()


def head_of(journals: Sequence[Journal], *, planned: int) -> RunInfo:
    """The head of the run that several make together: the first one's, from the earliest beginning."""
    jobs = sum(journal.run.jobs for journal in journals)
    began_s = min(journal.run.began_unix_s for journal in journals)
    budget_s = max(journal.run.budget_s for journal in journals)
    return replace(journals[0].run, planned=planned, jobs=jobs, began_unix_s=began_s, budget_s=budget_s)


def _records(journals: Sequence[Journal]) -> list[Record]:
    records: list[Record] = []
    first_slot = 0
    for journal in journals:
        records += [replace(record, slot=first_slot + record.slot) for record in journal.records]
        first_slot += 1 + max((record.slot for record in journal.records), default=0)
    return sorted(records, key=lambda record: record.began_unix_s)
