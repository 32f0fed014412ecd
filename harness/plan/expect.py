"""What the contract demands of one cause on one flow. Times are page time, in milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from harness.catalog import Cause, FailureMode, Habit, Policy, Side
from harness.journal.model import Expectation, Limits
from harness.target.spec import BROWSER, ELSEWHERE, FlowSpec, Observe, Target

# A vendor's timer and a page's watchdog this close together may come in either order.
WATCHDOG_TOLERANCE_MS = 1500
# What a page may take to load its scripts and a browser to be driven, beside the documented waits.
FALLBACK_MARGIN_MS = 5000
# The human's part (challenge, refresh, drag) and the submit, beside the documented waits.
SOLVING_MS = 8000
_OUTCOMES = {Policy.ACCEPT: "unverified", Policy.STEP_UP: "stepped-up", Policy.BLOCK: "nothing"}


def vendor_wait_ms(cause: Cause) -> int | None:
    """Page time from the click on show until the vendor's client calls back; None when it never does."""
    if cause.wait_ms is None:
        return None
    if cause.wait_from == "load":
        return max(0, cause.wait_ms - cause.behaviour.pause_before_show_ms)
    return cause.wait_ms


def expectation(cause: Cause, mode: FailureMode | None, flow: FlowSpec, target: Target, side: Side) -> Expectation:
    """Fix what this cause must lead to on this flow, before anything runs."""
    policy = flow.policy.verdict_down if side is Side.SERVER else flow.policy.verdict_up
    limits = Limits(per_account=flow.limits.per_account, per_address=flow.limits.per_address, window_s=flow.limits.window_s)
    codes, wait_ms = _code_and_wait(cause, mode, flow)
    challenge = SOLVING_MS if mode is None or not mode.before_visible else 0
    fallback_ms = target.budgets.fallback_ms or wait_ms + challenge + FALLBACK_MARGIN_MS
    if side is Side.SERVER:
        fallback_ms += target.budgets.server_ms
    business_ms = target.budgets.business_ms or fallback_ms + target.budgets.server_ms + FALLBACK_MARGIN_MS
    return Expectation(
        codes=codes,
        minted_by=_minted_by(codes, mode),
        outcome="verified" if mode is None else _OUTCOMES[policy],  # type: ignore[arg-type]  # the table's values are the Literal's
        policy=policy,
        limits=limits,
        fallback_budget_ms=fallback_ms,
        business_budget_ms=business_ms,
        server_budget_ms=target.budgets.server_ms,
        recovery_budget_ms=target.budgets.recovery_ms,
        minted_after_ms=cause.behaviour.pause_before_show_ms + wait_ms,
        app_id=target.use_of(flow.name).app_id,
        # Where no ticket is due the captcha still works, only later: there is nothing to explain.
        says=(flow.explains or "") if codes else "",
        lure=ELSEWHERE if flow.return_parameter else "",
        signals=signals_of(target.observe),
        looks=flow.client == BROWSER and cause.behaviour.habit is not Habit.SECOND_TAB,
        searches=True,
    )


def signals_of(observe: Observe) -> tuple[str, ...]:
    """Where the target says that it is degraded, in words for a reader."""
    log = (f"the word {observe.log!r} in its output",) if observe.log is not None else ()
    return (*log, f"{observe.metric.name} at {observe.metric.get}") if observe.metric is not None else log


def with_other_way(expect: Expectation, flow: FlowSpec) -> Expectation:
    """The same where a provider's link fails for as long as it is not healed: what the flow leaves to users is asked too."""
    way = flow.otherwise
    if way is None:
        return expect
    asked = f"{way.submit.method} {way.submit.path}" if way.submit is not None else ""
    # Where no ticket is due the captcha still works, only later: there is nothing to explain.
    return replace(expect, other_way=asked, explains=(way.explains or "") if expect.codes else "")


def with_second_factor(
    healthy: Expectation, down: Expectation, flow: FlowSpec, modes: Sequence[FailureMode]
) -> tuple[Expectation, Expectation]:
    """The same for forged tickets in health and in an outage: in one of them the codes of a step-up are due to be tried.

    That is in health, where a client's fallback ticket is offered the step-up; where no client mints one, in the outage.
    """
    if flow.step_up is None or not flow.step_up.by_http:
        return healthy, down
    by_client = any(mode.minted_by != "server" for mode in modes)
    in_health = healthy.policy is Policy.STEP_UP and by_client
    in_outage = down.policy is Policy.STEP_UP and not in_health
    return replace(healthy, second_factor=in_health), replace(down, second_factor=in_outage)


def _code_and_wait(cause: Cause, mode: FailureMode | None, flow: FlowSpec) -> tuple[tuple[int, ...], int]:
    if mode is None:
        return (), _retry_wait_ms(cause)
    wait_ms = vendor_wait_ms(cause)
    deadline_ms = flow.entry_deadline_ms
    if cause.link == "entry" and deadline_ms is not None:
        wait_ms = deadline_ms if wait_ms is None else min(wait_ms, deadline_ms)
    watchdog_ms = flow.watchdog_ms
    if wait_ms is None and not mode.before_visible:
        # The client stays silent in the middle of the challenge: the page's last resort is all there is.
        return (flow.watchdog_code,), flow.challenge_watchdog_ms or watchdog_ms or 0
    if watchdog_ms is None or not mode.before_visible or mode.minted_by == "server":
        return (mode.code, *cause.also_codes), wait_ms or 0
    if wait_ms is None or wait_ms > watchdog_ms + WATCHDOG_TOLERANCE_MS:
        return (flow.watchdog_code,), watchdog_ms
    if wait_ms < watchdog_ms - WATCHDOG_TOLERANCE_MS:
        return (mode.code, *cause.also_codes), wait_ms
    return (mode.code, *cause.also_codes, flow.watchdog_code), watchdog_ms


def _retry_wait_ms(cause: Cause) -> int:
    # A page may wait as long as its own request limit before it sends again; ten seconds is what a user bears.
    return 10_000 if cause.link == "submit" else dict(cause.parameters).get("latency_ms", 0) * 4


def _minted_by(codes: tuple[int, ...], mode: FailureMode | None) -> Literal["vendor", "page", "server"] | None:
    if mode is None:
        return None
    return mode.minted_by if mode.code in codes else "page"
