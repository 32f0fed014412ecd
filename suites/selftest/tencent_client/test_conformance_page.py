"""The page that holds the client against the vendor's documents names tests that exist, and leaves no option or code out."""

from __future__ import annotations

import re
from pathlib import Path

from suites.selftest.docs.conformance import defined_in, named_in, page
from suites.selftest.tencent_client import vendor_notes as notes

HERE = Path(__file__).parent
PAGE = page("tencent-client.md")
OPTIONS = (
    "bizState", "enableDarkMode", "ready", "needFeedBack", "enableAutoCheck", "userLanguage", "type", "aidEncrypted", "showFn",
    "loading",
)  # fmt: skip


def test_every_test_that_the_page_names_exists() -> None:
    named = named_in(PAGE)
    assert len(named) > 40
    assert named - defined_in(HERE.parent) == set(), "some are of the plan, and of whole runs"


def test_the_page_has_every_message_option_and_method() -> None:
    words = set(re.findall(r"`(\w+)`", PAGE))
    assert {*notes.MESSAGES.values(), *OPTIONS, *notes.METHODS} - words == set()
