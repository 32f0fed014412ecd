"""What a crowd was told against what the origin counted: account by account where each effect names one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.journal.model import Record
from harness.judge import crowds
from harness.judge.reading import quote
from harness.judge.timing import SUBMITS

_EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What one account, or all of them together (``whose`` is then ""), was told and got.

    Who was never answered (``unheard``) may have got it or not.
    """

    whose: str
    told: int
    unheard: int
    effects: int

    @property
    def lost(self) -> int:
        """How many were told that it is done, and it was not."""
        return max(0, self.told - self.effects)

    @property
    def doubled(self) -> int:
        """How many effects nobody can have been told of."""
        return max(0, self.effects - self.told - self.unheard)


def effects_told(record: Record) -> tuple[Count, ...]:
    """Count for each account of the crowd; for all together unless every effect names one of them."""
    submits, evidence = crowds.calls(record, who=SUBMITS), record.evidence
    by = dict(evidence.crowd_effects_by)
    named = sum(by.values()) == evidence.crowd_effects and all(call.account for call in submits)
    counts = []
    for whose in dict.fromkeys(call.account if named else "" for call in submits):
        own = [call for call in submits if not named or call.account == whose]
        effects = by.get(whose, 0) if named else evidence.crowd_effects
        told, unheard = sum(call.completed for call in own), sum(call.status is None for call in own)
        counts.append(Count(whose=whose, told=told, unheard=unheard, effects=effects))
    return tuple(counts)


def examples(counts: Sequence[Count]) -> str:
    """Name some of those whose counts are wrong; "" where nobody is named."""
    wrong = [count.whose for count in counts if count.whose and (count.lost or count.doubled)]
    if not wrong:
        return ""
    more = f" and {len(wrong) - _EXAMPLES} more" if len(wrong) > _EXAMPLES else ""
    return f" ({', '.join(quote(name) for name in wrong[:_EXAMPLES])}{more})"
