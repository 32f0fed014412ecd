"""Honest users and forgers come in any order while faults of the verdict API come and go: a target is held to its word.

After every step: each is answered in time and by no 5xx; no submit takes effect twice; nobody gets more than the policy and its
limits give; a good ticket is served in health; and when a fault has gone users are verified again within the recovery budget.
The faults are real (Toxiproxy and the provider's emulator), and each program meets a target that was just started.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, currently_in_test_context, event, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, multiple, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from harness import strategies
from harness.catalog.recipes import Recipe
from harness.explore.door import HONEST, Door, outages
from harness.explore.finding import Failure
from harness.explore.outages import HEALTHY, Outage
from harness.explore.rules import TOO_MANY_REQUESTS, TURNED_AWAY, Worth, always, broken, over_the_limit, worth_of
from harness.explore.seen import Seen, Unsendable
from harness.explore.tickets import WELL_FORMED, bounds_of
from harness.faults.base import FAULTS
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec

# Hypothesis may spend five minutes to find the shortest program that breaks a rule.
pytestmark = pytest.mark.timeout(900)
STEPS = 8
FLOWS = 2
# However slow the machine, so many must have been turned away.
TRIES = 3
# Who is turned away is not at the door again at once.
PACE_S = 0.25
# After so many codes from one address a 403 may say that they were too many; fewer than that any user mistypes.
FORBIDDEN, CODES_FROM_ONE = 403, 3
# What is sent by a queue of the target's comes a little later.
SENT_WITHIN_S = 3.0
# A window that is longer is not waited for; the clocks of target and database may be off by so much.
LONGEST_WINDOW_S, CLOCKS_S = 3, 2.0


@dataclass(slots=True, kw_only=True, eq=False)
class Offer:
    """A second factor that somebody was offered, and the code that was sent: ``taken`` or not, and ``missed`` so often."""

    made: SubmitResult
    code: str
    taken: bool = False
    missed: int = 0

    @property
    def address(self) -> str:
        """Where it was offered, empty where all come from this machine."""
        return "".join(self.made.headers.values())

    def __repr__(self) -> str:
        """Name it in a printed program, in which the code says nothing."""
        return "offer"


class UsersAndFaults(RuleBasedStateMachine):
    """What may happen to one flow, in any order: its steps are the lines of the program that is printed."""

    door: ClassVar[Door]
    flow: ClassVar[FlowSpec]
    faults: ClassVar[Mapping[str, Outage]]
    codes: ClassVar[tuple[int, ...]]
    tickets = Bundle("tickets")
    offers = Bundle("offers")

    def __init__(self) -> None:
        """Start the target anew."""
        super().__init__()
        self.fault: Outage | None = None
        self.typed: Counter[str] = Counter()
        self.door.renew()

    @initialize(target=tickets)
    def target_starts_and_an_honest_user_comes(self) -> MultipleResults[Recipe]:
        """It is there, and has done its work, before anything breaks."""
        return self._honest_user()

    @rule(target=tickets)
    def honest_user_comes(self) -> MultipleResults[Recipe]:
        """Who has solved the captcha is verified; in an outage the policy says what becomes of them."""
        return self._honest_user()

    @rule(ticket=st.runner().flatmap(lambda machine: strategies.fallback_recipes(codes=machine.codes)))
    def user_comes_whose_captcha_failed(self, ticket: Recipe) -> None:
        """Who has a fallback ticket gets what the policy gives, within its limits."""
        self._comes(ticket)

    @rule(ticket=strategies.worthless_recipes())
    def forger_comes(self, ticket: Recipe) -> None:
        """Whoever writes tickets himself gets nothing in health, and no more than the policy gives in an outage."""
        self._comes(ticket)

    @rule(ticket=tickets)
    def forger_hands_in_again(self, ticket: Recipe) -> None:
        """A ticket that took effect is used."""
        self._comes(ticket, Worth.UNSURE if self.fault else Worth.WORTHLESS)

    @precondition(lambda self: by_code(self.flow))
    @rule(target=offers)
    def user_comes_who_is_asked_for_a_code(self) -> MultipleResults[Offer]:
        """Who is offered the second factor is sent a code."""
        made = self._offered()
        return multiple(made) if made else multiple()

    @rule(offer=offers)
    def user_types_the_code(self, offer: Offer) -> None:
        """Who has the code gets what it stands for, whatever fails meanwhile: once, and not as a verified user."""
        seen = self._types(offer, offer.code)
        if offer.taken:
            assert not seen.gained, "exactly-once: a code that took effect took effect again"
        elif not offer.missed and not may_be_limited(seen, self.typed[offer.address]):
            assert seen.gained == 1, f"business-completes: the right code has {seen.gained} effects, status {seen.status}"
        offer.taken = offer.taken or seen.gained > 0

    @precondition(lambda self: by_code(self.flow))
    @rule(target=offers)
    def forger_types_what_was_sent_to_himself(self) -> MultipleResults[Offer]:
        """What was sent to one confirms nothing for another, nor does what is counted on from it."""
        offer, own = self._offered(), self._offered()
        if offer is None or own is None:
            return multiple()
        for guess in guesses_by(own.code):
            seen = self._types(offer, guess)
            assert not seen.gained, "nothing-for-free: a code that is another's took effect"
            offer.missed += 1
        return multiple(offer, own)

    @rule()
    def users_come_from_elsewhere(self) -> None:
        """What one address has used up of a limit is nothing that another one misses."""
        self.door.from_elsewhere(self.flow)

    @precondition(lambda self: self.flow.limits.window_s <= LONGEST_WINDOW_S)
    @rule()
    def window_passes(self) -> None:
        """Who has used up a limit has it again in the next window."""
        # Time itself is what is waited for.
        time.sleep(self.flow.limits.window_s + CLOCKS_S)

    @precondition(lambda self: self.fault is None and self.faults)
    @rule(fault=st.runner().flatmap(lambda machine: st.sampled_from(sorted(machine.faults))))
    def fault_comes(self, fault: str) -> None:
        """No verdict comes any more."""
        self.fault = self.faults[fault]
        self.door.strike(self.flow, self.fault)

    @precondition(lambda self: self.fault is not None)
    @rule()
    def fault_goes(self) -> None:
        """Users who come now are verified before the recovery budget is over; until then they get what an outage gives."""
        self.fault = None
        self.door.strike(self.flow, None)
        budget_s = self.door.target.budgets.recovery_ms / 1000
        until, tries = time.monotonic() + budget_s, 0
        while not (seen := self._comes(HONEST, Worth.UNSURE)).passed or not seen.completed:
            if seen.status == TOO_MANY_REQUESTS:
                # Whose limits our own knocks have used up is not judged by them.
                return
            tries += 1
            over = time.monotonic() >= until and tries >= TRIES
            assert not over, f"recovers: {budget_s:g} s after the fault nobody is verified"
            # Where a limit is told by 403, too, the next one has met none.
            self.door.from_elsewhere(self.flow)
            time.sleep(PACE_S)  # that a target has recovered is told by no event

    def teardown(self) -> None:
        """Every program ends in health."""
        if self.fault is not None:
            self.fault_goes()

    def _honest_user(self) -> MultipleResults[Recipe]:
        seen = self._comes(HONEST, Worth.HONEST)
        return multiple(Recipe(text=str(seen.ticket))) if seen.gained else multiple()

    def _offered(self) -> Offer | None:
        """Let somebody come who cannot be verified, and read the code that they are sent."""
        before = self.door.sent_codes(self.flow)
        seen = self._comes(HONEST if self.fault else Recipe(text="terror_1001_{app}_{now}"))
        until = time.monotonic() + SENT_WITHIN_S
        while seen.offer is not None and time.monotonic() < until:
            if (sent := self.door.sent_codes(self.flow)).has_new(before):
                return Offer(made=seen.offer, code=sent.codes[-1])
            # An outbox says nothing of itself.
            time.sleep(PACE_S)
        return None

    def _comes(self, ticket: Recipe, worth: Worth | None = None) -> Seen:
        """Hand in one ticket from an account of its own, and hold what comes of it against every rule."""
        seen, wrong = self._held(ticket, worth)
        if [one.rule for one in wrong] == [TURNED_AWAY] and self.door.from_elsewhere(self.flow):
            # A limit may be told by any refusal: who comes from another address has met none.
            seen, wrong = self._held(ticket, worth)
        assert not wrong, "; ".join(f"{one.rule}: expected {one.expected}; seen {one.seen}" for one in wrong)
        return seen

    def _held(self, ticket: Recipe, worth: Worth | None) -> tuple[Seen, list[Failure]]:
        door, flow = self.door, self.flow
        try:
            seen = door.knock(flow, ticket)
        except Unsendable:
            return Seen(status=None, ticket=None), []
        self._count(ticket.label or WELL_FORMED, seen)
        if worth is None:
            app_id = door.target.use_named(flow.provider).app_id
            worth = worth_of(seen.ticket, app_id=app_id, codes=self.codes, now_s=seen.now_s)
        bounds = bounds_of(door, flow, down=self.fault is not None)
        wrong = list(broken(seen, worth, bounds, ticket.label))
        if too_much := over_the_limit(seen, bounds):
            wrong.append(Failure(rule="limits-hold", cause=ticket.label, expected="the limits of the policy", seen=too_much))
        if seen.verdicts > 1:
            said = f"{seen.verdicts} verdicts were asked for on one ticket"
            wrong.append(Failure(rule="no-reuse", cause=ticket.label, expected="one verdict for one ticket", seen=said))
        return seen, wrong

    def _types(self, offer: Offer, code: str) -> Seen:
        """Type a code; whatever it is, the answer is one, and nobody is a verified user by it."""
        seen = self.door.confirm(self.flow, offer.made, code)
        self._count("code", seen)
        wrong = [f"{rule}: {said}" for rule, _expected, said in always(seen, bounds_of(self.door, self.flow, down=False))]
        assert not wrong, "; ".join(wrong)
        assert not seen.marked, "nothing-for-free: a code made a verified user"
        self.typed[offer.address] += 1
        return seen

    def _count(self, label: str, seen: Seen) -> None:
        """Let the statistics say who came, in which health, and what became of them; a machine may be driven by hand, too."""
        if currently_in_test_context():
            event(label, f"{seen.became} ({self.fault.fault if self.fault else HEALTHY})")


def by_code(flow: FlowSpec) -> bool:
    """Whether a flow has a second factor that can be taken over HTTP."""
    return flow.step_up is not None and flow.step_up.by_http


def may_be_limited(seen: Seen, typed: int) -> bool:
    """Whether a code may be turned away for how many came from its address, it included, so that nothing is known of it."""
    return seen.status == TOO_MANY_REQUESTS or (seen.status == FORBIDDEN and typed > CODES_FROM_ONE)


def guesses_by(code: str) -> tuple[str, ...]:
    """What a forger makes of his own code: the same, and where it is a number the one before, which an earlier user has."""
    if not (code.isascii() and code.isdecimal() and int(code)):
        return (code,)
    return code, str(int(code) - 1).zfill(len(code))


def test_target_keeps_its_word_whoever_comes_and_whatever_fails(door: Door, fuzz_seed: int) -> None:
    """Every day a program for each of two flows, at night many for all; the seed that the header prints draws them again."""
    nightly = settings.get_current_profile_name() == "nightly"
    flows = door.flows if nightly else [door.flows[(fuzz_seed + place) % len(door.flows)] for place in range(FLOWS)]
    for flow in flows:
        hold(machine_of(door, flow, patient=nightly), programs=20 if nightly else 2, seed_used=fuzz_seed)


def machine_of(door: Door, flow: FlowSpec, *, patient: bool) -> type[UsersAndFaults]:
    """Make the machine of one flow; ``patient``: with faults, too, under which every user waits for seconds."""
    own = {
        "door": door,
        "flow": flow,
        "faults": {one.fault: one for one in outages(door, flow) if patient or not FAULTS.get(one.fault).hangs},
        "codes": door.client_codes(flow) or strategies.CLIENT_CODES,
    }
    return type(UsersAndFaults.__name__, (UsersAndFaults,), own)


def hold(machine: type[UsersAndFaults], *, programs: int, seed_used: int, steps: int = STEPS) -> None:
    """Run so many programs; the shortest that breaks a rule is printed, step by step."""
    chosen = settings(
        max_examples=programs, stateful_step_count=steps, deadline=None, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink], report_multiple_bugs=False,
    )  # fmt: skip
    run(seed(seed_used)(machine), settings=chosen)
