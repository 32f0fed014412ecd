"""The page's clock moves only where nothing but timers can end the wait, and what it does to a page is what time would do."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page

from harness.certificates import Authority
from harness.lab.clock import STEP_MS, PageClock
from harness.lab.lab import Lab
from harness.lab.recorder import Recorder
from harness.lab.window import open_window
from harness.providers.base import PROVIDERS
from suites.selftest.lab.slots import Bench, slot_in_front_of
from suites.selftest.lab.sockets import LIMIT_S, Line

pytestmark = pytest.mark.anyio
FRAME = "https://turing.captcha.gtimg.com/1/tcaptcha-frame.0123abcd.js"
FRAMES_HOST = "frames.example"
IFRAME = b"""<!DOCTYPE html><script>
for (const s of [3, 7, 11]) setTimeout(() => parent.postMessage(s, "*"), s * 1000);
</script>"""
# Hangs a script on the vendor's host, as a page that has just loaded does.
HANG = f"() => document.head.append(Object.assign(document.createElement('script'), {{src: '{FRAME}'}}))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A page through a slot whose frame link hangs once something asks for it."""

    page: Page
    recorder: Recorder
    bench: Bench


async def target(line: Line) -> None:
    """``/slow`` is answered after two real seconds, the rest at once."""
    while True:
        head = await line.reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1]
        if path == b"/slow":
            await asyncio.sleep(2)  # the slowness itself
        body = IFRAME if path == b"/iframe" else b"<!DOCTYPE html><title>page</title>"
        line.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


BUSY_MS = 500


@pytest.fixture
def hanging(chromium: Browser, toxiproxy_path: Path, authority: Authority) -> Callable[..., Any]:
    """Open such a page; the clock is set behind by ``behind_ms``."""

    @contextlib.asynccontextmanager
    async def opened(behind_ms: float = 0) -> AsyncIterator[Window]:
        async with slot_in_front_of(target, toxiproxy_path, authority) as bench:
            slot = bench.slot
            scenario = next(s for s in bench.plan.scenarios if s.id == "login-1002-frame-hang-cold")
            striker, recorder = bench.striker(scenario.id)
            shared = SimpleNamespace(
                target=SimpleNamespace(flows={"login": None}, client_ip_header=None, client_ip_ranges=("192.175.48.0/24",)),
                links=bench.plan.links, browser=chromium, provider=PROVIDERS.get("tencent_web"), watch=None,
                takes_every_certificate=False,
            )  # fmt: skip
            lab = Lab(cast(Any, shared), slot, scenario, real_time=False)
            context, traffic = await open_window(cast(Any, shared), slot, recorder, profile="desktop", look_into=())
            clock = PageClock(
                context,
                recorder,
                may_advance=lambda: lab._only_timers_can_end_it(striker, traffic),
                changed=lambda: max(traffic.changed, slot.last_activity()),
            )
            await clock.install(behind_ms=behind_ms)
            slot.router.route(FRAMES_HOST, 80, slot.proxies["127.0.0.1"].port)
            page = await context.new_page()
            recorder.begin("honest")
            await striker.before_load()
            await page.goto(f"http://127.0.0.1:{bench.target_port}/")
            try:
                yield Window(page=page, recorder=recorder, bench=bench)
            finally:
                await clock.stop()
                await striker.heal()
                await context.close()

    return opened


async def soon(waiting: Any) -> Any:
    return await asyncio.wait_for(waiting, LIMIT_S)


async def test_a_timer_of_thirty_seconds_behind_a_hang_fires_without_thirty_seconds(hanging: Callable[..., Any]) -> None:
    async with hanging() as window:
        await window.page.evaluate(HANG)
        await soon(window.page.evaluate("() => new Promise(done => setTimeout(done, 30000))"))
        assert window.recorder.advanced_ms > 10_000
        assert window.recorder.clock == "advanced"


async def test_nothing_is_advanced_while_nothing_hangs(hanging: Callable[..., Any]) -> None:
    async with hanging() as window:
        await soon(window.page.evaluate("() => new Promise(done => setTimeout(done, 1500))"))
        assert window.recorder.advances == []
        assert window.recorder.clock == "installed", "its Date stands in the past all the same"


async def test_a_real_answer_of_two_seconds_never_times_out_at_fifteen_virtual_ones(hanging: Callable[..., Any]) -> None:
    async with hanging() as window:
        await window.page.evaluate(HANG)
        asked = window.page.evaluate("""() => Promise.race([
          fetch("/slow").then(answer => "answered " + answer.status),
          new Promise(done => setTimeout(() => done("timed out"), 15000)),
        ])""")
        assert await soon(asked) == "answered 200"
        slow = next(request for request in window.bench.slot.origin.log if request.path == "/slow")
        during = [at for at, _total in window.recorder.advances if slow.arrived < at < (slow.answered or 0)]
        assert during == []


async def test_timers_of_page_and_cross_origin_iframe_fire_in_their_order(hanging: Callable[..., Any]) -> None:
    async with hanging() as window:
        await window.page.evaluate(f"""() => new Promise(ready => {{
          window.fired = [];
          onmessage = event => fired.push(event.data);
          const frame = Object.assign(document.createElement("iframe"), {{src: "http://{FRAMES_HOST}/iframe"}});
          frame.onload = () => {{
            for (const s of [1, 5, 9, 13]) setTimeout(() => fired.push(s), s * 1000);
            ready();
          }};
          document.body.append(frame);
        }})""")
        await window.page.evaluate(HANG)
        await soon(window.page.evaluate("() => new Promise(done => setTimeout(done, 16000))"))
        assert await window.page.evaluate("fired") == [1, 3, 5, 7, 9, 11, 13]
        assert window.recorder.advanced_ms > 0


async def test_page_time_is_real_time_and_what_was_advanced(hanging: Callable[..., Any]) -> None:
    async with hanging() as window:

        async def both() -> tuple[float, float, float]:
            before = window.recorder.moment().page_ms
            inside = await window.page.evaluate("performance.now()")
            return before, float(inside), window.recorder.moment().page_ms

        first = await both()
        await window.page.evaluate(HANG)
        await soon(window.page.evaluate("() => new Promise(done => setTimeout(done, 20000))"))
        last = await both()
        passed = last[1] - first[1]
        assert passed >= 20_000
        # One step may have been made in the page and not yet been noted, or the other way round; and a page's clock goes on
        # when its thread is given the time, which a busy machine does late.
        slack_ms = STEP_MS + BUSY_MS
        assert last[0] - first[2] - slack_ms <= passed <= last[2] - first[0] + slack_ms


async def test_what_arrives_while_a_step_is_being_made_came_after_it(hanging: Callable[..., Any]) -> None:
    async with hanging() as window:
        await window.page.evaluate(HANG)
        step = window.page.context.clock.run_for
        arrived: list[float] = []

        async def run_for(ticks: int) -> None:
            await step(ticks)
            arrived.append(time.monotonic())

        window.page.context.clock.run_for = run_for
        await soon(window.page.evaluate("() => new Promise(done => setTimeout(done, 3000))"))
        passed_ms = window.recorder.moment(arrived[1]).page_ms - window.recorder.moment(arrived[0]).page_ms
        assert passed_ms >= STEP_MS
        first = window.recorder.moment(arrived[0])
        assert first.page_ms - first.at_ms == pytest.approx(STEP_MS)


async def test_a_clock_that_starts_behind_tells_the_true_time_when_the_wait_is_over(hanging: Callable[..., Any]) -> None:
    async with hanging(behind_ms=45_000) as window:
        await window.page.evaluate(HANG)
        said = await soon(window.page.evaluate("() => new Promise(done => setTimeout(() => done(Date.now()), 45000))"))
        true = window.recorder.unix_s(window.recorder.advances[-1][0])
        assert abs(said / 1000 - true) < 60
        assert window.recorder.advanced_ms > 20_000


async def test_who_waits_for_page_time_is_woken_by_an_advance() -> None:
    recorder = Recorder()
    waiting = asyncio.create_task(recorder.until_page_ms(recorder.moment().page_ms + 3_600_000))
    await asyncio.sleep(0)
    recorder.advance(1_800_000)
    await asyncio.sleep(0)
    assert not waiting.done()
    recorder.advance(1_900_000)
    await asyncio.wait_for(waiting, LIMIT_S)


async def test_who_waits_for_page_time_is_woken_by_real_time_too() -> None:
    recorder = Recorder()
    target_ms = recorder.moment().page_ms + 200
    await asyncio.wait_for(recorder.until_page_ms(target_ms), LIMIT_S)
    assert recorder.moment().page_ms >= target_ms


def test_a_moment_before_an_advance_keeps_its_page_time() -> None:
    recorder = Recorder()
    early = recorder.began + 1.0
    recorder.advances.append((recorder.began + 2.0, 20_000.0))
    assert recorder.moment(early).page_ms == 1000
    assert recorder.moment(recorder.began + 3.0).page_ms == 23_000
