"""The judge is judged: without any one oracle, or with any one turned round, the table of pairs is broken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.journal.model import Finding, Record, Scenario, Severity, Verdict
from harness.judge import ORACLES, finding
from suites.selftest.judge.pairs import PAIRS, Pair
from suites.selftest.judge.records import client_fault, judged

SLUGS = sorted(ORACLES.all())


def broken(slug: str, pair: Pair) -> Iterator[str]:
    """Yield what the table demands of a pair and does not hold."""
    bad, good = judged(pair.bad), judged(pair.good)
    if bad.verdict is not Verdict.FAIL:
        yield f"bad is {bad.verdict.value} {bad.unknown_because}".strip()
    if {one.oracle for one in bad.findings} != {slug}:
        yield f"bad has findings of {sorted({one.oracle for one in bad.findings})}"
    if good.verdict is not Verdict.PASS:
        yield f"good is {good.verdict.value} {good.unknown_because} {[one.seen for one in good.findings]}"
    if slug in ORACLES.all() and not ORACLES.get(slug).applies(pair.good.scenario):
        yield "it has nothing to say on good"


def the_pair(slug: str) -> Pair:
    assert slug in PAIRS, f"the oracle {slug} has no pair in suites/selftest/judge/pairs.py: docs/oracles.md, 'Adding one'"
    return PAIRS[slug]


@pytest.mark.parametrize("slug", SLUGS)
def test_each_oracle_alone_fails_its_bad_record_and_passes_its_good_one(slug: str) -> None:
    assert list(broken(slug, the_pair(slug))) == []


@pytest.mark.parametrize("slug", SLUGS)
def test_without_an_oracle_its_bad_record_is_found_by_nobody(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ORACLES._parts, slug)
    assert any(one.startswith("bad has findings of []") for one in broken(slug, the_pair(slug)))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_oracle_that_is_turned_round_breaks_both(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    oracle = ORACLES.get(slug)
    examine = oracle.examine

    def turned_round(record: Record) -> tuple[Finding, ...]:
        return () if examine(record) else (finding(oracle, expected="findings", seen="none"),)

    monkeypatch.setattr(oracle, "examine", turned_round)
    wrong = list(broken(slug, the_pair(slug)))
    assert any(one.startswith("bad ") for one in wrong)
    assert any(one.startswith("good is ") for one in wrong)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_oracle_that_says_nothing_or_always_something_is_noticed(slug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    oracle = ORACLES.get(slug)
    for said in ((), (finding(oracle, expected="anything", seen="something"),)):
        monkeypatch.setattr(oracle, "examine", lambda record, said=said: said)
        assert list(broken(slug, the_pair(slug)))


def test_no_pair_is_of_an_oracle_that_is_gone() -> None:
    assert set(PAIRS) <= set(SLUGS)


def test_an_oracle_without_a_pair_is_red() -> None:
    with pytest.raises(AssertionError, match="the oracle screenshot has no pair"):
        the_pair("screenshot")


def test_a_pair_that_another_oracle_fails_too_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad record proves its own oracle only where nobody else finds anything on it."""

    class Sees:
        slug, severity, needs = "sees", Severity.MINOR, "fault"
        demands = why = source = mend = "x"

        def applies(self, scenario: Scenario) -> bool:
            return scenario.kind == "fault"

        def examine(self, record: Record) -> tuple[Finding, ...]:
            doubled = record.evidence.visits[0].effects > 1
            return (finding(self, expected="x", seen="y"),) if doubled else ()

    monkeypatch.setitem(ORACLES._parts, "sees", Sees())
    assert judged(client_fault()).verdict is Verdict.PASS
    assert list(broken("business-completes", PAIRS["business-completes"])) == [
        "bad has findings of ['business-completes', 'sees']"
    ]
