"""Why nothing of a server's arrived is told by what it did at the lab's proxy: not led there, or not trusting."""

from __future__ import annotations

from dataclasses import replace

from harness.catalog import Link, Side
from harness.lab.leading import not_reached
from harness.lab.router import Connection
from harness.providers.base import PROVIDERS
from harness.target.loader import find_target, load_target

TARGET = load_target(find_target(None))


def server_links(provider: str) -> list[Link]:
    return [link for link in PROVIDERS.get(provider).links if link.side is Side.SERVER]


def names(silent: list[Link], log: list[Connection], *, heard: set[str]) -> list[str]:
    return [one.name for one in not_reached(TARGET, silent, log, heard=heard)]


def answered(host: str) -> Connection:
    return replace(Connection(host=host, port=443, side=Side.SERVER, opened=0.0), bytes_down=1200)


def test_a_server_that_breaks_off_where_nothing_ever_arrived_does_not_trust() -> None:
    (verdict,) = [link for link in server_links("tencent_web") if link.name == "verdict"]
    assert names([verdict], [answered(verdict.hosts[0])], heard=set()) == ["provider-not-trusted"]
    assert names([verdict], [], heard=set()) == ["provider-not-reached"]


def test_a_host_on_which_another_link_was_asked_is_trusted() -> None:
    """OneAccess has one host for all that a server asks: a picture that came says that its certificate is no reason."""
    picture, *others = server_links("huawei")
    assert {link.hosts for link in others} == {picture.hosts}
    (host,) = picture.hosts
    assert names(others, [answered(host)], heard={host}) == ["provider-not-reached"]
