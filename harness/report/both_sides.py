"""What an honest user gets and what a forger gets, side by side: per flow, and per health of the captcha."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from harness.catalog import Policy
from harness.journal.model import CLIENT_OUTAGE, HEALTHY, HONEST_TRY, OUTAGE, WHOLE_OUTAGE, Attempt, Record
from harness.judge.oracles.nothing_for_free import FROM_ELSEWHERE, WELL_FORMED
from harness.judge.windows import for_tries
from harness.report.view import RunView, ScenarioView

HEALTHS = (HEALTHY, CLIENT_OUTAGE, OUTAGE, WHOLE_OUTAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSides:
    """One flow in one health of the captcha.

    ``honest``: each outcome with how many visits had it, the most frequent first; empty where nobody honest came. ``tries`` are
    the forger's, ``effects`` what the origin gained by them and ``offers`` how often a step-up was offered to him; ``at_once``
    is the largest number sent together, of which ``let_in`` got through. ``unreached``: limits of the target's that are larger
    than what was tried, each with what it allows and the tries. ``view`` is his scenario.
    """

    flow: str
    health: str
    policy: Policy
    honest: tuple[tuple[str, int], ...]
    tries: int
    effects: int
    offers: int
    at_once: int
    let_in: int
    unreached: tuple[tuple[str, int, int], ...]
    view: ScenarioView


def both_sides(run: RunView) -> tuple[BothSides, ...]:
    """Put them side by side, wherever a forger tried."""
    forged = (view for view in run.scenarios if view.record.scenario.kind == "forgery" and view.record.evidence.attempts)
    rows = [_row(run, view) for view in forged]
    flows = list(dict.fromkeys(row.flow for row in rows))
    return tuple(sorted(rows, key=lambda row: (flows.index(row.flow), HEALTHS.index(row.health))))


def _row(run: RunView, view: ScenarioView) -> BothSides:
    scenario = view.record.scenario
    tries = [attempt for attempt in view.record.evidence.attempts if attempt.label != HONEST_TRY]
    together = _together(tries)
    return BothSides(
        flow=scenario.flow,
        health=scenario.health,
        policy=scenario.expect.policy,
        honest=tuple(Counter(_honest(run, scenario.flow, scenario.health)).most_common()),
        tries=len(tries),
        effects=sum(attempt.effects for attempt in tries),
        offers=sum(attempt.offered for attempt in tries),
        at_once=len(together),
        let_in=sum(attempt.effects for attempt in together),
        unreached=tuple(_unreached(view.record, tries)),
        view=view,
    )


def _unreached(record: Record, tries: Sequence[Attempt]) -> Iterator[tuple[str, int, int]]:
    """Limits that would hold whatever the target does; that of an account counts only where it is below that of its address."""
    if record.scenario.expect.policy is not Policy.ACCEPT:
        return
    alike = [one for one in tries if one.label.startswith(WELL_FORMED) and not one.label.startswith(FROM_ELSEWHERE)]
    limits, for_one = for_tries(record), max(Counter(one.account for one in alike).values(), default=0)
    if len(alike) <= limits.per_address:
        yield "per_address", limits.per_address, len(alike)
    if for_one <= limits.per_account < limits.per_address:
        yield "per_account", limits.per_account, for_one


def _together(tries: Iterable[Attempt]) -> list[Attempt]:
    """The tries of the largest burst."""
    tries = list(tries)
    most = max((attempt.together for attempt in tries), default=1)
    return [attempt for attempt in tries if attempt.together == most > 1]


def _honest(run: RunView, flow: str, health: str) -> Iterator[str]:
    """What became of each honest visit in that health: with nothing broken, or with one of the captcha's links."""
    for view in run.scenarios:
        scenario = view.record.scenario
        of_health = scenario.kind == "control" if health == HEALTHY else scenario.kind == "fault" and scenario.mode is not None
        if scenario.flow == flow and scenario.health == health and of_health and view.visit is not None:
            yield view.visit.outcome
