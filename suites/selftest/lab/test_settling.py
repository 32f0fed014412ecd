"""Effects that come late: an origin that writes its records from a queue is waited for, and not for ever."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.lab.settling import AT_MOST_S, STILL_S, settled, size
from harness.target.spec import Completed, Effects, FlowSpec

FLOW = FlowSpec(name="buy", completed=Completed(status=201), effects=Effects(get="/orders.json", count="$.orders"))


@dataclass(slots=True)
class Origin:
    """A real server that shows one order for each of these times, in seconds since it was first asked, that has come."""

    come_s: list[float] = field(default_factory=list)
    url: str = ""
    began: float | None = None

    def orders(self) -> list[object]:
        self.began = self.began or time.monotonic()
        return [f"order {at_s}" for at_s in self.come_s if time.monotonic() - self.began >= at_s]


@pytest.fixture
def origin() -> Iterator[Origin]:
    told = Origin()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"orders": told.orders()}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield told
        server.shutdown()
        thread.join()


def count(origin: Origin, told: int) -> tuple[int, float]:
    """How many orders were found, and after how many seconds."""
    began = time.monotonic()
    found = asyncio.run(settled(origin.url, FLOW, lambda number: number == told))
    return size(found), time.monotonic() - began


def test_an_order_that_is_written_late_is_no_lost_one(origin: Origin) -> None:
    origin.come_s = [0.0, 0.2, 0.5]
    found, took_s = count(origin, told=3)
    assert found == 3
    assert took_s < STILL_S


def test_what_is_there_is_asked_for_once(origin: Origin) -> None:
    origin.come_s = [0.0, 0.0, 0.4]
    assert count(origin, told=2)[0] == 2


def test_an_order_that_never_comes_is_given_up_when_the_count_stands_still(origin: Origin) -> None:
    """The second comes after 0.5 s, and from then on nothing for two seconds."""
    origin.come_s = [0.0, 0.5]
    found, took_s = count(origin, told=3)
    assert found == 2
    assert 2.4 < took_s < AT_MOST_S
