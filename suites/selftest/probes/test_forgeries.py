"""What a forger writes is what its label says, read by the grammar of tickets."""

from __future__ import annotations

import pytest

from harness.errors import LaboratoryError
from harness.lab.forgeries import Forger, honest
from harness.tickets import TicketKind, read

APP, NOW_S = "199999164", 1_700_000_000


def forger() -> Forger:
    return Forger(app_id=APP, now_s=NOW_S, seed="login-forged")


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


def test_what_is_replayed_is_the_same_ticket_and_randstr_from_another_account():
    (first,), (again,) = forger().replay()
    assert (first.ticket, first.randstr) == (again.ticket, again.randstr)
    assert first.account != again.account


def test_a_provider_without_a_good_ticket_is_said_to_have_none():
    with pytest.raises(LaboratoryError, match="no good ticket"):
        honest(())


def test_the_same_seed_writes_the_same():
    assert list(forger().crowd()) == list(forger().crowd())
