"""The page on ``aidEncrypted`` names tests that exist, every option, and every fault that the plan has for it."""

from __future__ import annotations

import re
from pathlib import Path

from harness.providers.base import PROVIDERS
from harness.providers.tencent_web.aid_causes import aid_causes
from harness.providers.tencent_web.aid_check import AidSettings
from suites.selftest.docs.conformance import defined_in, named_in, page

PAGE = page("aid-encrypted.md")
AREAS = [Path(__file__).parents[1] / name for name in ("tencent_client", "shop")]


def test_every_test_that_the_page_names_exists() -> None:
    assert len(named_in(PAGE)) > 10
    assert named_in(PAGE) - set().union(*map(defined_in, AREAS)) == set()


def test_the_page_has_every_option_and_every_fault() -> None:
    words = set(re.findall(r"`([\w-]+)`", PAGE))
    options = {name for name in PROVIDERS.get("tencent_web").options if name.startswith("aid_")}
    faults = {cause.fault for forced in (True, False) for cause in aid_causes(AidSettings(forced=forced), build="classic")}
    assert (options - words, faults - words) == (set(), set())
    assert len(options) == 3
