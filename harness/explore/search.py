"""The search itself: Hypothesis draws examples until one breaks a rule that was not known, then makes that one small.

To draw and to shrink are two runs of one test over one database: the second starts with the example that the first kept, on a
fresh target, and sees only the rule that it is after.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol, TypeVar
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky

from harness.errors import HarnessError
from harness.explore.cases import Case, folder_of, save, target_words
from harness.explore.finding import Discovery, Failure
from harness.explore.kinds import CaseKind, Options, Outcome
from harness.target.spec import Target

Example = TypeVar("Example")
# A failure is believed that comes every time on a fresh target.
REPEATS = 3
# To make an example smaller is worth so much of a search's time, and a person reads the rest.
_SHRINK_S, _SHRINK_TRIES = 20.0, 150
_UNBOUNDED = 1_000_000
# What Hypothesis adds to a test's key for examples that are not small yet.
_MARKED = (b".secondary", b".pareto")


class Subject(Protocol[Example]):
    """What is asked in one batch: one flow in one state of the captcha's health."""

    @property
    def flow(self) -> str:
        """The flow's name."""

    @property
    def health(self) -> str:
        """``health``, or the name of the outage."""

    def strategy(self) -> st.SearchStrategy[Example]:
        """How its examples are drawn, shrinking to what people understand best."""

    def label(self, example: Example) -> str:
        """What an example is, for the table."""

    def shown(self, example: Example) -> str:
        """An example in one line for people."""

    def written(self, example: Example) -> Mapping[str, Any]:
        """An example as it stands in a case file."""

    def ask(self, example: Example, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        """Try it: what became of it, and which rules broke. ``chasing`` names the one that is looked into."""

    def fresh(self) -> None:
        """Let the next example meet a fresh target."""

    def used(self) -> bool:
        """Whether the target may not answer as a fresh one does."""

    def whole(self, failure: Failure, example: Example) -> Example:
        """What must be sent to a fresh target to see this failure: more than the example, where it is of many together."""

    def own_limit(self, failure: Failure) -> bool:
        """Whether a failure that a fresh target does not show is a limit of the target's own, and right."""


class _Broken(Exception):  # noqa: N818 - what Hypothesis shrinks
    """An example broke the rule."""


class _Enough(Exception):  # noqa: N818 - the end of a run
    """The time, or the number of examples, is used up."""


class _Kept(InMemoryExampleDatabase):
    """Remembers examples as those that may be made smaller: what stands under a test's own key counts as small already."""

    def save(self, key: bytes, value: bytes) -> None:
        super().save(key if key.endswith(_MARKED) else key + _MARKED[0], value)

    def fetch(self, key: bytes) -> Iterable[bytes]:
        return super().fetch(key) if key.endswith(_MARKED) else ()


@dataclass(slots=True)
class _State(Generic[Example]):
    """What the two runs of one batch share. ``chasing`` is the rule that is looked into, "" while examples are drawn.

    ``asked``: whether an example was tried yet.
    """

    until: float
    left: int
    asked: bool = False
    chasing: str = ""
    example: Example | None = None
    failure: Failure | None = None
    became: dict[str, Failure | None] = field(default_factory=dict)
    laboratory: HarnessError | None = None


class Search:
    """One search over one target: batches of examples, and what they have found so far in ``outcome``."""

    def __init__(self, target: Target, options: Options, outcome: Outcome, *, case_kind: CaseKind) -> None:
        self._target, self._options, self._outcome, self._case_kind = target, options, outcome, case_kind
        self._began = time.monotonic()
        # Which discovery a rule's failure at a place is: there it is not told from others of the rule.
        self._known: dict[tuple[str, str], int] = {}
        # The small example of each failure, with its rule and the number of its discovery.
        self._small: list[tuple[str, Any, int]] = []
        # What is not repeatable hides nothing but itself: each input by its rule and place, and what it is told with.
        self._flakes: set[tuple[str, str, str]] = set()
        self._unrepeatable: dict[tuple[str, str], int] = {}
        self._seeds = itertools.count(options.seed)

    @property
    def over(self) -> bool:
        """Whether the options' time or number of examples is used up."""
        return self.left_s <= 0 or self.left <= 0

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return float("inf") if self._options.seconds is None else self._began + self._options.seconds - time.monotonic()

    @property
    def left(self) -> int:
        """Examples that are left."""
        return _UNBOUNDED if self._options.examples is None else self._options.examples - self._outcome.examples

    @property
    def half_over(self) -> bool:
        """Whether half of the options' time or number of examples is used up: the other half is for what is drawn."""
        seconds, examples = self._options.seconds, self._options.examples
        late = seconds is not None and self.left_s <= seconds / 2
        return late or (examples is not None and self._outcome.examples >= examples // 2)

    def look(self, subject: Subject[Example], examples: Iterable[Example]) -> None:
        """Ask examples that are chosen, each as small as its kind can be, and look into what is new; end at half of all."""
        for example in examples:
            if self.half_over:
                return
            with self._timed():
                became, failures = subject.ask(example)
            self._outcome.count(subject.label(example), became, flow=subject.flow, health=subject.health, drawn=False)
            # To look into one asks fresh targets, which know nothing of what the others came of.
            wholes = [subject.whole(failure, example) for failure in failures]
            for failure, whole in zip(failures, wholes, strict=True):
                if self._is_new(failure, subject, example) and not self._same_as_before(subject, failure):
                    self._settle(subject, example, whole, failure)

    def batch(self, subject: Subject[Example], *, limit_s: float, examples: int) -> None:
        """Draw examples for so many seconds, or so many of them; look into what is new, and go on in what is left.

        One is tried however short the time is: to begin takes long on a machine that is busy.
        """
        until = time.monotonic() + min(limit_s, self.left_s)
        left = min(examples, self.left)
        first = True
        while left > 0 and (first or time.monotonic() < until):
            first, before = False, self._outcome.examples
            if not self._one_run(subject, until=until, examples=left):
                return
            left -= self._outcome.examples - before

    def _one_run(self, subject: Subject[Example], *, until: float, examples: int) -> bool:
        """Draw until something new is found, and look into it; False when nothing was."""
        state: _State[Example] = _State(until=until, left=examples)
        database = _Kept()
        run = self._test(subject, state, database)
        began, asking = time.monotonic(), self._outcome.asking_s
        try:
            self._hold(run, state, [Phase.generate])
        finally:
            spent = self._outcome.asking_s - asking
            self._outcome.making_s += max(0.0, time.monotonic() - began - spent)
        if state.failure is None or state.example is None:
            return False
        failure, example = state.failure, state.example
        drawn, whole = example, subject.whole(failure, example)
        if self._same_as_before(subject, failure):
            return True
        if whole is not example:
            example = whole
        elif self._tried_fresh(subject, example, failure.rule):
            # What a used target alone does is not worth the time that it takes to make it small.
            example, failure = self._shrunk(subject, state, run, failure)
        self._settle(subject, drawn, example, failure)
        return True

    def _same_as_before(self, subject: Subject[Example], failure: Failure) -> bool:
        """Whether what broke the rule elsewhere breaks it here, too: then it is one failure, and small already."""
        for rule, example, at in self._small:
            if rule == failure.rule and self._tried(subject, example, rule):
                self._known[_place(failure, subject)] = at
                self._again(at, failure, subject)
                return True
        return False

    def _again(self, at: int, failure: Failure, subject: Subject[Any]) -> None:
        with_ = f"{failure.cause} at {subject.flow} ({subject.health})"
        self._outcome.discoveries[at] = self._outcome.discoveries[at].again(with_=with_)

    def _test(
        self, subject: Subject[Example], state: _State[Example], database: _Kept
    ) -> Callable[[list[Phase]], None]:
        def try_one(example: Example) -> None:
            if state.laboratory is not None:
                raise _Enough
            try:
                failure = self._chased(subject, state, example) if state.chasing else self._drawn(subject, state, example)
            except HarnessError as error:
                state.laboratory = error
                raise _Enough from error
            if failure is not None:
                state.example, state.failure = example, failure
                raise _Broken(failure.rule)

        number = next(self._seeds)

        def run(phases: list[Phase]) -> None:
            chosen = settings(
                max_examples=min(state.left, 50_000), phases=phases, database=database, deadline=None, derandomize=False,
                suppress_health_check=list(HealthCheck), verbosity=Verbosity.quiet, report_multiple_bugs=False,
                print_blob=False,
            )  # fmt: skip
            # In this order: a seed takes the database away from the settings below it.
            chosen(seed(number)(given(subject.strategy())(try_one)))()

        return run

    def _hold(self, run: Callable[[list[Phase]], None], state: _State[Example], phases: list[Phase]) -> None:
        # What was found stands in the state; what Hypothesis calls flaky, or cannot begin with, is tried again by ourselves.
        with suppress(_Broken, _Enough, Flaky, SkipTest):
            run(phases)
        if state.laboratory is not None:
            raise state.laboratory

    def _drawn(self, subject: Subject[Example], state: _State[Example], example: Example) -> Failure | None:
        if state.failure is not None and state.example is not None:
            # Hypothesis shows the example once more at its end: what was seen of it is known.
            return state.failure
        if (state.asked and time.monotonic() >= state.until) or self.left <= 0:
            raise _Enough
        state.asked = True
        label = subject.label(example)
        with self._timed():
            became, failures = subject.ask(example)
        self._outcome.count(label, became, flow=subject.flow, health=subject.health)
        return next((one for one in failures if self._is_new(one, subject, example)), None)

    def _is_new(self, failure: Failure, subject: Subject[Example], example: Example) -> bool:
        place = _place(failure, subject)
        known = self._known.get(place)
        if known is None and (*place, repr(example)) in self._flakes:
            known = self._unrepeatable[place]
        if known is None:
            return True
        self._again(known, failure, subject)
        return False

    def _chased(self, subject: Subject[Example], state: _State[Example], example: Example) -> Failure | None:
        key = repr(example)
        if key not in state.became:
            state.left -= 1
            out_of_time = time.monotonic() >= state.until or state.left <= 0
            state.became[key] = None if out_of_time and state.became else self._tried(subject, example, state.chasing)
        return state.became[key]

    def _tried(self, subject: Subject[Example], example: Example, rule: str) -> Failure | None:
        """Try an example for one rule; that it holds is believed of a fresh target alone."""
        for _ in range(2):
            was_used = subject.used()
            with self._timed():
                _became, failures = subject.ask(example, chasing=rule)
            if found := next((one for one in failures if one.rule == rule), None):
                return found
            if not was_used:
                return None
            subject.fresh()
        return None

    def _tried_fresh(self, subject: Subject[Example], example: Example, rule: str) -> Failure | None:
        subject.fresh()
        return self._tried(subject, example, rule)

    def _shrunk(
        self, subject: Subject[Example], state: _State[Example], run: Callable[[list[Phase]], None], failure: Failure
    ) -> tuple[Example, Failure]:
        assert state.example is not None
        first = state.example
        self._options.tell(f"{failure.rule} at {subject.flow}: making the example smaller")
        state.chasing, state.failure, state.example = failure.rule, None, None
        state.until, state.left = time.monotonic() + _SHRINK_S, _SHRINK_TRIES
        self._hold(run, state, [Phase.reuse, Phase.shrink])
        if state.example is None or state.failure is None:
            return first, failure
        return state.example, state.failure

    def _settle(self, subject: Subject[Example], drawn: Example, example: Example, failure: Failure) -> None:
        """Try the small example on fresh targets, and keep what it is."""
        seen = 0
        for _ in range(REPEATS):
            again = self._tried_fresh(subject, example, failure.rule)
            seen, failure = (seen + 1, again) if again else (seen, failure)
        if not seen and subject.own_limit(failure):
            self._outcome.notes.append(
                f"{subject.flow} ({subject.health}): turned away only after others had come, never by a fresh target: "
                "taken for a limit of the target's own"
            )
            return
        found = Discovery(
            failure=failure, flow=subject.flow, health=subject.health, input=subject.written(example),
            shown=subject.shown(example), seen=seen, of=REPEATS,
        )  # fmt: skip
        if found.repeatable:
            self._keep(subject, example, found)
        else:
            self._keep_unrepeatable(subject, drawn, example, found)

    def _keep(self, subject: Subject[Example], example: Example, found: Discovery) -> None:
        folder = self._options.cases or folder_of(self._target.file)
        case = Case(
            kind=self._case_kind, target=target_words(self._target.file, folder), flow=found.flow, health=found.health,
            input=found.input, finding=found.failure, seed=self._options.seed, found_unix_s=int(time.time()),
        )  # fmt: skip
        kept = replace(found, case=save(case, folder))
        number = self._known[_place(found.failure, subject)] = len(self._outcome.discoveries)
        self._outcome.discoveries.append(kept)
        self._small.append((kept.failure.rule, example, number))
        self._options.found(kept)

    def _keep_unrepeatable(self, subject: Subject[Example], drawn: Example, example: Example, found: Discovery) -> None:
        """Tell of it once for its rule and place, and keep no case; other inputs there are still looked into."""
        place = _place(found.failure, subject)
        self._flakes |= {(*place, repr(one)) for one in (drawn, example)}
        if place in self._unrepeatable:
            self._again(self._unrepeatable[place], found.failure, subject)
            return
        self._unrepeatable[place] = len(self._outcome.discoveries)
        self._outcome.discoveries.append(found)
        self._options.found(found)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        finally:
            self._outcome.asking_s += time.monotonic() - began


def _place(failure: Failure, subject: Subject[Any]) -> tuple[str, str]:
    return failure.rule, f"{subject.flow} {_side(subject.health)}"


def _side(health: str) -> str:
    return "health" if health == "health" else "outage"
