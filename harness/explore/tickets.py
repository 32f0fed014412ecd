"""``captchaos fuzz tickets``: whatever stands in a ticket's place, over HTTP, in health and in each kind of outage."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from harness.catalog import Policy
from harness.catalog.recipes import QUOTED, Recipe
from harness.errors import ConfigurationError, UsageError
from harness.explore.cases import Case, Rerun, demand_known
from harness.explore.coverage import LIMITED
from harness.explore.door import HONEST, Door, open_door
from harness.explore.finding import Failure
from harness.explore.kinds import KINDS, CaseKind, Options, Outcome, demand_hypothesis
from harness.explore.outages import HEALTHY, Outage, outage_named, outages_of
from harness.explore.rules import (
    RULES,
    TOO_MANY_REQUESTS,
    TURNED_AWAY,
    Bounds,
    Worth,
    broken,
    limited,
    over_the_limit,
    worth_of,
)
from harness.explore.seen import Seen, Unsendable
from harness.faults.base import FAULTS
from harness.plan.build import make_plan
from harness.target.problems import display
from harness.target.spec import FlowSpec, Target

# So many tries share an address, so that limits are met; the next are somebody else's, so that they do not hide the rest.
PER_ADDRESS = 30
WELL_FORMED = "well-formed"
# So many in a row that were turned away for their number, and a fresh target is asked.
_STREAK = 3
_LIMIT = "limits-hold"

Example = tuple[Recipe, ...]
_NONE = Recipe(text="", label="empty")
# The last breaks out of a JSON text that is put together by hand.
_TELLING: tuple[Example, ...] = (
    (HONEST,),
    (_NONE,),
    (Recipe(text="terror_1001_{app}_{now}"),),
    (Recipe(text="trerror_1001_{app}_{now}"),),
    (Recipe(text=QUOTED, label="quote-in-a-ticket"),),
)
# What a target that has noticed the outage makes of it: some wait for so many calls without a verdict.
_NOTICED: Example = (HONEST, HONEST, HONEST, _NONE)


@dataclass(slots=True, kw_only=True)
class Met:
    """What is known of a target's limits: how many in a row were ``limited``, and where they explain nothing.

    ``says_429``: flows that say so to the first who knocks, too; ``refuses``: those that turn good tickets away when fresh.
    """

    limited: int = 0
    says_429: set[tuple[str, str]] = field(default_factory=set)
    refuses: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class TicketSubject:
    """One flow in health or in one outage, asked by one ticket after the other.

    An example is the tickets that are sent one after the other to a target; drawn is always one.
    """

    door: Door
    spec: FlowSpec
    outage: Outage | None
    met: Met = field(default_factory=Met)

    @property
    def flow(self) -> str:
        """The flow's name."""
        return self.spec.name

    @property
    def health(self) -> str:
        """Health, or the outage's fault."""
        return self.outage.fault if self.outage else HEALTHY

    def strategy(self) -> Any:
        """Draw one ticket: like an honest user's, honest, or worthless; it shrinks to what is most like an honest one."""
        from hypothesis import strategies as st

        from harness import strategies

        codes = self._codes() or strategies.CLIENT_CODES
        looking_honest = strategies.fallback_recipes(codes=codes)
        # Hypothesis draws no example twice: numbers make each honest one another.
        honest = st.integers(0, 1 << 16).map(_honest)
        # What is mapped counts as one way among others: else any text would crowd out what is nearly a ticket.
        near, garbage = strategies.near_miss_recipes, strategies.garbage_recipes().map(_itself)
        of_servers = strategies.fallback_recipes(codes=strategies.SERVER_CODES).map(_unsigned)
        misplaced = st.one_of(strategies.misplaced_recipes(), of_servers).map(_itself)
        drawn = st.one_of(
            looking_honest, honest, near(), near().map(_itself), near().map(_itself), misplaced, garbage
        )
        return drawn.map(lambda recipe: (recipe,))

    def telling(self) -> Iterator[Example]:
        """What tells most: a good ticket, none, one of each prefix, one that nobody has, and none after good ones."""
        for example in self._telling():
            self._make_room(example)
            yield example

    def _telling(self) -> tuple[Example, ...]:
        if self.outage is None:
            return _TELLING
        if FAULTS.get(self.outage.fault).hangs:
            # Each is waited for as long as the target waits.
            return (_TELLING[0],)
        # Under a policy that lets them in, the good ones must leave the last its share of the limit.
        accepts = self.spec.policy.verdict_down is Policy.ACCEPT
        return (*_TELLING, _NOTICED[-self.spec.limits.per_address :] if accepts else _NOTICED)

    def _make_room(self, example: Example) -> None:
        """Let an example be asked from where limits leave enough for it: what meets them is for what is drawn."""
        needs = min(len(example), self.spec.limits.per_address)
        for move in (self._elsewhere, self._afresh):
            if self.door.allowance(self.spec) < needs:
                move()
        # It is asked once here, so one that is turned away for its number is one too many.
        self.met.limited = _STREAK - 1

    def label(self, example: Example) -> str:
        """The label of the ticket that is sent last."""
        return example[-1].label or WELL_FORMED

    def shown(self, example: Example) -> str:
        """The tickets as they are written, shortened."""
        return _shown(example)

    def written(self, example: Example) -> Mapping[str, Any]:
        """The tickets' recipes."""
        return {"tickets": [recipe.as_json() for recipe in example]}

    def ask(self, example: Example, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        """Send the tickets; what breaks a rule at any of them counts.

        While nothing is chased, where the target turns users away for their number somebody else asks again, from another
        address, and where that does not help at a target that was started anew.
        """
        became, found, good = self._sent(example, chasing)
        if chasing or not self._too_many(became, found, good=good):
            return became, found
        for move in (self._elsewhere, self._afresh):
            if move():
                became, more, good = self._sent(example, chasing)
                found = (*(one for one in found if one.rule != TURNED_AWAY), *more)
                if became != LIMITED and not _turned_away(found):
                    return became, found
        if became == LIMITED and not good:
            self.met.says_429.add(self._place)
            became = "turned away"
        if _turned_away(found):
            self.met.refuses.add(self._place)
        return became, found

    def _elsewhere(self) -> bool:
        return self.door.from_elsewhere(self.spec)

    def _afresh(self) -> bool:
        self.fresh()
        return True

    def _too_many(self, became: str, found: tuple[Failure, ...], *, good: bool) -> bool:
        """Whether a fresh target should be asked: this one may have had too many."""
        self.met.limited = self.met.limited + 1 if became == LIMITED else 0
        if self.door.knocks(self.spec) <= 1 or became == "not sendable":
            return False
        turned_away = _turned_away(found) and self._place not in self.met.refuses
        if not (turned_away or (became == LIMITED and (good or self.met.limited >= _STREAK))):
            return False
        self.met.limited = 0
        return True

    def _sent(self, example: Example, chasing: str) -> tuple[str, tuple[Failure, ...], bool]:
        """Send the tickets: what became of the last, what broke, and whether the last was as good as an honest user's."""
        found: list[Failure] = []
        became, good = "", False
        for recipe in example:
            try:
                seen = self.door.knock(self.spec, recipe, listen=chasing == "private")
            except Unsendable:
                return "not sendable", tuple(found), False
            worth = self._worth(seen, recipe)
            bounds = bounds_of(self.door, self.spec, down=self.outage is not None)
            its_word = seen.status == TOO_MANY_REQUESTS and self._place in self.met.says_429
            good = worth in (Worth.HONEST, Worth.LOOKALIKE)
            became = LIMITED if limited(seen, worth, bounds) and (good or not its_word) else seen.became
            found += self._broken(seen, recipe, worth, bounds)
        return became, tuple(found), good

    @property
    def _place(self) -> tuple[str, str]:
        return self.flow, self.health

    def fresh(self) -> None:
        """Start the target anew before the next ticket."""
        self.door.renew(self.outage)

    def used(self) -> bool:
        """Whether anything was gained since."""
        return self.door.used(self.spec)

    def whole(self, failure: Failure, example: Example) -> Example:
        """All that were let in before, where there were too many of them together."""
        together = self.door.let_in(self.spec) if failure.rule == _LIMIT else ()
        return together or example

    def own_limit(self, failure: Failure) -> bool:
        """Whoever sends much may be turned away."""
        return failure.rule == TURNED_AWAY

    def _broken(self, seen: Seen, recipe: Recipe, worth: Worth, bounds: Bounds) -> list[Failure]:
        cause = recipe.label or WELL_FORMED
        found = list(broken(seen, worth, bounds, cause))
        if said := over_the_limit(seen, bounds):
            limit = f"at most {self.spec.limits.per_address} unverified effects for an address in {self.spec.limits.window_s} s"
            found.append(Failure(rule=_LIMIT, cause=cause, expected=limit, seen=said))
        return found

    def _worth(self, seen: Seen, recipe: Recipe) -> Worth:
        if recipe == HONEST:
            return Worth.HONEST
        app_id = self.door.target.use_named(self.spec.provider).app_id
        return worth_of(seen.ticket, app_id=app_id, codes=self._codes(), now_s=seen.now_s)

    def _codes(self) -> tuple[int, ...]:
        return self.door.client_codes(self.spec)


class Tickets:
    """The kind of search."""

    name = "tickets"
    case_kind: CaseKind = "ticket"
    title = "whatever stands in a ticket's place, over HTTP"

    def explore(self, target: Target, options: Options, outcome: Outcome) -> None:
        """Knock at every flow, in health and in outages by turns."""
        from harness.explore.turns import take_turns

        demand_hypothesis()
        met = Met()
        with opened(target, options, options.flows) as door:
            take_turns(
                door, options, outcome, case_kind=self.case_kind,
                subject=lambda flow, outage: TicketSubject(door=door, spec=flow, outage=outage, met=met),
            )  # fmt: skip

    def rerun(self, case: Case, target: Target, *, times: int, options: Options) -> Rerun:
        """Send a case's tickets to a fresh target, so many times."""
        example = _recipes(case)
        healths = (HEALTHY, *(outage.fault for outage in outages_of(make_plan(target), case.flow)))
        demand_known(case, rules=(*RULES, _LIMIT), healths=healths)
        with opened(target, options, (case.flow,)) as door:
            outage = outage_named(door.plan, case.flow, case.health)
            subject = TicketSubject(door=door, spec=target.flows[case.flow], outage=outage)
            found: list[Failure] = []
            for _ in range(times):
                subject.fresh()
                _became, failures = subject.ask(example, chasing=case.finding.rule)
                found += [one for one in failures if one.rule == case.finding.rule][:1]
        return Rerun(seen=len(found), of=times, failures=tuple(dict.fromkeys(found)))


def opened(target: Target, options: Options, flows: tuple[str, ...]) -> AbstractContextManager[Door]:
    """The door that a search knocks at."""
    parts = {"toxiproxy": options.toxiproxy, "browser": options.browser}
    return open_door(target, flows=flows, per_address=PER_ADDRESS, **parts)


def bounds_of(door: Door, flow: FlowSpec, *, down: bool) -> Bounds:
    """What a flow's owner promises while verdicts come, or while none does."""
    provider = door.target.use_named(flow.provider).use
    return Bounds(flow=flow, provider=provider, down=down, patient_ms=door.target.budgets.server_ms)


def _recipes(case: Case) -> Example:
    said = case.input.get("tickets")
    try:
        if not isinstance(said, list) or not said:
            raise UsageError("input.tickets must be a list of tickets' recipes")  # noqa: TRY301 - one sentence for both
        return tuple(HONEST if one == HONEST.as_json() else Recipe.from_json(one) for one in said)
    except UsageError as error:
        raise ConfigurationError(f"{display(case.file) if case.file else 'the case'}: {error}") from error


def _turned_away(found: tuple[Failure, ...]) -> bool:
    return any(one.rule == TURNED_AWAY for one in found)


def _unsigned(recipe: Recipe) -> Recipe:
    return replace(recipe, label="server-code-unsigned")


def _honest(_number: int) -> Recipe:
    return HONEST


def _itself(recipe: Recipe) -> Recipe:
    return recipe


def _shown(example: Example) -> str:
    """The tickets in order: the first one, how many like it, and the last where it is another."""
    first, *others = example
    like_it = sum(other.label == first.label for other in others)
    more = f" and {like_it} more" if like_it else ""
    then = f", then {_one(example[-1])}" if example[-1].label != first.label else ""
    return f"{_one(first)}{more}{then}"


def _one(recipe: Recipe) -> str:
    short = reprlib.Repr()
    short.maxstring = 100
    text = "a good ticket of the provider's" if recipe == HONEST else short.repr(recipe.text)
    spelled = "" if recipe.spelling == "plain" else f", spelled as {recipe.spelling}"
    return f"{text}{spelled}" + (", as JSON" if recipe.structured else "")


KINDS.add(Tickets.name, Tickets())
