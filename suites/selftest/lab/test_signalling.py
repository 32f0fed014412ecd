"""How a target signals its degraded mode in one visit: read before it and after it, at each place that its file names."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import pytest

from harness.journal.model import Signalled
from harness.lab.signalling import Signalling
from harness.lab.stage import Stage
from harness.target.spec import Metric, Observe

pytestmark = pytest.mark.anyio
METRIC = Metric(get="/metrics", name="captcha_degraded")
BOTH = Observe(log="captcha.degraded", metric=METRIC)


@dataclass(slots=True, kw_only=True)
class Target:
    """What a running target has printed and exposes."""

    base_url: str = ""
    times_said: int = 0
    exposed: str = ""


@asynccontextmanager
async def target(exposed: str) -> AsyncIterator[Target]:
    running = Target(exposed=exposed)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = running.exposed.encode()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        running.base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield running


def watching(running: Target, observe: Observe) -> Signalling:
    return Signalling(cast(Stage, running), observe)


async def test_a_word_is_counted_and_a_counter_read_as_what_it_rose_by() -> None:
    async with target('captcha_degraded{flow="a"} 3\n') as running:
        running.times_said = 5
        signalling = watching(running, BOTH)
        before = await signalling.read()
        assert await signalling.since(before) == Signalled(log=0, metric=0.0)
        running.times_said, running.exposed = 6, 'captcha_degraded{flow="a"} 3\ncaptcha_degraded{flow="b"} 2\n'
        assert await signalling.since(before) == Signalled(log=1, metric=2.0)


async def test_a_gauge_says_how_things_stand_when_the_visit_has_ended() -> None:
    async with target("# TYPE captcha_degraded gauge\ncaptcha_degraded 1\n") as running:
        signalling = watching(running, Observe(metric=METRIC))
        before = await signalling.read()
        assert await signalling.since(before) == Signalled(metric=1.0), "it stood before, and stands"
        running.exposed = running.exposed.replace(" 1\n", " 0\n")
        assert await signalling.since(before) == Signalled(metric=0.0)


async def test_a_counter_that_appears_when_it_first_counts_has_risen_from_nought() -> None:
    async with target("other 1\n") as running:
        signalling = watching(running, Observe(metric=METRIC))
        before = await signalling.read()
        assert await signalling.since(before) == Signalled(metric=0.0, missing="no captcha_degraded; known: other")
        running.exposed = "captcha_degraded_total 1\n"
        assert await signalling.since(before) == Signalled(metric=1.0)


GAUGE = "# TYPE captcha_degraded gauge\ncaptcha_degraded {}\n"


async def test_a_gauge_that_stands_is_read_again_until_it_has_fallen() -> None:
    async with target(GAUGE.format(2)) as running:
        signalling = watching(running, Observe(metric=METRIC))
        began_s = time.monotonic()
        asyncio.get_running_loop().call_later(0.4, lambda: setattr(running, "exposed", GAUGE.format(0)))
        seen = await signalling.settled(Signalled(metric=2.0), since_s=began_s, limit_ms=8000)
    assert seen.metric == 0.0
    assert seen.stood_ms is not None
    assert 400 <= seen.stood_ms < 4000


async def test_a_gauge_that_never_falls_is_given_up_and_what_it_said_at_last_is_kept() -> None:
    async with target(GAUGE.format(3)) as running:
        seen = await watching(running, Observe(metric=METRIC)).settled(
            Signalled(log=0, metric=2.0), since_s=time.monotonic(), limit_ms=300
        )
    assert (seen.log, seen.metric) == (0, 3.0)
    assert seen.stood_ms is not None
    assert seen.stood_ms >= 300


@pytest.mark.parametrize("seen", [Signalled(log=1), Signalled(metric=0.0), Signalled(metric=2.0)])
async def test_what_is_no_standing_gauge_is_not_waited_for(seen: Signalled) -> None:
    async with target("# TYPE captcha_degraded counter\ncaptcha_degraded 5\n") as running:
        began_s = time.monotonic()
        assert await watching(running, Observe(metric=METRIC)).settled(seen, since_s=began_s, limit_ms=60_000) == seen
        assert time.monotonic() - began_s < 5


async def test_a_target_that_names_no_place_is_not_asked() -> None:
    signalling = watching(Target(base_url="http://127.0.0.1:1"), Observe())
    assert await signalling.since(await signalling.read()) is None
