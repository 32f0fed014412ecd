"""``captchaos fuzz answers``: whatever the provider's verdict API answers about a good ticket, over HTTP."""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from harness.catalog import Policy
from harness.catalog.provider_answers import MadeUpAnswer, Meaning
from harness.errors import ConfigurationError, UsageError
from harness.explore.cases import Case, Rerun, demand_known
from harness.explore.coverage import NOT_ASKED
from harness.explore.door import HONEST, Door
from harness.explore.finding import Failure
from harness.explore.kinds import KINDS, CaseKind, Options, Outcome, demand_hypothesis
from harness.explore.outages import HEALTHY, Outage
from harness.explore.rules import KNOWN_FORM, RULES, TOO_MANY_REQUESTS, Bounds, Rule, always
from harness.explore.seen import Seen
from harness.explore.tickets import bounds_of, opened
from harness.explore.turns import take_turns
from harness.target.problems import display
from harness.target.spec import FlowSpec, Target

_VERDICT: Final = "verdict-is-a-verdict"
_FOR_FREE: Final = "nothing-for-free"
_Rule = Rule | Literal["verdict-is-a-verdict"]


@dataclass(slots=True, kw_only=True)
class AnswerSubject:
    """One flow, whose provider answers what is drawn to a good ticket."""

    door: Door
    spec: FlowSpec

    @property
    def flow(self) -> str:
        """The flow's name."""
        return self.spec.name

    @property
    def health(self) -> str:
        """The provider can be reached; it is its answer that is odd."""
        return HEALTHY

    def strategy(self) -> Any:
        """Draw an answer of the flow's provider: as documented, or with one thing wrong."""
        from hypothesis import strategies as st

        from harness import strategies

        provider = self.door.target.use_named(self.spec.provider).use
        # Twice as often as what is wrong: a verdict that is misread is worse than an answer that is.
        return st.one_of(strategies.documented_answers(provider=provider), strategies.provider_answers(provider=provider))

    def telling(self) -> tuple[MadeUpAnswer, ...]:
        """Every answer that the flow's provider documents: verdicts that are misread harm most."""
        from harness.strategies.answers import every_documented_answer

        return every_documented_answer(provider=self.door.target.use_named(self.spec.provider).use)

    def label(self, example: MadeUpAnswer) -> str:
        """What is wrong with the answer, and what it still means."""
        return f"{example.label} ({example.meaning})"

    def shown(self, example: MadeUpAnswer) -> str:
        """The answer in words and, shortened, as it is sent."""
        short = reprlib.Repr()
        short.maxstring = 120
        status = "" if example.status == 200 else f"status {example.status}, "
        return f"the provider answers {example.words}: {status}{short.repr(example.text)}"

    def written(self, example: MadeUpAnswer) -> Mapping[str, Any]:
        """The answer as it was made up."""
        return {"answer": example.as_json()}

    def ask(self, example: MadeUpAnswer, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        """Hand in a good ticket while the provider answers this."""
        became, found = self._answered(example, chasing)
        if became == NOT_ASKED and self.door.knocks(self.spec) > 1:
            # Who has had many bad answers may ask no more for a while: a fresh target has had none.
            self.fresh()
            became, more = self._answered(example, chasing)
            found = (*found, *more)
        return became, found

    def _answered(self, example: MadeUpAnswer, chasing: str) -> tuple[str, tuple[Failure, ...]]:
        self.door.answer_with(self.spec, example.rewrite)
        try:
            seen = self.door.knock(self.spec, HONEST, listen=chasing == "private")
        finally:
            self.door.answer_with(self.spec, None)
        bounds = bounds_of(self.door, self.spec, down=False)
        found = tuple(
            Failure(rule=rule, cause=self.label(example), expected=expected, seen=said)
            for rule, expected, said in _broken(seen, example.meaning, bounds)
        )
        return (seen.became if seen.altered or seen.died else NOT_ASKED), found

    def fresh(self) -> None:
        """Start the target anew before the next answer."""
        self.door.renew()

    def used(self) -> bool:
        """Whether anything was gained since."""
        return self.door.used(self.spec)

    def whole(self, _failure: Failure, example: MadeUpAnswer) -> MadeUpAnswer:
        """Each answer stands for itself."""
        return example

    def own_limit(self, _failure: Failure) -> bool:
        """Nobody here sends too much."""
        return False


def _broken(seen: Seen, meaning: Meaning, bounds: Bounds) -> Iterator[tuple[_Rule, str, str]]:
    if seen.died:
        yield "stays-alive", "the target goes on, whatever the provider answers", seen.died
        return
    yield from always(seen, bounds)
    if not seen.altered or seen.status is None or seen.status >= 500:
        return
    let_in = seen.gained > 0 or seen.completed
    if meaning is Meaning.REFUSED and let_in:
        yield _FOR_FREE, "a refusal is no pass", "the user was let in"
    elif meaning is Meaning.REFUSED and seen.offered:
        yield _VERDICT, "a refusal is refused with a retry", "a step-up was offered, as if no verdict had come"
    if meaning is Meaning.PASSED and not let_in and bounds.provider in KNOWN_FORM and seen.status != TOO_MANY_REQUESTS:
        yield _VERDICT, "a pass is a pass, whatever its text says", f"it was turned away, status {seen.status}"
    if meaning is Meaning.NO_VERDICT:
        yield from _no_pass(seen, bounds, let_in=let_in)


def _no_pass(seen: Seen, bounds: Bounds, *, let_in: bool) -> Iterator[tuple[_Rule, str, str]]:
    accepts = Policy.ACCEPT in (bounds.flow.policy.verdict_up, bounds.flow.policy.verdict_down)
    if seen.marked:
        yield _FOR_FREE, "an answer without a verdict is no pass", "a record marked as a verified user's"
    elif let_in and not accepts:
        expected = f"an answer without a verdict is no pass (policy {bounds.flow.policy.verdict_down})"
        yield _FOR_FREE, expected, "the user was let in"


class Answers:
    """The kind of search."""

    name = "answers"
    case_kind: CaseKind = "answer"
    title = "whatever the provider's verdict API answers, over HTTP"

    def explore(self, target: Target, options: Options, outcome: Outcome) -> None:
        """Hand good tickets in at every flow in turn; outages are another kind's."""
        demand_hypothesis()
        if HEALTHY not in options.healths:
            raise UsageError("`captchaos fuzz answers` has no outages: the provider answers, and wrongly; leave --in out")

        def subject(flow: FlowSpec, _outage: Outage | None) -> AnswerSubject:
            return AnswerSubject(door=door, spec=flow)

        with opened(target, options, options.flows) as door:
            take_turns(door, options, outcome, case_kind=self.case_kind, subject=subject, healths=(HEALTHY,))

    def rerun(self, case: Case, target: Target, *, times: int, options: Options) -> Rerun:
        """Let the provider of a fresh target answer a case's answer, so many times."""
        answer = _answer(case)
        demand_known(case, rules=(*RULES, _VERDICT), healths=(HEALTHY,))
        with opened(target, options, (case.flow,)) as door:
            subject = AnswerSubject(door=door, spec=target.flows[case.flow])
            found: list[Failure] = []
            for _ in range(times):
                subject.fresh()
                _became, failures = subject.ask(answer, chasing=case.finding.rule)
                found += [one for one in failures if one.rule == case.finding.rule][:1]
        return Rerun(seen=len(found), of=times, failures=tuple(dict.fromkeys(found)))


def _answer(case: Case) -> MadeUpAnswer:
    try:
        return MadeUpAnswer.from_json(case.input.get("answer"))
    except UsageError as error:
        raise ConfigurationError(f"{display(case.file) if case.file else 'the case'}: {error}") from error


KINDS.add(Answers.name, Answers())
