"""The page that holds the client against the vendor's documents names tests that exist, and leaves no option or code out."""

from __future__ import annotations

import re
from pathlib import Path

from suites.selftest.tencent_client import vendor_notes as notes

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs" / "tencent-client.md").read_text(encoding="utf-8")
OPTIONS = (
    "bizState", "enableDarkMode", "ready", "needFeedBack", "enableAutoCheck", "userLanguage", "type", "aidEncrypted", "showFn",
    "loading",
)


def test_every_test_that_the_page_names_exists() -> None:
    defined = {name for file in HERE.glob("test_*.py") for name in re.findall(r"def (test_\w+)", file.read_text("utf-8"))}
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 40
    assert named - defined == set()


def test_the_page_has_every_message_option_and_method() -> None:
    words = set(re.findall(r"`(\w+)`", PAGE))
    assert {*notes.MESSAGES.values(), *OPTIONS, *notes.METHODS} - words == set()
