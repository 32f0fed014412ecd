"""``captchaos fuzz behaviour``: users who click twice, close, reload, go back or open a second tab, with nothing broken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal, get_args

from harness.catalog.deeds import Way
from harness.errors import ConfigurationError, TargetError, UsageError, closest
from harness.explore.cases import Case, Rerun, demand_known
from harness.explore.finding import Failure
from harness.explore.kinds import KINDS, CaseKind, Options, Outcome, demand_hypothesis
from harness.explore.outages import HEALTHY
from harness.explore.server_errors import ServerError
from harness.explore.thread import Laboratory, open_laboratory
from harness.explore.walking import Walked, Walker
from harness.journal.model import PageError
from harness.target.problems import display
from harness.target.spec import BROWSER, FlowSpec, Target

_TURN_S, _TURN_EXAMPLES = 20.0, 200
Rule = Literal[
    "target-lives", "one-effect", "business-completes", "told-what-is", "no-uncaught-error", "no-server-error"
]  # fmt: skip
_STRAIGHT = "walks straight through"


def failures(
    walked: Walked, *, usual: frozenset[PageError] = frozenset(), usual_answers: frozenset[ServerError] = frozenset()
) -> Iterator[Failure]:
    """Every rule that one way has broken. What is ``usual`` is what whoever walks straight through meets, too."""
    cause = label_of(walked.way)

    def failure(rule: Rule, expected: str, seen: str) -> Failure:
        return Failure(rule=rule, cause=cause, expected=expected, seen=seen)

    if walked.died:
        yield failure("target-lives", "the target goes on", walked.died)
        return
    if walked.gained > walked.wanted:
        most = "one effect" if walked.wanted == 1 else f"{walked.wanted} effects, as the user began anew"
        yield failure("one-effect", f"{most} at most", f"{walked.gained} effects")
    # Who began anew after the first submit had its effect may be told that it is done already.
    told_before = walked.wanted > 1 and walked.gained > 0
    if not walked.completed and not told_before:
        seen = walked.error or "no end within a minute"
        yield failure("business-completes", "with nothing broken the user gets through", seen)
    elif walked.completed and not walked.gained:
        yield failure("told-what-is", "the page shows success where there was an effect", "none at the origin")
    texts = {one.text for one in usual}
    if own := next((one for one in walked.errors if one.script and one.text not in texts), None):
        seen = f"{own.text[:100]} in {own.script[:100]}"
        yield failure("no-uncaught-error", "the target's own scripts catch their errors", seen)
    if bad := next((one for one in walked.server_errors if one not in usual_answers), None):
        seen = f"the target answered {bad.status} to {bad.method} {bad.path[:100]}"
        yield failure("no-server-error", "nothing that users do is answered by a 5xx", seen)


def label_of(way: Way) -> str:
    """What a user does, without when, by which failures are grouped."""
    return " and ".join(dict.fromkeys(str(act.deed) for act in way.acts)) or _STRAIGHT


@dataclass(slots=True, kw_only=True)
class BehaviourSubject:
    """One flow's users."""

    laboratory: Laboratory
    walker: Walker
    usual: frozenset[PageError] = frozenset()
    usual_answers: frozenset[ServerError] = frozenset()

    @property
    def flow(self) -> str:
        """The flow's name."""
        return self.walker.flow.name

    @property
    def health(self) -> str:
        """Nothing is broken."""
        return HEALTHY

    def strategy(self) -> Any:
        """Draw what one user does."""
        from harness.strategies.behaviour import user_behaviour

        return user_behaviour()

    def label(self, example: Way) -> str:
        """What the user does."""
        return label_of(example)

    def shown(self, example: Way) -> str:
        """What the user does, and when, in one line."""
        return f"the user {example}"

    def written(self, example: Way) -> Mapping[str, Any]:
        """What the user does, as JSON."""
        return example.as_json()

    def prove(self) -> None:
        """Show that whoever walks straight through gets there; raises TargetError otherwise."""
        walked = self._walk(Way())
        if not walked.completed or walked.gained != 1:
            why = walked.error or f"{walked.gained} effects"
            raise TargetError(f"flows.{self.flow}: a user who does nothing besides does not get through ({why})")
        self.usual, self.usual_answers = frozenset(walked.errors), frozenset(walked.server_errors)

    def ask(self, example: Way, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        """Let a user go that way; each has a browser window and an account of their own."""
        walked = self._walk(example)
        found = tuple(failures(walked, usual=self.usual, usual_answers=self.usual_answers))
        return "got through" if walked.completed else "did not", found

    def fresh(self) -> None:
        """Start the target anew."""
        self.laboratory.do(self.walker.renew())

    def used(self) -> bool:
        """Nobody meets what another has left: verified users use up no limits."""
        return False

    def whole(self, failure: Failure, example: Way) -> Way:
        """Each way is whole."""
        return example

    def own_limit(self, failure: Failure) -> bool:
        """Users in health meet no limits."""
        return False

    def _walk(self, way: Way) -> Walked:
        walked = self.laboratory.do(self.walker.walk(way))
        if walked.died:
            self.fresh()
        return walked


class BehaviourSearch:
    """The kind of search."""

    name = "behaviour"
    case_kind: CaseKind = "behaviour"
    title = "users who do everyday things on their way, in a browser"

    def explore(self, target: Target, options: Options, outcome: Outcome) -> None:
        """Take the flows by turns, each on a running target of its own."""
        demand_hypothesis()
        from harness.explore.search import Search

        if HEALTHY not in options.healths:
            raise UsageError("`captchaos fuzz behaviour` has no outage: what users do is what is searched; leave --in out")
        flows = chosen_flows(target, options)
        outcome.coverage.plan((flow.name, HEALTHY) for flow in flows)
        search = Search(target, options, outcome, case_kind=self.case_kind)
        turn_s = _TURN_S if options.seconds is None else min(_TURN_S, max(5.0, options.seconds / (2 * len(flows))))
        share = _TURN_EXAMPLES if options.examples is None else max(1, options.examples // len(flows))
        with ExitStack() as stack:
            laboratory = stack.enter_context(
                open_laboratory(target, toxiproxy=options.toxiproxy, browser=options.browser)
            )
            subjects: dict[str, BehaviourSubject] = {}
            while not search.over:
                for flow in flows:
                    if search.over:
                        return
                    options.tell(f"{flow.name}: what users do besides")
                    if flow.name not in subjects:
                        subject = subjects[flow.name] = open_subject(laboratory, flow)
                        stack.callback(lambda walker: laboratory.do(walker.close()), subject.walker)
                        subject.prove()
                    search.batch(subjects[flow.name], limit_s=turn_s, examples=share)

    def rerun(self, case: Case, target: Target, *, times: int, options: Options) -> Rerun:
        """Let a user go a case's way on a fresh target, so many times."""
        try:
            way = Way.from_json(dict(case.input))
        except UsageError as error:
            raise ConfigurationError(f"{display(case.file) if case.file else 'the case'}: {error}") from error
        demand_known(case, rules=get_args(Rule), healths=(HEALTHY,))
        found: list[Failure] = []
        with open_laboratory(target, toxiproxy=options.toxiproxy, browser=options.browser) as laboratory:
            subject = open_subject(laboratory, target.flows[case.flow])
            try:
                subject.prove()
                for _ in range(times):
                    subject.fresh()
                    _became, broken = subject.ask(way)
                    found += [one for one in broken if one.rule == case.finding.rule][:1]
            finally:
                laboratory.do(subject.walker.close())
        return Rerun(seen=len(found), of=times, failures=tuple(dict.fromkeys(found)))


def open_subject(laboratory: Laboratory, flow: FlowSpec) -> BehaviourSubject:
    """Start a target for one flow's users, behind a slot of its own; its walker must be closed."""
    workshop = laboratory.workshop

    async def opened() -> Walker:
        walker = Walker(workshop, await workshop.open_slot(len(workshop.slots), flow.name), flow)
        await walker.open()
        return walker

    return BehaviourSubject(laboratory=laboratory, walker=laboratory.do(opened()))


def chosen_flows(target: Target, options: Options) -> tuple[FlowSpec, ...]:
    """The flows with a page in a browser; raises :class:`UsageError` for another's name, and without any."""
    can = [flow for flow in target.flows.values() if flow.client == BROWSER and flow.browser is not None]
    names = [flow.name for flow in can]
    for name in options.flows:
        if name not in names:
            what = "has no page in a browser" if name in target.flows else "is not in the target"
            raise UsageError(f"the flow {name!r} {what}{closest(name, names)}")
    if not can:
        raise UsageError("no flow of this target has a page in a browser, so nobody can click there")
    return tuple(flow for flow in can if not options.flows or flow.name in options.flows)


KINDS.add(BehaviourSearch.name, BehaviourSearch())
