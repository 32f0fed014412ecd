"""docs/oracles.md and the oracles say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.judge import ORACLES, Oracle
from harness.judge.oracles import fallback_ticket, no_reuse
from harness.judge.repeat import NEAR_FACTOR
from harness.judge.timing import BUSY_MS, LOADED_BUDGET_MS, SOLVING_ALLOWANCE_MS, USABLE_BUDGET_MS

ORACLE_FILES = sorted((Path(__file__).parents[3] / "harness" / "judge" / "oracles").glob("*.py"))
DOCUMENT = (Path(__file__).parents[3] / "docs" / "oracles.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("slug", sorted(ORACLES.all()))
def test_the_table_has_the_oracles_own_words(slug):
    oracle = ORACLES.get(slug)
    assert isinstance(oracle, Oracle)
    assert oracle.slug == slug
    row = f"| **{slug}** | {oracle.demands} | {oracle.source} | {oracle.severity} | {oracle.mend} | {oracle.needs} |"
    assert row in DOCUMENT
    assert f"- **{slug}**: {oracle.why}" in DOCUMENT


@pytest.mark.parametrize("slug", sorted(ORACLES.all()))
def test_every_mend_speaks_to_both_ends(slug):
    assert "Front end:" in ORACLES.get(slug).mend
    assert "Back end:" in ORACLES.get(slug).mend


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOADED_BUDGET_MS", LOADED_BUDGET_MS),
        ("USABLE_BUDGET_MS", USABLE_BUDGET_MS),
        ("SOLVING_ALLOWANCE_MS", SOLVING_ALLOWANCE_MS),
        ("FRESH_S", fallback_ticket.FRESH_S),
        ("ROUGHLY_FRESH_S", fallback_ticket.ROUGHLY_FRESH_S),
        ("PAGE_CLOCK_TOLERANCE_S", fallback_ticket.PAGE_CLOCK_TOLERANCE_S),
        ("CALLS_PER_SUBMIT", no_reuse.CALLS_PER_SUBMIT),
        ("NEAR_FACTOR", f"{NEAR_FACTOR:.0f}"),
        ("BUSY_MS", BUSY_MS),
    ],
)
def test_the_document_names_each_constant_with_its_value(name, value):
    assert f"| `{name}` | {value} " in DOCUMENT


def test_what_is_said_of_one_vendors_target_names_no_other_vendor():
    sources = {file.name: file.read_text(encoding="utf-8") for file in ORACLE_FILES}
    assert [name for name, text in sources.items() if re.search("tencent|huawei|geetest", text, re.IGNORECASE)] == []
    assert len(sources) >= len(ORACLES.all())
