"""The page that holds the mini program against the vendor's documents names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

from suites.selftest.docs.conformance import defined_in, named_in, page

HERE = Path(__file__).parent
PAGE = page("tencent-mini.md")


def test_every_test_that_the_page_names_exists() -> None:
    named = named_in(PAGE)
    assert len(named) > 12
    assert named - defined_in(HERE) == set()


def test_each_of_the_plug_ins_codes_has_its_line() -> None:
    assert {"1006", "1012", "1013"} <= set(re.findall(r"\b10[0-9]{2}\b", PAGE))
