"""Single looks at the shop: what is seen on either side of a limit that somebody else has written down."""

from __future__ import annotations

import re

import pytest

from harness.bundled import bundled
from harness.journal.cliff import Look, State
from harness.providers.huawei.pictures import draw_puzzle
from suites.selftest.cliff.conftest import LookAtEach

# The vendor's client answers 1006 when its configuration has not come after so much (domain/tencent-client.md).
CONFIG_WAIT_MS = 20_000
# What the way to the API, TLS and a busy machine may take of a limit.
WAY_MS = 1500
# And of a limit of the page's, whose clock only stands still while everybody waits.
PAGE_MS = 3000


def shops_deadline_ms(module: str = "verdict.py") -> int:
    """The shop's own limit of a module's calls, by default of the verdict's, as its source says."""
    found = re.search(r"^DEADLINE_S = ([0-9.]+)$", (bundled("shop") / "shop" / module).read_text(), re.MULTILINE)
    assert found is not None
    return round(float(found[1]) * 1000)


SUBMITS = ("login", "verdict", "server-delay")
VISITS = ("login", "config", "server-delay")
SKEW = ("checkout", "verdict", "clock-skew")
# The vendor's client gives up at the third failure (domain/tencent-client.md).
LOSS = ("login", "config", "loss")
LATENCY = ("login", "verdict", "latency")
# The server of the shop fetches this picture.
THIN = ("register", "picture", "bandwidth")


def latencies_ms() -> list[int]:
    """Two sides of the shop's deadline: TCP, TLS and the request pay three times at most, the last two of them always."""
    deadline_ms = shops_deadline_ms()
    return [(deadline_ms - WAY_MS) // 3, deadline_ms // 2 + 100]


def rates_kbps() -> list[int]:
    """Two sides of the shop's deadline: a line that carries a picture with time to spare, and one that takes twice as long."""
    puzzle, deadline_ms = draw_puzzle(), shops_deadline_ms("oneaccess.py")
    sent_bytes = len(puzzle.original) + len(puzzle.jigsaw)
    return [sent_bytes // (deadline_ms - WAY_MS), sent_bytes // (2 * deadline_ms)]


@pytest.fixture(scope="module")
def seen(look_at_each: LookAtEach) -> list[list[Look]]:
    """Two looks by submit, two in a browser, one at a flow that offers a step-up."""
    deadline_ms = shops_deadline_ms()
    return look_at_each(
        [
            (SUBMITS, [deadline_ms - WAY_MS, deadline_ms + 100]),
            (VISITS, [CONFIG_WAIT_MS - PAGE_MS, CONFIG_WAIT_MS + PAGE_MS]),
            (SKEW, [600]),
        ]
    )


@pytest.fixture(scope="module")
def seen_at_night(look_at_each: LookAtEach) -> list[list[Look]]:
    """Two more by submit, four in a browser."""
    return look_at_each([(LOSS, [2, 3]), (LATENCY, latencies_ms()), (THIN, rates_kbps())])


def test_a_submit_is_verified_while_the_api_answers_within_the_shops_deadline_and_degraded_after_it(
    seen: list[list[Look]],
) -> None:
    before, after = seen[0]
    assert (before.state, after.state) == (State.VERIFIED, State.DEGRADED)
    assert before.waited_ms is not None
    assert before.waited_ms >= shops_deadline_ms() - WAY_MS
    assert after.waited_ms is not None
    assert shops_deadline_ms() <= after.waited_ms <= shops_deadline_ms() + WAY_MS


def test_a_browser_is_looked_at_on_the_pages_clock_and_waits_as_long_as_the_vendors_client_does(
    seen: list[list[Look]],
) -> None:
    before, after = seen[1]
    assert (before.state, after.state) == (State.VERIFIED, State.DEGRADED)
    assert before.advanced
    assert after.advanced


def test_a_step_up_is_a_fallback_and_no_break(seen: list[list[Look]]) -> None:
    (look,) = seen[2]
    assert look.state is State.DEGRADED
    assert "step-up" in look.said


@pytest.mark.nightly
def test_the_client_bears_two_lost_requests_and_falls_back_at_the_third(seen_at_night: list[list[Look]]) -> None:
    assert [look.state for look in seen_at_night[0]] == [State.VERIFIED, State.DEGRADED]


@pytest.mark.nightly
def test_a_late_line_is_paid_for_more_than_once_and_degrades_before_a_single_delay_is_the_shops_deadline(
    seen_at_night: list[list[Look]],
) -> None:
    before, after = seen_at_night[1]
    assert (before.state, after.state) == (State.VERIFIED, State.DEGRADED)
    assert before.waited_ms is not None
    assert before.waited_ms >= 2 * before.value
    assert after.waited_ms is not None
    assert shops_deadline_ms() <= after.waited_ms <= shops_deadline_ms() + WAY_MS


@pytest.mark.nightly
def test_a_picture_comes_by_a_line_that_carries_it_in_time_and_by_a_thinner_one_a_step_up_is_offered(
    seen_at_night: list[list[Look]],
) -> None:
    wide, thin = seen_at_night[2]
    assert wide.value > thin.value
    assert (wide.state, thin.state) == (State.VERIFIED, State.DEGRADED)
