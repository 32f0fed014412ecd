"""Users who come and go at one address use up a target's limits: what it then refuses is not held against it.

A code that is bound to its visitor's session takes effect all the same: it is typed as that visitor.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from harness.bundled import bundled
from harness.explore.door import ACCOUNTS, HONEST, open_door, outages
from harness.explore.seen import Seen
from harness.target.loader import find_target, load_target
from harness.target.signals import SubmitResult
from suites.fuzz.test_users_and_faults import CODES_FROM_ONE, Offer, UsersAndFaults


def goes(seen: Seen) -> None:
    """Let a fault go at a target that answers so for ever."""
    budgets = SimpleNamespace(recovery_ms=0)
    door = SimpleNamespace(strike=lambda *_: None, from_elsewhere=lambda _: True, target=SimpleNamespace(budgets=budgets))
    machine = SimpleNamespace(fault="refused", door=door, flow=None, _comes=lambda *_: seen)
    UsersAndFaults.fault_goes(machine)  # type: ignore[arg-type]  # all that this step uses


def test_too_many_requests_say_nothing_of_recovery() -> None:
    goes(Seen(status=429, ticket="x"))
    with pytest.raises(AssertionError, match="recovers"):
        goes(Seen(status=503, ticket="x"))


def types_right(status: int, typed: int) -> None:
    """Let a user type the right code, the ``typed``-th from one address, at a target that answers so."""
    offer = Offer(made=SubmitResult(status=202, json=None, text="", real_ms=0, headers={"X-Client": "203.0.113.7"}), code="1")
    machine = SimpleNamespace(typed=Counter({"203.0.113.7": typed}), _types=lambda *_: Seen(status=status, ticket=None))
    UsersAndFaults.user_types_the_code(machine, offer)  # type: ignore[arg-type]  # all that this step uses


def test_many_codes_from_one_address_may_be_too_many_for_a_right_one() -> None:
    types_right(403, CODES_FROM_ONE + 1)
    types_right(429, 1)
    for status, typed in ((403, CODES_FROM_ONE), (404, CODES_FROM_ONE + 1)):
        with pytest.raises(AssertionError, match="the right code has 0 effects"):
            types_right(status, typed)


def test_code_that_is_bound_to_a_session_takes_effect_once() -> None:
    """The shop takes the code of a registration from nobody but the session that it was offered to."""
    target = load_target(find_target(str(bundled("shop"))))
    with open_door(target, flows=("register",), per_address=ACCOUNTS) as door:
        (flow,) = door.flows
        door.strike(flow, outages(door, flow)[0])
        offer = door.knock(flow, HONEST).offer
        assert offer is not None
        assert list(offer.headers) == ["X-Forwarded-For"]
        code = door.sent_codes(flow).codes[-1]
        assert [door.confirm(flow, offer, code).gained for _ in range(2)] == [1, 0]
