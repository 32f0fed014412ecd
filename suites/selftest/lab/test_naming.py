"""Whose an effect is: what its record says, in whatever shape the target writes records."""

from __future__ import annotations

import pytest

from harness.lab.naming import named

ANNA, BERTA = "user-1@shop.test", "user-11@shop.test"


@pytest.mark.parametrize(
    "record",
    [
        {"id": "o-1", "email": ANNA, "sku": "A1"},
        {"id": "o-1", "buyer": {"contacts": [{"kind": "mail", "to": ANNA}]}},
        {"email": "User-1@Shop.test"},
        ANNA,
    ],
    ids=["a member", "deep inside", "in other letters", "the text itself"],
)
def test_a_record_that_holds_an_account_is_that_accounts(record: object) -> None:
    assert named([record], {ANNA, BERTA}) == {ANNA: 1}


@pytest.mark.parametrize(
    "record",
    [
        {"id": 1, "user_id": 7},
        {"note": f"for {ANNA}, by bicycle"},
        {ANNA: "a name of a member"},
        {"from": ANNA, "to": BERTA},
        17,
        None,
    ],
    ids=["no account", "part of a text", "a key", "two accounts", "a number", "nothing"],
)
def test_a_record_that_names_no_one_account_is_nobodys(record: object) -> None:
    assert named([record], {ANNA, BERTA}) == {}


def test_records_are_counted_by_account_and_strangers_left_out() -> None:
    records = [{"email": ANNA}, {"email": BERTA}, {"email": ANNA}, {"email": "user-2@shop.test"}]
    assert named(records, {ANNA, BERTA}) == {ANNA: 2, BERTA: 1}
