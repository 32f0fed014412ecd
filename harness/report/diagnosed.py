"""What a terminal says of the reasons that a run has a name for: what was seen, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.journal.model import Diagnosis, Judgement, Record, Verdict
from harness.judge.clocks import clock_sensitive
from harness.report.text import one_line

_LONGEST = 400


def diagnosis_lines(records: Sequence[Record], judgements: Mapping[str, Judgement]) -> list[str]:
    """Two lines for each reason why a control is not healthy, and for each flow that bears no clock but the real one."""
    found = {(one.name, where): (where, one) for where, one in (*_of_controls(records, judgements), *_of_clocks(records))}
    return [line for where, one in found.values() for line in (one_line(f"{where}{one}", _LONGEST), f"  → {one.mend}")]


def _of_controls(records: Sequence[Record], judgements: Mapping[str, Judgement]) -> Iterator[tuple[str, Diagnosis]]:
    for record in records:
        judged = judgements.get(record.scenario.id)
        if record.scenario.kind == "control" and judged is not None and judged.verdict is not Verdict.PASS:
            yield from ((f"{record.scenario.id} is not healthy: ", one) for one in record.evidence.diagnoses)


def _of_clocks(records: Sequence[Record]) -> Iterator[tuple[str, Diagnosis]]:
    yield from (("", one) for one in clock_sensitive(records))
