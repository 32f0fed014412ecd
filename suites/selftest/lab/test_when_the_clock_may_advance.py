"""The clock may advance only while every request in flight hangs on the broken link, has reached it, and nobody works."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from harness.catalog import Side
from harness.lab.lab import Lab
from harness.lab.recorder import Recorder
from harness.lab.router import Connection, Router

HOST = "vendor.example"


def silent() -> Connection:
    """A connection with a question out and nothing back."""
    return Connection(host=HOST, port=443, side=Side.BROWSER, opened=1.0, bytes_up=100, last_up=2.0)


def may_advance(
    *,
    requests: int,
    connections: int,
    owed_at: str = "",
    busy: bool = False,
    link: str = "frame",
    recorder: Recorder | None = None,
) -> bool:
    """Ask a lab whose fault hangs ``link``, with so many requests in flight and silent connections open."""
    router = Router()
    router.log += [silent() for _ in range(connections)]
    log = [SimpleNamespace(answered=None, lost=False, link=owed_at)] if owed_at else []
    lab: Any = object.__new__(Lab)
    lab._recorder = recorder or Recorder()
    lab._link = SimpleNamespace(name=link, hosts=(HOST,))
    lab._slot = SimpleNamespace(router=router, provider=SimpleNamespace(log=log), origin=SimpleNamespace(busy=busy))
    flights = [SimpleNamespace(host=HOST, link=link) for _ in range(requests)]
    striker = SimpleNamespace(applied=1.5, standing=True)
    return bool(lab._only_timers_can_end_it(striker, SimpleNamespace(in_flight=lambda: flights)))


def test_it_may_when_each_request_has_a_silent_connection_of_its_own() -> None:
    assert may_advance(requests=2, connections=2)


def test_a_request_that_starves_behind_hung_ones_has_not_reached_the_fault() -> None:
    assert not may_advance(requests=7, connections=6)


def test_nothing_advances_while_nothing_is_in_flight() -> None:
    assert not may_advance(requests=0, connections=1)


@pytest.mark.parametrize("link", ["verdict", "config"])
def test_the_provider_owes_an_answer_on_another_link(link: str) -> None:
    assert not may_advance(requests=1, connections=1, owed_at=link)


def test_what_the_provider_owes_on_the_broken_link_itself_is_the_hang() -> None:
    assert may_advance(requests=1, connections=1, owed_at="frame")


def test_the_target_still_works() -> None:
    assert not may_advance(requests=1, connections=1, busy=True)


def test_a_user_waits_for_a_code_that_the_target_sends() -> None:
    recorder = Recorder()
    with recorder.code_awaited():
        assert not may_advance(requests=1, connections=1, recorder=recorder)
    assert may_advance(requests=1, connections=1, recorder=recorder)


def test_a_target_that_works_on_a_hung_submit_is_the_hang() -> None:
    assert may_advance(requests=1, connections=1, busy=True, link="submit")
