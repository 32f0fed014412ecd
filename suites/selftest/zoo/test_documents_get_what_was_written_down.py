"""The two pages after the vendor's documents get the findings that were written down before the first run, row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.journal.model import Judgement, Verdict
from suites.selftest.zoo.compare import differences, expected_rows, explained_rows, heard, innocent, unexplained, unused

DOCUMENTS = Path(__file__).parents[3] / "fixtures" / "documents"
PAGES = ("seed002", "seed003")

# One cause, or a few that lead the same way, for each row of the tables in EXPECTED.md, and what the plan holds beside them.
ROWS: dict[str, tuple[str, ...]] = {
    "the entry script fails": ("*-1001-entry-refused-*", "*-1001-entry-dns-failure-*", "*-1001-entry-expired-certificate-*"),
    "the entry script hangs or is slow": ("*-1001-entry-hang-*", "*-1001-entry-latency-*"),
    "the entry script is of no use": ("*-entry-empty-*", "*-entry-constructor-throws-*", "*-entry-defines-nothing-*"),
    "the client of 2020 never calls back": ("*-entry2020",),
    "the client fails before the popup": ("*-1002-frame-hang-cold", "*-1005-*", "*-1006-config-garbage*", "*-1014-*"),
    "the frame script fails": ("*-1003-frame-hang-cold", "*-1004-frame-refused-cold", "*-1004-frame-hang-*"),
    "the popup does not load": ("*-1007-*-cold", "*-1008-*-cold"),
    "the popup's scripts fail": ("*-1009-library-refused-cold", "*-1010-slider-refused-cold", "*-1011-slider-throws-*"),
    "the challenge fails": ("*-1012-refresh-refused-cold", "*-1013-verify-refused-cold"),
    "the verdict does not come in time": ("*-2001-*-hang-cold", "*-2001-*-half-answer-*", "*-2001-*-slow-drip-*"),
    "no connection to the verdict API": ("*-2002-verdict-refused-cold", "*-2002-verdict-reset-cold"),
    "the verdict API answers an error": ("*-2003-verdict-internal-error-*", "*-2004-*", "*-2006-*"),
    "the verdict cannot be read": ("*-2005-*-empty-object-*", "*-2005-*-charset-*"),
    "the target's own edge": ("*-own-edge-*",),
    "forgers and verdicts": ("*-forged", "*-forged-in-outage", "*-verdicts"),
}


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_gets_what_was_written_down(run_scenarios: Callable[..., Any], page: str, row: str) -> None:
    folder = DOCUMENTS / page
    ran = run_scenarios(folder, ROWS[row])
    found = differences(ran.scenarios, ran.judgements, expected_rows(folder))
    explained = explained_rows(folder)
    assert unexplained(found, ran.scenarios, explained) == []
    assert unused(found, ran.scenarios, explained) == []
    guilty = {slug for judgement in ran.judgements.values() for slug in heard(judgement)}
    assert guilty.isdisjoint(innocent(folder))


@pytest.mark.parametrize("page", PAGES)
def test_no_explanation_excuses_an_oracle_that_must_find_nothing(page: str) -> None:
    assert {row.oracle for row in explained_rows(DOCUMENTS / page)}.isdisjoint(innocent(DOCUMENTS / page))


def test_an_unknown_verdict_is_a_difference_and_hides_its_findings() -> None:
    assert heard(Judgement(verdict=Verdict.UNKNOWN, unknown_because="not felt")) == {"unknown"}
