"""``captchaos fuzz callbacks``: whatever the vendor's client hands to a page's callback, and whenever, in a browser."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness import tickets as grammar
from harness.catalog.callbacks import Blank, Call, Callbacks
from harness.errors import ConfigurationError, TargetError, UsageError, closest
from harness.explore.cases import Case, Rerun, demand_known
from harness.explore.finding import Failure
from harness.explore.kinds import KINDS, CaseKind, Options, Outcome, demand_hypothesis
from harness.explore.outages import HEALTHY
from harness.explore.page_rules import RULES, failures, label_of
from harness.explore.server_errors import ServerError, server_errors
from harness.explore.stand import Stand, Tried
from harness.explore.thread import Laboratory, open_laboratory
from harness.explore.two_stands import TwoStands
from harness.journal.model import PageError
from harness.target.problems import display
from harness.target.spec import FlowSpec, Target

if TYPE_CHECKING:
    from harness.explore.search import Search

HONEST = Callbacks(
    calls=(Call(value={"ret": 0, "ticket": Blank.TICKET, "CaptchaAppId": Blank.APP_ID, "randstr": Blank.RANDSTR}),)
)
# That a page which was used before says what a fresh one says is shown at the first that it is used for, and now and then.
_COMPARED_FIRST, _COMPARED_EVERY = 3, 50
_TURN_S, _TURN_EXAMPLES, _PLAIN = 20.0, 200, 10

Example = tuple[Callbacks, ...]


@dataclass(slots=True, kw_only=True)
class CallbackSubject:
    """One flow's page. An example is what a user's presses lead to, one after the other on one page; drawn is always one.

    ``plainly``: of the few things that every page must bear, which are tried first.
    """

    laboratory: Laboratory
    stand: TwoStands
    notes: list[str] = field(default_factory=list)
    usual: frozenset[PageError] = frozenset()
    usual_answers: frozenset[ServerError] = frozenset()
    plainly: bool = False
    reused: int = 0
    compared: int = 0
    _before: Example = ()
    _gained: bool = False

    @property
    def flow(self) -> str:
        """The flow's name."""
        return self.stand.flow.name

    @property
    def health(self) -> str:
        """Nothing else is broken."""
        return HEALTHY

    def strategy(self) -> Any:
        """Draw what one press leads to."""
        from harness.explore.drawn_callbacks import callbacks, plain_callbacks

        return (plain_callbacks() if self.plainly else callbacks()).map(lambda one: (one,))

    def label(self, example: Example) -> str:
        """What the client does, in a word or two."""
        return label_of(example[-1])

    def shown(self, example: Example) -> str:
        """What the client does, in one line."""
        return "; the user presses again: ".join(map(str, example))

    def written(self, example: Example) -> Mapping[str, Any]:
        """What the client does, as JSON."""
        return {"presses": [one.as_json() for one in example]}

    def prove(self) -> None:
        """Show that an honest ticket gets through; raises TargetError where it does not, for then nothing would be proven.

        A page that asks nobody and says that it is done is a finding, and the search's to tell.
        """
        tried = self._try(HONEST, fresh=True)
        asks_nobody = tried.ending == "completed" and not tried.gained and not tried.submits
        if not asks_nobody and (tried.ending != "completed" or tried.gained != 1):
            raise TargetError(
                f"flows.{self.flow}: with nothing broken, a page that is handed a good ticket ends {tried.ending!r} "
                f"({tried.gained} effects), so its other endings would prove nothing"
            )
        self.usual, self.usual_answers = frozenset(tried.errors), frozenset(server_errors(tried.submits, self.stand.flow))

    def ask(self, example: Example, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        """Try the presses; what breaks a rule at any of them counts. One that is looked into gets a fresh page."""
        found: list[Failure] = []
        became = ""
        for place, one in enumerate(example):
            tried = self._try(one, fresh=bool(chasing) and not place)
            if not chasing:
                self._before = self.stand.history[:-1]
            if not tried.fresh and not chasing:
                self._compare(tried)
            became = tried.ending
            found += self._broken(tried)
        return became, tuple(found)

    def fresh(self) -> None:
        """Start the target anew."""
        self.laboratory.do(self.stand.renew())
        self._gained = False

    def used(self) -> bool:
        """Whether limits on an address may have been used up: only a header tells users apart."""
        return self._gained and not self.stand.tells_addresses

    def whole(self, failure: Failure, example: Example) -> Example:
        """All that was tried on the same page, where a fresh page does not show it; as little of that as shows it."""
        before = self._before
        if not before or self._shows(failure, example):
            return example
        for few in range(1, len(before) + 1):
            if few in (1, 2, len(before)) and self._shows(failure, (*before[-few:], *example)):
                return (*before[-few:], *example)
        return example

    def own_limit(self, failure: Failure) -> bool:
        """A page's answer is never a limit."""
        return False

    def _shows(self, failure: Failure, example: Example) -> bool:
        _became, found = self.ask(example, chasing=failure.rule)
        return any(one.rule == failure.rule for one in found)

    def _try(self, one: Callbacks, *, fresh: bool = False) -> Tried:
        tried = self.laboratory.do(self.stand.attempt(one, fresh=fresh))
        self._gained = self._gained or tried.gained > 0
        if tried.died:
            self.fresh()
        return tried

    def _broken(self, tried: Tried) -> tuple[Failure, ...]:
        return failures(
            tried, self.stand.flow, app_id=self.stand.app_id, usual=self.usual, usual_answers=self.usual_answers
        )

    def _compare(self, used: Tried) -> None:
        """Try the same on a fresh page now and then; a flow whose pages say something else then is reloaded every time."""
        if any(grammar.read(text).ticket for text in used.drawn):
            # Two of one second are the same text, and whoever remembers what was handed in turns the second away.
            return
        self.reused += 1
        if self.reused > _COMPARED_FIRST and self.reused % _COMPARED_EVERY:
            return
        self.compared += 1
        first = self._try(used.callbacks, fresh=True)
        if alike(first, used):
            return
        second = self._try(used.callbacks, fresh=True)
        if alike(first, second) and not alike(second, used):
            self.stand.reload_always()
            self.notes.append(
                f"{self.flow}: a page that was used before ended {used.ending!r}, a fresh one {first.ending!r} "
                f"({used.callbacks}): from then on every example got a fresh page"
            )


def alike(one: Tried, other: Tried) -> bool:
    """Whether two tries of one example have come to the same."""
    return (one.ending, one.gained, one.verified, [sent.status for sent in one.submits]) == (
        other.ending, other.gained, other.verified, [sent.status for sent in other.submits],
    )  # fmt: skip


class CallbackSearch:
    """The kind of search."""

    name = "callbacks"
    case_kind: CaseKind = "callback"
    title = "whatever the vendor's client hands to a page's callback, in a browser"

    def explore(self, target: Target, options: Options, outcome: Outcome) -> None:
        """Take the pages by turns, each on a running target of its own."""
        demand_hypothesis()
        from harness.explore.search import Search

        if HEALTHY not in options.healths:
            raise UsageError("`captchaos fuzz callbacks` has no outage: what the page does is what is searched; leave --in out")
        flows = chosen_flows(target, options)
        outcome.coverage.plan((flow.name, HEALTHY) for flow in flows)
        search = Search(target, options, outcome, case_kind=self.case_kind)
        turn_s = _TURN_S if options.seconds is None else min(_TURN_S, max(5.0, options.seconds / (2 * len(flows))))
        share = _TURN_EXAMPLES if options.examples is None else max(1, options.examples // len(flows))
        with ExitStack() as stack:
            laboratory = stack.enter_context(
                open_laboratory(target, toxiproxy=options.toxiproxy, browser=options.browser)
            )
            subjects: dict[str, CallbackSubject] = {}
            stack.callback(_tell_and_close, laboratory, subjects, outcome)
            for flow in itertools.chain(flows, itertools.cycle(flows)):
                if search.over:
                    return
                options.tell(f"{flow.name}: callbacks in the browser")
                if flow.name in subjects:
                    search.batch(subjects[flow.name], limit_s=turn_s, examples=share)
                else:
                    # What every page must bear is tried at all of them before any has its turn.
                    subjects[flow.name] = open_subject(laboratory, flow)
                    subjects[flow.name].prove()
                    _plainly(search, subjects[flow.name], min(_PLAIN, share))

    def rerun(self, case: Case, target: Target, *, times: int, options: Options) -> Rerun:
        """Press as a case says on a fresh target, so many times."""
        example = _presses(case)
        demand_known(case, rules=RULES, healths=(HEALTHY,))
        with open_laboratory(target, toxiproxy=options.toxiproxy, browser=options.browser) as laboratory:
            subject = open_subject(laboratory, target.flows[case.flow])
            try:
                subject.prove()
                found: list[Failure] = []
                for _ in range(times):
                    subject.fresh()
                    _became, broken = subject.ask(example, chasing=case.finding.rule)
                    found += [one for one in broken if one.rule == case.finding.rule][:1]
            finally:
                laboratory.do(subject.stand.close())
        return Rerun(seen=len(found), of=times, failures=tuple(dict.fromkeys(found)))


def _plainly(search: Search, subject: CallbackSubject, examples: int) -> None:
    subject.plainly = True
    search.batch(subject, limit_s=search.left_s, examples=examples)
    subject.plainly = False


def _tell_and_close(laboratory: Laboratory, subjects: Mapping[str, CallbackSubject], outcome: Outcome) -> None:
    for subject in subjects.values():
        outcome.notes += subject.notes
        laboratory.do(subject.stand.close())


def open_subject(laboratory: Laboratory, flow: FlowSpec) -> CallbackSubject:
    """Start a target for one flow's page, behind slots of its own; its stand must be closed."""
    workshop = laboratory.workshop

    async def opened() -> TwoStands:
        slots = [await workshop.open_slot(len(workshop.slots), flow.name) for _ in range(2)]
        stands = TwoStands(*(Stand(workshop, slot, flow) for slot in slots))
        await stands.open()
        return stands

    return CallbackSubject(laboratory=laboratory, stand=laboratory.do(opened()))


def chosen_flows(target: Target, options: Options) -> tuple[FlowSpec, ...]:
    """The flows whose callbacks can be drawn; raises :class:`UsageError` for a name that none of them has, or without any."""
    can = [flow for flow in target.flows.values() if Stand.can(target, flow)]
    names = [flow.name for flow in can]
    for name in options.flows:
        if name not in names:
            what = "has no page whose callbacks can be drawn" if name in target.flows else "is not in the target"
            raise UsageError(f"the flow {name!r} {what}{closest(name, names)}")
    if not can:
        raise UsageError("no flow of this target has a page in a browser with a client whose callbacks can be drawn")
    return tuple(flow for flow in can if not options.flows or flow.name in options.flows)


def _presses(case: Case) -> Example:
    said = case.input.get("presses")
    try:
        if not isinstance(said, list) or not said:
            raise UsageError("input.presses must be a list of what each press leads to")  # noqa: TRY301 - one sentence for both
        return tuple(map(Callbacks.from_json, said))
    except UsageError as error:
        raise ConfigurationError(f"{display(case.file) if case.file else 'the case'}: {error}") from error


KINDS.add(CallbackSearch.name, CallbackSearch())
