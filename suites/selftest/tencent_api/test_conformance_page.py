"""The page that holds the API against the vendor's documents names tests that exist, and leaves no field or option out."""

from __future__ import annotations

import re
from pathlib import Path

from suites.selftest.docs.conformance import defined_in, named_in, page
from suites.selftest.tencent_api.vendor_tables import CURRENT

HERE = Path(__file__).parent
PAGE = page("tencent-api.md")
OPTIONS = (
    "captcha_codes", "legacy_reuse_code", "package", "requests_per_s", "risk_blocks", "evil_level", "evil_bitmap",
    "score", "device_risk_category",
)  # fmt: skip
FIELDS = ("EvilLevel", "GetCaptchaTime", "EvilBitmap", "SubmitCaptchaTime", "DeviceRiskCategory", "Score", "NeedGetCaptchaTime")


def test_every_test_that_the_page_names_exists() -> None:
    named = named_in(PAGE)
    assert len(named) > 30
    assert named - defined_in(HERE) == set()


def test_the_page_has_every_option_and_field_and_todays_codes() -> None:
    words = set(re.findall(r"`(\w+)[`\s=]", PAGE))
    assert {*OPTIONS, *FIELDS} - words == set()
    assert ", ".join(str(code) for code in CURRENT if code != 100) + " and 100" in PAGE
