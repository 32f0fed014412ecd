"""A flow's policy against what the same file expects under it; where the two do not go together, both places are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.target.problems import Problem, dotted
from harness.target.toml_lines import KeyPath

Table = Mapping[str, Any]
_DEFAULT = "step-up"


def policy_conflicts(at: KeyPath, flow: Table) -> Iterator[Problem]:
    """Every expectation that a flow's policy lacks, and every one that it makes void."""
    policies = _policies(at, flow)
    if "step-up" in policies and "step_up" not in flow:
        yield _lacking(at, "step_up", policies["step-up"], flow, "how does the offer look?")
    if "block" in policies and "browser" in flow and "otherwise" not in flow:
        yield _lacking(at, "otherwise", policies["block"], flow, "what is left to the honest user while the captcha fails?")
    if policies.keys() == {"block"} and "step_up" in flow:
        yield _void((*at, "step_up"), "is an offer that nobody gets, for {policy} is 'block'", policies["block"])
    if "limits" in flow and "accept" not in policies:
        yield _void(
            (*at, "limits"), "are what 'accept' allows, but {policy} never says 'accept'", next(iter(policies.values()))
        )
    for key in ("per_account", "per_address"):
        if "accept" in policies and flow.get("limits", {}).get(key) == 0:
            said = "is 0 and lets nobody in, but {policy} is 'accept': say 'block' there, or a limit of at least 1"
            yield _void((*at, "limits", key), said, policies["accept"])


def _policies(at: KeyPath, flow: Table) -> dict[str, KeyPath]:
    """Each policy of a flow, and the first place that says it."""
    said = flow.get("policy", _DEFAULT)
    if not isinstance(said, Mapping):
        return {said: (*at, "policy")}
    places: dict[str, KeyPath] = {}
    for state, policy in said.items():
        places.setdefault(policy, (*at, "policy", state))
    return places


def _lacking(at: KeyPath, key: str, policy: KeyPath, flow: Table, question: str) -> Problem:
    said = "is" if "policy" in flow else "is by default"
    name = "step-up" if key == "step_up" else "block"
    sentence = f"{dotted(policy)} {said} {name!r}, but {dotted((*at, key))} is missing: {question}"
    return Problem(at=policy, sentence=sentence, beside=(at,))


def _void(at: KeyPath, rest: str, policy: KeyPath) -> Problem:
    return Problem(at=at, sentence=f"{dotted(at)} {rest.format(policy=dotted(policy))}", beside=(policy,))
