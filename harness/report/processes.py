"""How many processes of the target served a run, where one serves many scenarios (``target.isolation = "slot"``)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from harness.journal.model import Record, SharedProcess
from harness.report.text import one_line


def _second_try(process: SharedProcess) -> bool:
    """Whether one and the same process failed a control before this scenario, and then passed it with the machine to itself."""
    return any(
        first.why and not second.why and 0 < first.process == second.process for first, second in pairwise(process.proofs)
    )


def process_lines(records: Sequence[Record]) -> list[str]:
    """Say it in a line, and in one more which processes had not healed; nothing where each scenario had its own."""
    processes = [record.process for record in records if record.process is not None]
    if not processes:
        return []
    served = len({record.scenario.id for record in records if record.process is not None})
    started = max(process.number for process in processes)
    unhealed = {process.number: process.started_because for process in processes if process.unhealed}
    lines = [f"the target was started {started} × for {served} scenarios and controls"]
    doubted = [record for record in records if record.process is not None and _second_try(record.process)]
    if doubted:
        lines.append(f"{len(doubted)} controls between two scenarios went through at the second try alone")
    if unhealed:
        first = one_line(next(iter(unhealed.values())))
        lines.append(f"{len(unhealed)} of these since the process before had not healed, as: {first}")
    return lines
