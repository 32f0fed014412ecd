"""exactly-once: what the fault, the user or a crowd repeats takes effect once for each who gets through, and no less."""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import FLAPS, Habit, Side
from harness.journal.model import Finding, Record, Scenario, Severity, Visit
from harness.judge.crowd_effects import examples
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import BACK, COMES_BACK, COMPLETED, honest, passed_by_provider, submits_of, times, visits
from harness.judge.storms import crowd, effects_told

_BACK = (
    "Front end: forget ticket and result when the business is done. Back end: ask for a verdict for each business, and let a "
    "ticket that was handed in open nothing more; a mark 'has passed the captcha' in the session opens everything."
)


class ExactlyOnce:
    """People press twice, go back and come again; that must cost nobody a second order."""

    slug = "exactly-once"
    demands = (
        "Who goes back and comes again without solving gets no second effect; the next user of a fault that returns, and each "
        "of a crowd that comes back at its end, gets what is due exactly once, as does the user who meets several faults."
    )
    why = "People repeat what seems to have failed, so an outage multiplies every effect that is not tied to one attempt."
    source = "docs/recovery.md (research O11, O13; bug class B11)"
    severity = Severity.BLOCKER
    mend = (
        "Front end: one attempt at a time, from the press until its fate is known. Back end: one key for an attempt, a unique "
        "constraint on it and on every ticket that was handed in, and limits that are counted in the effect's own transaction."
    )
    needs = "recovery, storm, schedule"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks where something is repeated, and where faults that come together may make somebody repeat it."""
        return scenario.kind in ("recovery", "storm", "schedule")

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge the visits that repeat something, or the crowd."""
        if record.scenario.kind == "storm":
            return tuple(self._crowd(record))
        if record.scenario.kind == "schedule":
            return tuple(self._honest(record, honest(record)))
        went_back = _each(record, BACK, record.scenario.behaviour.habit is Habit.GOES_BACK)
        flaps = record.scenario.strikes == FLAPS and record.scenario.link_side is Side.SERVER
        came_back = _each(record, COMES_BACK, flaps)
        return (
            *(found for visit in went_back for found in self._back(record, visit)),
            *(found for visit in came_back for found in self._comes_back(record, visit)),
        )

    def _honest(self, record: Record, visit: Visit) -> Iterator[Finding]:
        """Whose page could not be told may well be done: what must never be is more than one effect, or none that was told."""
        least = 1 if visit.outcome in COMPLETED else 0
        most = 1 if least or any(one.own_edge for one in record.scenario.schedule) else 0
        if not least <= visit.effects <= most:
            told = "the page said that it is done" if least else "the user was not told that it is done"
            yield finding(
                self,
                expected="exactly one effect for a user who is told that it is done, and no second one for anybody",
                seen=f"{told}, and the business took effect {times(visit.effects)}; "
                f"{submits_of(record, visit.name)} submits arrived at the origin",
            )

    def _back(self, record: Record, visit: Visit) -> Iterator[Finding]:
        if visit.effects and not passed_by_provider(record, BACK):
            yield finding(
                self,
                expected="no second effect for a user who goes back and comes again without solving",
                seen=f"the business took effect {times(visit.effects)} more, and the provider gave no 1 for it",
                mend=_BACK,
            )

    def _comes_back(self, record: Record, visit: Visit) -> Iterator[Finding]:
        if visit.effects != 1 or visit.outcome not in COMPLETED:
            arrived = submits_of(record, COMES_BACK)
            yield finding(
                self,
                expected="the next user, for whom the fault is back, gets the business done exactly once",
                seen=f"{visit.outcome}; the business took effect {times(visit.effects)}, {arrived} submits arrived",
            )

    def _crowd(self, record: Record) -> Iterator[Finding]:
        told = crowd(record)
        if not told.accounts:
            raise EvidenceMissing("nobody of the crowd was recorded")
        counts = effects_told(record)
        wrong = {"doubled": any(count.doubled for count in counts), "lost": any(count.lost for count in counts)}
        if what := " and ".join(word for word, is_so in wrong.items() if is_so):
            yield finding(
                self,
                expected=f"one effect for each of the {told.completed} who were told that it is done",
                seen=f"{what}: the business took effect {times(sum(count.effects for count in counts))}{examples(counts)}",
            )


def _each(record: Record, name: str, needed: bool) -> tuple[Visit, ...]:
    found = visits(record, name)
    if needed and not found:
        raise EvidenceMissing(f"the visit {name}, which repeats what may take effect once, was not recorded")
    return found


ORACLES.add("exactly-once", ExactlyOnce())
