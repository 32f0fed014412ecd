"""What certificate and browser faults tell provider, router and browser, and what they demand to hear back."""

from __future__ import annotations

import asyncio

import pytest

from harness.catalog import Place
from harness.errors import LaboratoryError
from harness.faults.base import FAULTS, Receipt
from harness.faults.csp_blocked import policy_without
from suites.selftest.faults.fault_parts import Recorder, edge

HOSTS = ("a.example", "b.example")


def told(fault: str) -> list[tuple[object, ...]]:
    parts = Recorder()
    struck = edge(parts=parts, hosts=HOSTS)
    for act in (FAULTS.get(fault).apply, FAULTS.get(fault).heal):
        assert asyncio.run(act(struck))
    return parts.told


@pytest.mark.parametrize("kind", ["expired", "wrong-name", "unknown-ca"])
def test_a_bad_certificate_is_shown_on_every_host_and_the_good_one_after(kind: str) -> None:
    shown = told(f"{kind}-certificate")
    assert shown == [("show", host, which) for which in (kind, "good") for host in HOSTS]
    assert FAULTS.get(f"{kind}-certificate").needs_cold


def test_names_are_refused_and_restored() -> None:
    assert told("dns-failure") == [("refuse_names", *HOSTS), ("restore_names", *HOSTS)]


def test_the_links_hosts_are_blocked_by_prefix_and_unblocked() -> None:
    assert told("extension-blocked") == [("block", "https://a.example/", "https://b.example/"), ("unblock",)]


def test_offline_is_taken_and_given_back() -> None:
    assert told("offline") == [("set_offline", "True"), ("set_offline", "False")]


def test_the_policy_lacks_the_links_hosts_and_allows_the_others() -> None:
    policy = policy_without(HOSTS, ("cdn.example", "a.example", "cdn.example"))
    assert policy == (
        "script-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval' https://cdn.example; "
        "frame-src 'self' data: blob: https://cdn.example; "
        "connect-src 'self' data: blob: https://cdn.example"
    )
    assert told("csp-blocked")[1] == ("remove_policy",)


def test_a_certificate_that_is_not_shown_is_caught() -> None:
    class Stubborn(Recorder):
        def show(self, host: str, kind: str) -> Receipt:
            return Receipt(place=Place.PROVIDER, asked=f"{host}: {kind}", read_back=f"{host}: good")

    with pytest.raises(LaboratoryError, match="does not stand on the link"):
        asyncio.run(FAULTS.get("expired-certificate").apply(edge(parts=Stubborn())))


@pytest.mark.parametrize("fault", ["hang", "refused", "expired-certificate"])
def test_a_link_with_nothing_to_change_is_an_error_and_no_success(fault: str) -> None:
    with pytest.raises(LaboratoryError, match="found nothing to change"):
        asyncio.run(FAULTS.get(fault).apply(edge(hosts=(), proxies=())))
