"""Whatever the vendor's client hands to a page, and whenever: the page ends in one of the documented states, once, never free.

Verified, unverified, a second factor offered, or turned away and free to press again: never a dead spinner, no uncaught error
of the target's own scripts, never two effects for one press. Only the vendor's client is told what to do; the page is the
target's own, in a browser, on its running server. Most examples share a page, as a user does who presses again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import Phase, event, given, seed, settings

from harness.catalog.callbacks import SYNCHRONOUSLY, Blank, Call, Callbacks
from harness.catalog.recipes import Recipe
from harness.explore.callbacks import HONEST, CallbackSubject, alike, open_subject
from harness.explore.drawn_callbacks import callbacks
from harness.explore.page_rules import failures
from harness.explore.search import REPEATS
from harness.explore.stand import Stand
from harness.explore.thread import open_laboratory
from harness.target.loader import find_target, load_target

# Hypothesis may spend five minutes to find the smallest example that breaks a rule.
pytestmark = pytest.mark.timeout(900)

_CLOSED = Call(value={"ret": 2, "ticket": "", "randstr": ""})
_WORTHLESS = Call(value={"ret": 0, "ticket": Recipe(text="terror_1004_{app}{now}"), "randstr": "@x", "errorCode": 1004})
# One of each kind whose page lets its user press again.
AGAIN = (
    Callbacks(calls=(_CLOSED,)),
    Callbacks(calls=(_WORTHLESS,)),
    Callbacks(calls=(_CLOSED, Call(value=_CLOSED.value, after_ms=SYNCHRONOUSLY))),
    Callbacks(calls=(Call(value={"ret": 0, "ticket": ["x"], "randstr": None}),)),
    Callbacks(calls=(Call(value={"ret": 0, "ticket": Blank.TICKET, "randstr": "@another"}),)),
)

Opens = Callable[[str], CallbackSubject]


@pytest.fixture(scope="module")
def pages(request: pytest.FixtureRequest) -> Iterator[tuple[tuple[str, ...], Opens]]:
    """The flows whose callbacks can be drawn, and what opens the page of one, on a target of its own."""
    named: Path | None = request.config.getoption("captchaos_target")
    target = load_target(find_target(str(named) if named else None))
    flows = tuple(flow.name for flow in target.flows.values() if Stand.can(target, flow))
    if not flows:  # a fact of that target, and no part of this that is missing
        pytest.skip("no flow of this target has a page with a client whose callbacks can be drawn")
    with ExitStack() as stack:
        laboratory = stack.enter_context(open_laboratory(target))
        opened: dict[str, CallbackSubject] = {}

        def page_of(flow: str) -> CallbackSubject:
            if flow not in opened:
                opened[flow] = open_subject(laboratory, target.flows[flow])
                stack.callback(lambda stand: laboratory.do(stand.close()), opened[flow].stand)
                opened[flow].prove()
            return opened[flow]

        yield flows, page_of


def test_page_ends_in_a_documented_state(pages: tuple[tuple[str, ...], Opens], fuzz_seed: int) -> None:
    """A part of the examples is the same every time, another explores with the seed that the session's header prints."""
    flows, page_of = pages
    for flow in flows:
        for seed_used in (None, fuzz_seed):
            examine(page_of(flow), seed_used=seed_used)


def test_page_that_is_used_again_says_what_a_fresh_one_says(pages: tuple[tuple[str, ...], Opens]) -> None:
    """That is what lets many examples share a page; without it a search reloads the page for each."""
    flows, page_of = pages
    for flow in flows:
        subject = page_of(flow)
        laboratory, stand = subject.laboratory, subject.stand
        used = [laboratory.do(stand.attempt(one, fresh=not place)) for place, one in enumerate(AGAIN)]
        assert [one.fresh for one in used] == [True, *[False] * (len(AGAIN) - 1)], "a page that was to be used again was not"
        for one, seen in zip(AGAIN[1:], used[1:], strict=True):
            assert alike(laboratory.do(stand.attempt(one, fresh=True)), seen), str(one)


def test_honest_ticket_is_taken_on_a_page_that_was_used(pages: tuple[tuple[str, ...], Opens]) -> None:
    """Whoever was turned away and presses again gets in."""
    flows, page_of = pages
    for flow in flows:
        subject = page_of(flow)
        turned_away = subject.laboratory.do(subject.stand.attempt(AGAIN[0], fresh=True))
        again = subject.laboratory.do(subject.stand.attempt(HONEST))
        assert turned_away.ending == "ready"
        assert not again.fresh
        assert (again.ending, again.gained) == ("completed", 1)
        assert failures(again, subject.stand.flow, app_id=subject.stand.app_id) == ()


def examine(subject: CallbackSubject, *, seed_used: int | None) -> None:
    """Draw callbacks, and look into what breaks a rule: on a fresh page, with what was tried on the used one before."""

    def documented(drawn: Callbacks) -> None:
        became, broken = subject.ask((drawn,))
        event(subject.label((drawn,)), became)
        if broken:
            presses = subject.whole(broken[0], (drawn,))
            again = [subject.ask(presses, chasing=broken[0].rule)[1] for _ in range(REPEATS)]
            seen = sum(any(one.rule == broken[0].rule for one in found) for found in again)
            what = f"{broken[0].rule}: expected {broken[0].expected}, seen {broken[0].seen}, by {subject.shown(presses)}"
            repeatable = "" if seen == REPEATS else f"not repeatable, seen {seen} of {REPEATS} on fresh pages: "
            raise AssertionError(repeatable + what)

    chosen = settings(
        max_examples=max(8, settings().max_examples // 4), derandomize=seed_used is None, database=None,
        phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    test = given(callbacks())(documented)
    (chosen(test) if seed_used is None else chosen(seed(seed_used)(test)))()
