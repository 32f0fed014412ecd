"""A policy and what the file expects under it go together, or are refused with both places."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.target.loader import load_target

Write = Callable[..., Path]
Complaint = Callable[[Path], str]

# The login of the right file says its policy in line 17 and begins in line 12; checkout begins in 19, its policy in line 23.
ACCEPT = 'policy = "accept"'
BY_STATE = 'policy = { verdict_up = "step-up", verdict_down = "accept" }'


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        (
            ACCEPT,
            'policy = "step-up"',
            ":17: flows.login.policy is 'step-up', but flows.login.step_up is missing: how does the offer look?"
            " (flows.login stands at captchaos.toml:12)",
        ),
        (
            ACCEPT,
            'policy = "block"',
            ":17: flows.login.policy is 'block', but flows.login.otherwise is missing: what is left to the honest user while"
            " the captcha fails? (flows.login stands at captchaos.toml:12)",
        ),
        (
            ACCEPT,
            'policy = { verdict_up = "accept", verdict_down = "block" }',
            ":17: flows.login.policy.verdict_down is 'block', but flows.login.otherwise is missing",
        ),
        (
            ACCEPT,
            'policy = "block"\notherwise = { explains = "#why" }\nlimits = { per_account = 1 }',
            ":19: flows.login.limits are what 'accept' allows, but flows.login.policy never says 'accept'"
            " (flows.login.policy stands at captchaos.toml:17)",
        ),
        (
            ACCEPT,
            f"{ACCEPT}\nlimits = {{ per_account = 0 }}",
            ":18: flows.login.limits.per_account is 0 and lets nobody in, but flows.login.policy is 'accept': say 'block'"
            " there, or a limit of at least 1 (flows.login.policy stands at captchaos.toml:17)",
        ),
        (
            ACCEPT,
            f"{ACCEPT}\nlimits = {{ per_address = 0 }}",
            ":18: flows.login.limits.per_address is 0 and lets nobody in",
        ),
        (
            BY_STATE,
            f"limits = {{ per_account = 0 }}\n{BY_STATE}",
            ":23: flows.checkout.limits.per_account is 0 and lets nobody in, but flows.checkout.policy.verdict_down is"
            " 'accept': say 'block' there, or a limit of at least 1"
            " (flows.checkout.policy.verdict_down stands at captchaos.toml:24)",
        ),
        (
            BY_STATE,
            'policy = "block"',
            ":25: flows.checkout.step_up is an offer that nobody gets, for flows.checkout.policy is 'block'"
            " (flows.checkout.policy stands at captchaos.toml:23)",
        ),
        (BY_STATE, 'policy = "step-up"\nlimits = { window_s = 60 }', ":24: flows.checkout.limits are what 'accept' allows"),
    ],
)
def test_what_contradicts_the_policy_is_refused_with_both_places(
    write: Write, complaint: Complaint, old: str, new: str, answer: str
) -> None:
    said = complaint(write((old, new)))
    assert f"captchaos.toml{answer}" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (ACCEPT, 'policy = "block"\notherwise = { explains = "#why" }'),
        (ACCEPT, f"{ACCEPT}\nlimits = {{ per_account = 1, per_address = 1 }}"),
        (BY_STATE, 'policy = { verdict_up = "step-up", verdict_down = "block" }'),
        (BY_STATE, f"{BY_STATE}\nlimits = {{ per_account = 2 }}"),
        (BY_STATE, ACCEPT),
    ],
    ids=[
        "block with another way",
        "accept with limits",
        "block without a browser",
        "one state accepts",
        "stricter than it says",
    ],
)
def test_what_goes_together_is_taken(write: Write, old: str, new: str) -> None:
    assert load_target(write((old, new))).flows
