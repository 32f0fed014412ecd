"""What cannot strike a server that reaches a link by address over plain HTTP: it looks up no name and checks no certificate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from harness.catalog import Cause, Link, Side
from harness.target.spec import Target

NAME_AND_CERTIFICATE = frozenset({"dns-failure", "expired-certificate", "wrong-name-certificate", "unknown-ca-certificate"})


def reached_by_address(target: Target, links: Mapping[str, Link], provider: str = "") -> frozenset[str]:
    """Return the server's links whose address the target is told, where it is not told of the lab's proxy.

    One that runs already is told the address of the Toxiproxy next to it. ``provider`` is the name that the target gives the
    links' provider, "" for its main one.
    """
    if target.url is not None:
        return frozenset(name for name, link in links.items() if link.side is Side.SERVER)
    told = " ".join(target.env.values())
    if "{lab.proxy}" in told:
        return frozenset()
    servers = [name for name, link in links.items() if link.side is Side.SERVER]
    if provider:
        return frozenset(servers) if f"{{providers.{provider}.url}}" in told else frozenset()
    return frozenset(name for name in servers if f"{{links.{name}.url}}" in told)


def without_effect(cause: Cause, plain: frozenset[str]) -> bool:
    """Whether nothing of the target could ever feel this cause."""
    return cause.link in plain and cause.fault in NAME_AND_CERTIFICATE


def reasons(causes: Iterable[Cause], plain: frozenset[str]) -> tuple[str, ...]:
    """Say for each such link what is left out, and why."""
    left: dict[str, list[str]] = {}
    for cause in causes:
        if without_effect(cause, plain):
            left.setdefault(cause.link, []).append(cause.fault)
    return tuple(
        f"left out on the link {link}: {', '.join(dict.fromkeys(faults))}; the target reaches it by plain HTTP to an address "
        f"({{links.{link}.url}}, or the Toxiproxy next to one that runs already), where no name is looked up and no "
        "certificate checked"
        for link, faults in left.items()
    )
