"""The ranges of a target file from which its visitors say that they come: what may stand there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from harness.target.problems import Problem

# One range of the usual size: each visitor and each claim of a forger has an address of its own.
LEAST_ADDRESSES = 254
_KEY = "target.client_ip_ranges"
_LOOPBACK = ipaddress.IPv4Network("127.0.0.0/8")


def range_problems(target: Mapping[str, Any]) -> Iterator[Problem]:
    """Every mistake in ``client_ip_ranges`` that a schema cannot see."""
    ranges: list[str] = target.get("client_ip_ranges", [])
    if not ranges:
        return
    if "client_ip_header" not in target:
        lack = f"{_KEY} is never used: without target.client_ip_header everybody comes from 127.0.0.1"
        yield Problem(at=("target", "client_ip_ranges"), sentence=lack)
    wrong = {number: why for number, text in enumerate(ranges) if (why := _complaint(text))}
    for number, why in wrong.items():
        yield Problem(at=("target", "client_ip_ranges", number), sentence=f"{_KEY} names {ranges[number]!r}, {why}")
    if wrong:
        return
    total = sum(net.num_addresses - 2 for net in _merged(ranges))
    if total < LEAST_ADDRESSES:
        few = f"{_KEY} holds {total} addresses, and a lab needs {LEAST_ADDRESSES}: name a range of /24, or several"
        yield Problem(at=("target", "client_ip_ranges"), sentence=few)


def _merged(ranges: list[str]) -> Iterator[ipaddress.IPv4Network]:
    return ipaddress.collapse_addresses(map(ipaddress.IPv4Network, ranges))


def _complaint(text: str) -> str:
    """Why a text is no range for visitors, "" when it is one."""
    try:
        net = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return "which is no IPv4 range, such as '192.175.48.0/24'"
    if net.version != 4:
        return "which is a range of IPv6; say one of IPv4, such as '192.175.48.0/24'"
    if str(net) != text:
        return f"whose address is not the first of its range; did you mean {str(net)!r}?"
    return "which is this machine itself: name a range of others" if net.overlaps(_LOOPBACK) else ""
