"""The judge: from recorded evidence to verdicts. Pure; it sees the catalog, the tickets' grammar and the journal's types."""

from harness.judge.felt import Felt, felt
from harness.judge.oracle import ORACLES, EvidenceMissing, Oracle, finding
from harness.judge.repeat import near_budget, needs_repeat
from harness.judge.verdict import judge, judge_run

__all__ = [
    "ORACLES",
    "EvidenceMissing",
    "Felt",
    "Oracle",
    "felt",
    "finding",
    "judge",
    "judge_run",
    "near_budget",
    "needs_repeat",
]
