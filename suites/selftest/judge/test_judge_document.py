"""docs/oracles.md and the oracles say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.judge import ORACLES, Oracle
from harness.judge.oracles import fallback_ticket, no_reuse
from harness.judge.repeat import NEAR_FACTOR
from harness.judge.timing import BUSY_MS, CALM_BUDGET_MS, LOADED_BUDGET_MS, SLOWER, SOLVING_ALLOWANCE_MS, USABLE_BUDGET_MS
from suites.selftest.judge.records import ask, client_fault, with_expect, with_visit

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
        ("CALM_BUDGET_MS", CALM_BUDGET_MS),
        ("SLOWER", SLOWER),
    ],
)
def test_the_document_names_each_constant_with_its_value(name, value):
    assert f"| `{name}` | {value} " in DOCUMENT


OUTCOMES = ("verified", "unverified", "stepped-up", "refused", "nothing")


@pytest.mark.parametrize("wanted", OUTCOMES)
def test_the_document_says_what_is_also_right_and_what_never_is(wanted):
    """A row of the table: the outcome that was expected, those in whose place nothing is found, and all the others."""
    also, never = [], []
    for seen in OUTCOMES:
        effects = int(seen in ("verified", "unverified", "stepped-up"))
        record = with_visit(with_expect(client_fault(), outcome=wanted), outcome=seen, effects=effects)
        found = any(one.expected.startswith("the business ") for one in ask("business-completes", record))
        (never if found else also).append(seen)
    (row,) = re.findall(rf"^\| {wanted} \|([^|]*)\|([^|]*)\|$", DOCUMENT, re.MULTILINE)
    assert words(row[0]) == sorted({*also} - {wanted})
    assert words(row[1]) == sorted(never)


def words(cell: str) -> list[str]:
    """The outcomes in a cell, without what is said of them."""
    return sorted(filter(None, (re.sub(r" \(.*\)", "", word).strip() for word in cell.split(","))))


def test_what_is_said_of_one_vendors_target_names_no_other_vendor():
    sources = {file.name: file.read_text(encoding="utf-8") for file in ORACLE_FILES}
    assert [name for name, text in sources.items() if re.search("tencent|huawei|geetest", text, re.IGNORECASE)] == []
    assert len(sources) >= len(ORACLES.all())
