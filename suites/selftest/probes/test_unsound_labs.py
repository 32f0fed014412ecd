"""Red is proven, and what cannot be told is unknown: never a pass."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.catalog import Place
from harness.faults.base import Receipt
from harness.journal.model import Verdict
from suites.selftest.probes.controls import judged


@pytest.fixture(scope="module")
def believer(run):
    """The shop that believes any ticket beginning like a fallback ticket (bug B5)."""
    return run("B5", "login-forged", "checkout-forged")


@pytest.mark.parametrize("flow", ["login", "checkout"])
def test_a_shop_that_believes_prefixes_fails_by_nothing_for_free(believer, flow):
    judgement = judged(believer[f"{flow}-forged"])
    assert judgement.verdict is Verdict.FAIL
    assert {found.oracle for found in judgement.findings} == {"nothing-for-free"}


@pytest.mark.parametrize(
    "label",
    [
        "no-underscore-before-time", "empty-app-id", "code-missing", "milliseconds", "foreign-app-id", "stale", "future",
        "guessed-server-ticket", "replayed",
    ],
)  # fmt: skip
def test_each_worthless_ticket_with_the_prefix_is_named(believer, label):
    findings = judged(believer["login-forged"]).findings
    assert any(repr(label) in found.expected for found in findings), findings


def test_the_burst_shows_that_no_account_limit_holds(believer):
    """Five at once, and the same account again from claimed addresses: no address widens what it may have."""
    (found,) = [one for one in judged(believer["login-forged"]).findings if "for an account" in one.expected]
    assert int(found.seen.split(" for the account ")[0]) > 5


class DoesNothing:
    """A fault that says it stands and does nothing."""

    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)

    async def apply(self, edge):
        return [Receipt(place=Place.TOXIPROXY, asked="disabled", read_back="disabled")]

    async def heal(self, edge):
        return [Receipt(place=Place.TOXIPROXY, asked="enabled", read_back="enabled")]


def test_an_outage_that_never_was_is_unknown(run):
    def sabotage(bench):
        return replace(bench, faults={**bench.faults, "refused": DoesNothing(bench.faults["refused"])})

    record = run("shop", "login-forged-in-outage", change=sabotage)["login-forged-in-outage"]
    judgement = judged(record)
    assert judgement.verdict is Verdict.UNKNOWN
    assert "refused was not felt" in judgement.unknown_because


@pytest.mark.nightly
@pytest.mark.parametrize("idle", ["entry", "verdict"])
def test_an_outage_of_both_sides_of_which_one_never_was_is_unknown(run, idle):
    """Doing nothing on one of two links must not pass for an outage of both."""

    class SparesOne(DoesNothing):
        async def apply(self, edge):
            return await (super() if edge.link == idle else self._real).apply(edge)

    def sabotage(bench):
        return replace(bench, faults={**bench.faults, "refused": SparesOne(bench.faults["refused"])})

    record = run("shop", "checkout-forged-in-whole-outage", change=sabotage)["checkout-forged-in-whole-outage"]
    judgement = judged(record)
    assert judgement.verdict is Verdict.UNKNOWN
    assert "refused was not felt" in judgement.unknown_because


@pytest.mark.nightly
def test_an_outage_of_the_browsers_links_that_never_was_is_unknown(run):
    def sabotage(bench):
        return replace(bench, faults={**bench.faults, "refused": DoesNothing(bench.faults["refused"])})

    record = run("shop", "checkout-forged-in-client-outage", change=sabotage)["checkout-forged-in-client-outage"]
    assert "refused was not felt: seen at none" in judged(record).unknown_because


def with_submit(**fields):
    """The target file's submit of login with other words in it."""

    def change(bench):
        login = bench.target.flows["login"]
        submit = replace(login.submit, json={**login.submit.json, **fields})
        return replace(
            bench, target=replace(bench.target, flows={**bench.target.flows, "login": replace(login, submit=submit)})
        )

    return change


def test_an_open_door_behind_a_wrong_password_is_unknown_and_never_passes(run):
    record = run("B5", "login-forged", change=with_submit(password="wrong horse"))["login-forged"]
    judgement = judged(record)
    assert judgement.verdict is Verdict.UNKNOWN
    assert "flows.login.submit) does not work even with a good ticket" in judgement.unknown_because


@pytest.mark.nightly
def test_verdicts_on_a_submit_that_never_completes_are_unknown(run):
    record = run("shop", "login-verdicts", change=with_submit(username=""))["login-verdicts"]
    judgement = judged(record)
    assert judgement.verdict is Verdict.UNKNOWN
    assert "does not work even with a good ticket" in judgement.unknown_because


@pytest.mark.nightly
def test_a_server_ticket_that_anybody_may_bring_again_is_found_though_limits_hold(run):
    def with_app(bench):
        start = bench.target.start.replace("app:app", f"replayable:app --app-dir {Path(__file__).parent}")
        return replace(bench, target=replace(bench.target, start=start, env={**bench.target.env, "PYTHONPATH": "."}))

    judgement = judged(run("shop", "login-forged-in-outage", change=with_app)["login-forged-in-outage"])
    assert judgement.verdict is Verdict.FAIL, judgement
    assert [found.expected for found in judgement.findings] == [
        "no effect from 'replayed-server-ticket' while the provider is healthy"
    ]


class Crashes(DoesNothing):
    """A fault of somebody else's that has a bug."""

    async def apply(self, edge):
        raise KeyError("no such proxy")


def test_an_unforeseen_crash_is_this_scenarios_alone(run):
    def sabotage(bench):
        return replace(bench, faults={**bench.faults, "refused": Crashes(bench.faults["refused"])})

    record = run("shop", "login-forged-in-outage", change=sabotage)["login-forged-in-outage"]
    assert "unforeseen KeyError in the lab" in record.evidence.lab_error
    assert judged(record).verdict is Verdict.UNKNOWN


def test_a_target_that_does_not_start_is_unknown_and_says_why(run):
    def without_program(bench):
        return replace(bench, target=replace(bench.target, start="{python} -c 'print(\"no shop today\"); raise SystemExit(3)'"))

    record = run("shop", "login-forged", change=without_program)["login-forged"]
    assert judged(record).verdict is Verdict.UNKNOWN
    assert "died before it was ready" in record.evidence.lab_error
    assert "no shop today" in record.evidence.lab_error
    assert record.evidence.attempts == ()
