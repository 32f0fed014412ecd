"""The page that holds the mini program against the vendor's documents names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "tencent-mini.md").read_text(encoding="utf-8")


def test_every_test_that_the_page_names_exists() -> None:
    defined = {name for file in HERE.glob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 12
    assert named - defined == set()


def test_each_of_the_plug_ins_codes_has_its_line() -> None:
    assert {"1006", "1012", "1013"} <= set(re.findall(r"\b10[0-9]{2}\b", PAGE))
