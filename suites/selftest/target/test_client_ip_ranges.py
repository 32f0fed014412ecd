"""The target file may say from which addresses the lab's visitors come; what can be none of theirs is refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.target.loader import load_target

Write = Callable[..., Path]
READY = 'ready = "/healthz"\n'
HEADER = 'client_ip_header = "X-Forwarded-For"\n'


def test_left_out_they_are_public_to_every_library(write: Write) -> None:
    ranges = [ipaddress.ip_network(text) for text in load_target(write()).client_ip_ranges]
    assert sum(net.num_addresses for net in ranges) > 700
    assert all(net.is_global and not net.is_private and not net.is_reserved for net in ranges)


def test_they_are_read(write: Write) -> None:
    told = f'{READY}{HEADER}client_ip_ranges = ["100.64.0.0/25", "100.64.1.0/25", "10.9.0.0/30"]\n'
    assert load_target(write((READY, told))).client_ip_ranges == ("100.64.0.0/25", "100.64.1.0/25", "10.9.0.0/30")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ('client_ip_range = ["10.9.0.0/24"]', "target.client_ip_range is not a known key; did you mean 'client_ip_ranges'?"),
        ('client_ip_ranges = "10.9.0.0/24"', "target.client_ip_ranges must be a list of IPv4 ranges"),
        ("client_ip_ranges = []", "target.client_ip_ranges must be a list of IPv4 ranges"),
        ('client_ip_ranges = ["10.9.0.7/24"]', "not the first of its range; did you mean '10.9.0.0/24'?"),
        ('client_ip_ranges = ["everywhere"]', "'everywhere', which is no IPv4 range, such as '192.175.48.0/24'"),
        ('client_ip_ranges = ["10.9.0.0/33"]', "'10.9.0.0/33', which is no IPv4 range"),
        ('client_ip_ranges = ["2001:db8::/64"]', "'2001:db8::/64', which is a range of IPv6"),
        ('client_ip_ranges = ["127.9.0.0/16"]', "'127.9.0.0/16', which is this machine itself"),
        ('client_ip_ranges = ["10.9.0.0/25", "10.9.0.0/26"]', "holds 126 addresses, and a lab needs 254"),
    ],
)  # fmt: skip
def test_a_mistake_is_answered(write: Write, complaint: Callable[[Path], str], said: str, answer: str) -> None:
    assert answer in complaint(write((READY, f"{READY}{HEADER}{said}\n")))


def test_without_the_header_nobody_is_told_of_them(write: Write, complaint: Callable[[Path], str]) -> None:
    said = complaint(write((READY, f'{READY}client_ip_ranges = ["10.9.0.0/24"]\n')))
    assert "target.client_ip_ranges is never used: without target.client_ip_header everybody comes from 127.0.0.1" in said
