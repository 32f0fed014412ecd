"""What is a fallback ticket, by the documents: decimal app ids for Tencent, 32 hex digits for GeeTest, and nothing between."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.tickets import TicketKind, find, read

TENCENT, GEETEST = "199999164", "647f5ed2ed8acb4be36784e01556bb71"
NOW = "1700000000"
# The vendor's standard format, written down without the harness: prefix, code, decimal app id, seconds, perhaps a suffix.
DECIMAL = re.compile(r"tr?error_[0-9]{1,6}_[0-9]{1,20}_[0-9]{10,11}(_[^\s_]\S*)?", re.ASCII)

ids = pytest.mark.parametrize("app_id", [TENCENT, GEETEST], ids=["tencent", "geetest"])


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


@pytest.mark.parametrize(
    "app_id",
    [
        GEETEST.upper(), GEETEST[:-1], GEETEST + "a", GEETEST[:-1] + "g", GEETEST[:-1] + "\N{DEVANAGARI DIGIT ONE}",
        "abc", "1" * 21, "199999164a", "-199999164", "١٩٩",
    ],
)  # fmt: skip
def test_what_is_neither_a_decimal_app_id_nor_32_hex_digits_makes_no_ticket(app_id: str) -> None:
    assert read(f"terror_1001_{app_id}_{NOW}").ticket is None


@given(st.from_regex(r"tr?error_[0-9]{0,7}_{0,2}[0-9]{0,22}_{0,2}[0-9]{8,14}(_[a-f0-9_]{0,9})?", fullmatch=True))
def test_with_digits_alone_in_the_app_ids_place_a_ticket_is_what_the_vendors_format_says(text: str) -> None:
    assert (read(text).kind is TicketKind.FALLBACK) == (DECIMAL.fullmatch(text) is not None)


@given(st.text(max_size=80).map("terror_1001_".__add__))
def test_every_ticket_read_from_anything_carries_an_app_id_of_one_of_the_two_forms(text: str) -> None:
    ticket = read(text).ticket
    assert ticket is None or re.fullmatch(r"[0-9]{1,20}|[0-9a-f]{32}", ticket.app_id, re.ASCII)
