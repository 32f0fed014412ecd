"""What a forger writes is what its label says, read by the grammar of tickets."""

from __future__ import annotations

import pytest

from harness.errors import LaboratoryError
from harness.journal.model import NOTHING_BROUGHT, Limits
from harness.lab.forgeries import Forger, honest
from harness.lab.second_factor import foretold, wrong_codes
from harness.tickets import TicketKind, read

APP, NOW_S = "199999164", 1_700_000_000


def forger(**limits: int) -> Forger:
    return Forger(app_id=APP, now_s=NOW_S, seed="login-forged", limits=Limits(**limits))


@pytest.fixture
def worthless():
    return {one.label: one for together in forger().worthless(()) for one in together}


@pytest.mark.parametrize(
    ("label", "ticket"),
    [
        ("no-underscore-before-time", "terror_1001_1999991641700000000"),
        ("empty-app-id", "terror_1001__1700000000"),
        ("code-missing", "terror_199999164_1700000000"),
        ("milliseconds", "terror_1001_199999164_1700000000000"),
        ("stale", "terror_1001_199999164_1699913600"),
        ("future", "terror_1001_199999164_1700086400"),
        ("no-ticket", None),
        ("empty", ""),
    ],
)
def test_a_worthless_ticket_is_written_as_integrators_and_forgers_do(worthless, label, ticket):
    assert worthless[label].ticket == ticket


def test_a_foreign_ticket_and_a_guessed_one_are_well_formed(worthless):
    foreign, guessed = read(worthless["foreign-app-id"].ticket).ticket, read(worthless["guessed-server-ticket"].ticket).ticket
    assert foreign is not None
    assert foreign.app_id != APP
    assert guessed is not None
    assert guessed.minted_by_server
    assert len(guessed.suffix) == 40


def test_the_huge_one_is_a_hundred_thousand_characters(worthless):
    assert len(worthless["huge"].ticket) > 100_000


def test_the_crowd_is_a_hundred_well_formed_tickets_of_both_prefixes_each_for_its_own_account():
    crowd = [one for together in forger().crowd() for one in together]
    tickets = [read(one.ticket).ticket for one in crowd]
    assert len({one.account for one in crowd}) == len(crowd) == 100
    assert {ticket.prefix for ticket in tickets} == {"terror", "trerror"}
    assert {(ticket.app_id, ticket.timestamp_s) for ticket in tickets} == {(APP, NOW_S)}
    assert all(read(one.ticket).kind is TicketKind.FALLBACK for one in crowd)
    assert {ticket.code for ticket in tickets} == set(range(1001, 1015)), "every code that the vendor documents"
    assert any(ticket.suffix for ticket in tickets), "five parts, too"


def test_the_crowd_comes_all_at_once():
    assert [len(together) for together in forger().crowd()] == [100]


def test_who_comes_from_elsewhere_says_so_with_an_account_of_his_own_each_time():
    (together,) = forger().elsewhere()
    assert len({one.elsewhere for one in together} - {0}) == len(together), "an address of its own"
    assert len({one.account for one in together}) == len(together) > 5, "more than an address is given by the shop's login"


def test_an_account_that_is_used_up_is_tried_again_from_elsewhere_before_anything_else():
    one = forger()
    (burst,) = one.burst()
    again, others = one.elsewhere()
    assert {one.account for one in again} == {one.account for one in burst}
    assert burst[0].account not in {one.account for one in others}
    assert len({one.elsewhere for one in (*again, *others)} - {0}) == len(again) + len(others)


@pytest.mark.parametrize("allowed", [1, 5, 95, 120, 390])
def test_more_is_tried_than_the_target_allows_an_address_never_more_than_a_hundred_at_once(allowed):
    rounds = [len(together) for together in forger(per_address=allowed).crowd()]
    assert sum(rounds) > allowed
    assert sum(rounds) >= 100
    assert max(rounds) == 100


@pytest.mark.parametrize("allowed", [1, 5, 40])
def test_more_is_tried_at_once_on_one_account_than_the_target_allows_it(allowed):
    (together,) = forger(per_account=allowed).burst()
    assert len(together) > allowed
    assert len({one.account for one in together}) == 1


@pytest.mark.parametrize("allowed", [1, 12, 150])
def test_more_come_from_elsewhere_than_the_target_allows_an_address(allowed):
    (together,) = forger(per_address=allowed).elsewhere()
    assert len(together) > allowed


def test_what_is_allowed_without_end_is_tried_to_an_end():
    boundless = forger(per_address=10**9, per_account=10**9)
    for some in (boundless.burst(), boundless.crowd(), boundless.elsewhere()):
        assert sum(len(together) for together in some) <= 400


@pytest.mark.parametrize("label", ["stale", "future", "foreign-app-id", "empty-app-id", "guessed-server-ticket"])
def test_what_is_worthless_is_so_under_either_prefix(worthless, label):
    assert worthless[f"{label}:trerror"].ticket.startswith("trerror_")
    assert worthless[label].ticket.startswith("terror_")


def test_the_labels_of_what_is_no_ticket_are_those_that_the_oracle_knows(worthless):
    assert NOTHING_BROUGHT == ("no-ticket", "empty", "garbage", "sql-text", "script-text", "huge", "megabytes")
    assert set(NOTHING_BROUGHT) <= set(worthless)


def test_megabytes_are_megabytes(worthless):
    assert len(worthless["megabytes"].ticket) > 2 * 1024 * 1024


def test_what_is_replayed_is_the_same_ticket_and_randstr_from_another_account():
    (first,), (_other_prefix,), (again,) = forger().replay()
    assert (first.ticket, first.randstr) == (again.ticket, again.randstr)
    assert first.account != again.account


def test_before_any_limit_is_used_up_both_prefixes_are_tried_alike():
    (first,), (other,), _again = forger().replay()
    assert (first.ticket, other.ticket) == ("terror_1001_199999164_1700000000", "trerror_1001_199999164_1700000000")


def test_wrong_codes_look_like_the_right_one_and_are_not():
    codes = wrong_codes("123456")
    assert len(codes) == len(set(codes)) == 100
    assert "123456" not in codes
    assert {len(code) for code in codes} == {6}


@pytest.mark.parametrize(
    ("before", "last", "guess"),
    [("000041", "000042", "000043"), ("100000", "200000", "300000"), ("999999", "000000", "000001"), ("A1", "A1", "A1")],
)
def test_what_follows_from_two_codes_is_foretold(before, last, guess):
    assert guess in foretold(before, last)


def test_a_provider_without_a_good_ticket_is_said_to_have_none():
    with pytest.raises(LaboratoryError, match="no good ticket"):
        honest(())


def test_the_same_seed_writes_the_same():
    assert list(forger().crowd()) == list(forger().crowd())
