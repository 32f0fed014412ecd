"""Faults that come and go, and users who do more than walk straight through: a few scenarios a flow, beside the causes.

Each rests on a cause of the provider's own table, so a provider without that cause goes without. What must come of it follows
from the contract: the clients try more sources than a flap strikes and a broken check again; what ends before the submit has
left a fallback ticket in the user's hand, whose worth the policy says; and nothing that a user repeats
is a second verification.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.catalog import (
    BRIEFLY,
    FLAP_TIMES,
    FLAPS,
    STANDS,
    UNTIL_SUBMIT,
    Behaviour,
    Cause,
    Habit,
    Link,
    Phase,
    Policy,
    Warmth,
)
from harness.journal.model import Scenario
from harness.plan.expect import WATCHDOG_TOLERANCE_MS
from harness.target.spec import BROWSER, FlowSpec

RECOVERY, STORM = "recovery", "storm"
LATE_MS = 11_000
_LATE_BODY_MS = 500
_IMPATIENT_MS = 2_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One scenario of the kind: its word in the id, what it is about, and the cause as it goes here."""

    word: str
    title: str
    cause: Cause
    kind: str = RECOVERY


# On the target's own edge, so with every provider.
_SLOW_SUBMIT = Cause(
    code=None,
    link="submit",
    fault="latency",
    phase=Phase.BEFORE_SUBMIT,
    warmth=Warmth.WARM,
    parameters=(("latency_ms", _IMPATIENT_MS),),
)


def courses(flow: FlowSpec, causes: Sequence[Cause], links: Mapping[str, Link]) -> Iterator[Course]:
    """What a flow in a browser is tried with beside its causes; an app and a mini program have no tabs and no way back."""
    plain = [one for one in causes if one.build == causes[0].build and not one.behaviour.pause_before_show_ms]
    found = {(cause.link, cause.fault): cause for cause in plain if cause.warmth is Warmth.COLD}
    if flow.client != BROWSER or not flow.browser or ("entry", "refused") not in found:
        return
    yield from _of_the_fault(found, links)
    yield from _of_the_user(flow, found)
    if flow.submit is not None and (hang := found.get(("verdict", "hang"))):
        yield Course(word=STORM, title="All who were held up come back at once", cause=hang, kind=STORM)


def _of_the_fault(found: Mapping[tuple[str, str], Cause], links: Mapping[str, Link]) -> Iterator[Course]:
    if refused := found.get(("frame", "refused")):
        cause = replace(refused, strikes=UNTIL_SUBMIT)
        yield Course(word="ends-before-submit", title="The fault ends between ticket and submit", cause=cause)
        if links["frame"].tries > FLAP_TIMES:
            cause = replace(refused, code=None, strikes=FLAPS)
            yield Course(word="flaps", title="The fault comes and goes, and one source is left", cause=cause)
    if refused := found.get(("verdict", "refused")):
        cause = replace(refused, strikes=FLAPS)
        yield Course(word="flaps", title="The fault goes, and comes back for the next user", cause=cause)
    if (hang := found.get(("verify", "hang"))) and links["verify"].tries > 1:
        cause = replace(hang, code=None, warmth=Warmth.WARM, wait_ms=0, strikes=BRIEFLY)
        yield Course(word="ends-mid-challenge", title="The fault ends in mid-challenge", cause=cause)


def _of_the_user(flow: FlowSpec, found: Mapping[tuple[str, str], Cause]) -> Iterator[Course]:
    slow = replace(_SLOW_SUBMIT, build=found["entry", "refused"].build)
    title = "The user presses again while the submit is under way"
    yield Course(word="presses-again", title=title, cause=_doing(slow, Habit.PRESSES_AGAIN))
    entry = found["entry", "refused"]
    if flow.policy.verdict_up is Policy.ACCEPT:
        yield Course(word="second-tab", title="The same flow in two tabs at once", cause=_doing(entry, Habit.SECOND_TAB))
    yield Course(word="goes-back", title="The user goes back and comes again", cause=_doing(entry, Habit.GOES_BACK))
    hang, watchdog_ms = found.get(("frame", "hang")), flow.watchdog_ms
    if hang is not None and watchdog_ms is not None and watchdog_ms + WATCHDOG_TOLERANCE_MS < LATE_MS:
        late = (("head_ms", LATE_MS - _LATE_BODY_MS), ("body_ms", _LATE_BODY_MS))
        cause = replace(_doing(hang, Habit.SOLVES_LATE), fault="late-twice", wait_ms=LATE_MS, parameters=late)
        yield Course(word="late-solution", title="The captcha comes when the page has gone on without it", cause=cause)


def _doing(cause: Cause, habit: Habit) -> Cause:
    return replace(cause, behaviour=Behaviour(habit=habit), strikes=STANDS)


def recovering(scenario: Scenario, course: Course) -> Scenario:
    """The same scenario as one of these: its kind, its id, its title; the other way in is asked about elsewhere."""
    assert scenario.fault is not None
    parts = (scenario.flow, "recovery", course.word, scenario.link, scenario.fault.name)
    return replace(
        scenario,
        id="-".join(parts),
        kind=course.kind,  # type: ignore[arg-type]  # one of the two kinds above
        mode_title=course.title,
        expect=replace(scenario.expect, other_way="", explains=""),
    )
