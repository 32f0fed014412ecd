"""What is a fallback ticket: decimal app ids as Tencent documents them, other vendors' captcha ids and site keys."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.tickets import TicketKind, find, read

TENCENT, GEETEST = "199999164", "647f5ed2ed8acb4be36784e01556bb71"
# The site keys for tests that hCaptcha and Cloudflare Turnstile document.
HCAPTCHA, TURNSTILE = "10000000-ffff-ffff-ffff-000000000001", "1x00000000000000000000AA"
NOW = "1700000000"
# The vendor's standard format, written down without the harness: prefix, code, decimal app id, seconds, perhaps a suffix.
# Numbers are written as numbers are: without zeros in front.
DECIMAL = re.compile(r"tr?error_(0|[1-9][0-9]{0,5})_[0-9]{1,20}_[1-9][0-9]{9,10}(_[^\s_]\S*)?", re.ASCII)

VENDORS = {"tencent": TENCENT, "geetest": GEETEST, "hcaptcha": HCAPTCHA, "turnstile": TURNSTILE}

ids = pytest.mark.parametrize("app_id", VENDORS.values(), ids=VENDORS)


@ids
@pytest.mark.parametrize("prefix", ["terror", "trerror"])
@pytest.mark.parametrize("suffix", [None, "3f9a0b", "s@1:a.b"])
def test_a_ticket_is_taken_apart_and_put_together_again(app_id: str, prefix: str, suffix: str | None) -> None:
    text = f"{prefix}_1001_{app_id}_{NOW}" + (f"_{suffix}" if suffix else "")
    ticket = read(text).ticket
    assert ticket is not None
    assert (ticket.prefix, ticket.code, ticket.app_id, ticket.timestamp_s) == (prefix, 1001, app_id, int(NOW))
    assert (ticket.suffix, str(ticket)) == (suffix, text)
    assert find(f'{{"ticket": "{text}", "state": "done"}}') == (text,)


@ids
def test_each_near_miss_keeps_its_name_whatever_the_app_id_looks_like(app_id: str) -> None:
    near_misses = {
        f"terror_1001_{app_id}{NOW}": TicketKind.NO_UNDERSCORE,
        f"terror_1001__{NOW}": TicketKind.EMPTY_APP_ID,
        f"terror_{app_id}_{NOW}": TicketKind.NO_CODE,
        f"terror_1001_{app_id}_{NOW}000": TicketKind.MILLISECONDS,
        f"terror_1001_{app_id}": TicketKind.MALFORMED,
        f"terror_1001_{app_id}_": TicketKind.MALFORMED,
        f"terror_1001_{app_id} _{NOW}": TicketKind.MALFORMED,
        f" terror_1001_{app_id}_{NOW}": TicketKind.OTHER,
    }
    assert {text: read(text).kind for text in near_misses} == near_misses


@pytest.mark.parametrize("app_id", [GEETEST.upper(), GEETEST[:-1], "1" * 32, "199999164a", "a", "Z" * 64, "null", "0x4A-1b"])
def test_whose_app_id_it_is_is_left_to_whoever_compares(app_id: str) -> None:
    ticket = read(f"terror_1001_{app_id}_{NOW}").ticket
    assert ticket is not None
    assert ticket.app_id == app_id


@pytest.mark.parametrize(
    "app_id",
    [
        "1" * 21, "1" * 31, "a" * 65, "-199999164", "199-164", "-abc", "6LeIx_cTAAA", "a b", "a.b", "a@b", "\u00e9t\u00e9",
        GEETEST[:-1] + "\N{DEVANAGARI DIGIT ONE}", "١٩٩",
    ],
)  # fmt: skip
def test_what_is_no_vendors_app_id_makes_no_ticket(app_id: str) -> None:
    assert read(f"terror_1001_{app_id}_{NOW}").ticket is None


@given(st.from_regex(r"tr?error_[0-9]{0,7}_{0,2}[0-9]{0,22}_{0,2}[0-9]{8,14}(_[a-f0-9_]{0,9})?", fullmatch=True))
def test_with_digits_alone_in_the_app_ids_place_a_ticket_is_what_the_vendors_format_says(text: str) -> None:
    assert (read(text).kind is TicketKind.FALLBACK) == (DECIMAL.fullmatch(text) is not None)


@given(st.text(max_size=80).map("terror_1001_".__add__))
def test_every_ticket_read_from_anything_carries_an_app_id_without_an_underscore(text: str) -> None:
    ticket = read(text).ticket
    assert ticket is None or re.fullmatch(r"[0-9]{1,20}|[0-9]{32}|[0-9A-Za-z-]{1,64}", ticket.app_id, re.ASCII)
