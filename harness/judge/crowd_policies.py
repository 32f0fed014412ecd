"""What the policies allow a crowd: by which of the two each call may be served, and what limits leave to whom."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator

from harness.catalog import Policy
from harness.journal.model import CrowdCall, Record
from harness.judge import crowds
from harness.judge.oracle import EvidenceMissing
from harness.judge.timing import SUBMITS
from harness.judge.windows import at_most

# The outage is counted from its application, its wave from the first arrival: so much later at most.
_BEGUN_LATER_MS = 500.0


def policies_for(record: Record, call: CrowdCall) -> frozenset[Policy]:
    """The policies by which a call may have been served: the one for its wave, or both where the outage ended meanwhile.

    A target may take as long as it may need to recover until it knows that the outage is over. Raises
    :class:`EvidenceMissing` where the record does not hold both policies.
    """
    expect = record.scenario.expect
    if expect.policy_up is None:
        raise EvidenceMissing("the record does not say which policy holds while the verdict API answers")
    if call.wave == "before":
        return frozenset({expect.policy_up})
    if call.wave == "outage" and call.began_ms + call.real_ms < _lasted_ms(record) - _BEGUN_LATER_MS:
        return frozenset({expect.policy})
    if call.wave == "after" and call.began_ms > expect.recovery_budget_ms:
        return frozenset({expect.policy_up})
    return frozenset({expect.policy, expect.policy_up})


def _lasted_ms(record: Record) -> float:
    """How long the outage lasted; without end where nobody ended it."""
    begun = [applied.moment.at_ms for applied in record.evidence.applied if applied.action == "apply"]
    ended = [applied.moment.at_ms for applied in record.evidence.applied if applied.action == "heal"]
    return max(ended) - min(begun) if begun and ended else math.inf


def unvouched(record: Record, made: Iterable[CrowdCall]) -> tuple[CrowdCall, ...]:
    """The calls that were told that it is done without a 1 of the provider for their ticket."""
    good = crowds.passed(record)
    return tuple(call for call in made if call.completed and call.ticket not in good)


class Shares:
    """What the limits of ``accept`` give to accounts and addresses, and what of it was taken."""

    def __init__(self, record: Record, made: Iterable[CrowdCall]) -> None:
        made = tuple(made)
        if not all(call.account and call.address for call in made):
            raise EvidenceMissing("the record does not say whose each call was, so no limit can be held against it")
        self._limits = record.scenario.expect.limits
        self._most = at_most(self._limits, _lasted_s(crowds.calls(record)))
        taken = unvouched(record, made)
        self._by_account = Counter(call.account for call in taken)
        self._by_address = Counter(call.address for call in taken)

    def used_up(self, call: CrowdCall) -> bool:
        """Whether the limits may have left nothing to whoever made this call: who refuses need not have met a second window."""
        account, address = self._by_account[call.account], self._by_address[call.address]
        return account >= self._limits.per_account or address >= self._limits.per_address

    def exceeded(self) -> Iterable[tuple[str, int, Counter[str]]]:
        """What is limited, the most that it may come to in all windows, and who was given more with how many."""
        yield "an account", self._most.per_account, _over(self._by_account, self._most.per_account)
        yield "an address", self._most.per_address, _over(self._by_address, self._most.per_address)


def unreached(record: Record) -> Iterator[tuple[str, int, int]]:
    """Limits that would hold in a crowd whatever the target does: each with what it allows, and what could have got through.

    That of an account counts only where it is below that of its address.
    """
    expect, good = record.scenario.expect, crowds.passed(record)
    if expect.policy_up is None:
        return
    submits = [call for call in crowds.calls(record, who=SUBMITS) if call.ticket not in good]
    tries = Counter((call.address, call.account) for call in submits if Policy.ACCEPT in policies_for(record, call))
    if not tries:
        return
    limits, most = expect.limits, at_most(expect.limits, _lasted_s(crowds.calls(record)))
    by_address: Counter[str] = Counter()
    for (address, _), count in tries.items():
        by_address[address] += min(count, limits.per_account)
    through, for_one = max(by_address.values()), max(tries.values())
    if through <= most.per_address:
        yield "per_address", most.per_address, through
    if for_one <= most.per_account and limits.per_account < limits.per_address:
        yield "per_account", most.per_account, for_one


def _over(taken: Counter[str], limit: int) -> Counter[str]:
    return Counter({name: count for name, count in taken.items() if count > limit})


def _lasted_s(made: Iterable[CrowdCall]) -> float:
    """How long the crowd was there, its three waves together."""
    ended_ms = dict.fromkeys(crowds.WAVES, 0.0)
    for call in made:
        ended_ms[call.wave] = max(ended_ms[call.wave], call.began_ms + call.real_ms)
    return sum(ended_ms.values()) / 1000
