"""Several faults in one slot: each at its own moment, though they share its barriers, and one of them ends early."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.async_api import Browser

from harness.catalog import Phase, Schedule, Stroke, Warmth
from harness.certificates import Authority
from harness.faults.base import FAULTS, BrowserControls
from harness.lab.controls import ContextControls
from harness.lab.edges import edge_of
from harness.lab.fault_window import Meters, Snapshot
from harness.lab.recorder import Recorder
from harness.lab.schedule import Looks, Stroked, Strokes
from harness.lab.schedule_lab import alone
from harness.lab.slot import TARGET_HOST
from harness.lab.window import open_window
from harness.plan.schedules import scheduled
from harness.target.loader import find_target, load_target
from suites.selftest.lab.slots import Bench, slot_in_front_of, until
from suites.selftest.lab.sockets import Line
from suites.selftest.lab.test_striker import API, STRUCK, ask, shop

pytestmark = pytest.mark.anyio


def strokes(
    bench: Bench, *these: Stroke, browser: BrowserControls | None = None, recorder: Recorder | None = None
) -> tuple[Strokes, Recorder]:
    """A striker for each, on the bench's slot; nobody looks at logs or counters."""
    target = load_target(find_target(None))
    scenario, recorder = scheduled(bench.plan, target, "login", Schedule(strokes=these)), recorder or Recorder()

    async def snapshot(_link: object) -> Snapshot:
        return Snapshot()

    async def meters() -> Meters:
        return Meters()

    looks = Looks(snapshot=snapshot, meters=meters)
    each = []
    for number, stroke in enumerate(these):
        link = bench.plan.links[stroke.link]
        edge = edge_of(bench.slot, link, stroke.parameters, browser=browser)
        fault, flow = FAULTS.get(stroke.fault), target.flows["login"]
        each.append(Stroked(number, alone(scenario, number), fault, edge, link, bench.slot, recorder, flow, looks))
    return Strokes(each, bench.slot), recorder


def warm(link: str, fault: str, phase: Phase, lasts_ms: int | None = None, **numbers: int) -> Stroke:
    return Stroke(link=link, fault=fault, phase=phase, warmth=Warmth.WARM, lasts_ms=lasts_ms, parameters=tuple(numbers.items()))


async def a_page(line: Line) -> None:
    """Answer every request with an empty page."""
    page = b"<!DOCTYPE html><title>page</title><link rel=icon href=data:,><body>"
    while await line.reader.readuntil(b"\r\n\r\n"):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"
        line.say(head.encode() + page)


def done(recorder: Recorder) -> list[tuple[str, int]]:
    return [(applied.action, applied.stroke) for applied in recorder.applied]


async def test_two_links_of_one_host_are_struck_one_after_the_other_each_at_its_own_request(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench, bench.vendor(API) as line:
        both, recorder = strokes(
            bench,
            warm("refresh", "latency", Phase.MID_CHALLENGE, latency_ms=300),
            warm("verify", "reset", Phase.MID_CHALLENGE),
        )
        await both.before_load()
        assert await ask(line, "config") < 500
        assert done(recorder) == []
        began = time.monotonic()
        assert await ask(line, "refresh") < 500
        assert (time.monotonic() - began) * 1000 >= 300
        assert done(recorder) == [("apply", 0)]
        with pytest.raises(STRUCK):
            await ask(line, "verify")
        assert done(recorder) == [("apply", 0), ("apply", 1)]
        assert both.standing
        await both.heal()
        assert done(recorder)[2:] == [("heal", 1), ("heal", 0)], "the last one ends first"
        assert not both.standing
        async with bench.vendor(API) as fresh:
            assert await ask(fresh, "verify") < 500


async def test_two_toxics_on_one_link_stand_together_and_one_ends_when_it_has_lasted(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench, bench.vendor(API) as line:
        both, recorder = strokes(
            bench,
            warm("config", "latency", Phase.BEFORE_SHOW, lasts_ms=400, latency_ms=100),
            warm("config", "slicer", Phase.BEFORE_SHOW),
        )
        await both.before_load()
        assert await ask(line, "config") < 500
        proxy = bench.slot.proxies[API]
        names = {toxic.name for toxic in (await proxy.state()).toxics}
        assert names == {"latency_downstream", "slicer_downstream"}
        await until(lambda: ("heal", 0) in done(recorder))
        assert {toxic.name for toxic in (await proxy.state()).toxics} == {"slicer_downstream"}
        first = {one.action: one.moment.at_ms for one in recorder.applied if one.stroke == 0}
        assert first["heal"] - first["apply"] >= 400
        assert both.standing
        await both.heal()
        await both.settled()
        assert (await proxy.state()).toxics == ()
        assert done(recorder) == [("apply", 0), ("apply", 1), ("heal", 0), ("heal", 1)]


async def test_the_time_of_a_fault_that_stands_from_the_beginning_begins_with_the_first_who_meets_it(
    toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        early, recorder = strokes(bench, Stroke(link="entry", fault="latency", lasts_ms=200))
        await early.before_load()
        assert early.standing
        # Longer than it lasts, and nobody has met it: that nothing happens cannot be awaited.
        await asyncio.sleep(0.5)
        assert early.standing
        async with bench.vendor(API) as line:
            assert await ask(line, "entry") < 500
        await until(lambda: ("heal", 0) in done(recorder))


SCRIPT = "const script = document.createElement('script'); script.src = 'https://%s/TCaptcha.js'; document.head.append(script)"
FETCH = "fetch('https://%s/cap_union_new_getsig', {method: 'POST'}).catch(() => 0)"
FRAME = "const frame = document.createElement('iframe'); frame.src = 'https://%s/'; document.body.append(frame)"


STOPPED = (
    ("dns-failure", SCRIPT),
    ("csp-blocked", SCRIPT),
    ("csp-blocked", FETCH),
    ("csp-blocked", FRAME),
    ("extension-blocked", FETCH),
    ("offline", FETCH),
)


async def begins_with_the_first_that_it_stops(
    fault: str, asks: str, browser: Browser, toxiproxy_path: Path, authority: Authority
) -> None:
    async with slot_in_front_of(a_page, toxiproxy_path, authority) as bench:
        # The window takes no more of a laboratory's bench than these.
        provider = SimpleNamespace(observer="")
        sees = SimpleNamespace(browser=browser, provider=provider, watch=None, takes_every_certificate=False)
        recorder = Recorder()
        context, _traffic = await open_window(sees, bench.slot, recorder, profile="desktop", look_into=())  # type: ignore[arg-type]
        try:
            url = f"http://{TARGET_HOST}:{bench.target_port}"
            controls = ContextControls(context, bench.slot.router, page_url=url)
            stroke = Stroke(link="entry", fault=fault, lasts_ms=200, phase=Phase.BEFORE_LOAD)
            brief, _ = strokes(bench, stroke, browser=controls, recorder=recorder)
            page = await context.new_page()
            if fault == "offline":
                await page.goto(url)
            await brief.before_load()
            if fault != "offline":
                await page.goto(url)
            # Longer than it lasts, and nobody has met it: that nothing happens cannot be awaited.
            await asyncio.sleep(0.3)
            assert brief.standing
            await page.evaluate(asks % API)
            await until(lambda: ("heal", 0) in done(recorder))
        finally:
            await context.close()


@pytest.mark.parametrize(("fault", "asks"), STOPPED)
async def test_the_time_of_a_browsers_own_fault_begins_with_the_first_request_that_it_stops(
    fault: str, asks: str, chromium: Browser, toxiproxy_path: Path, authority: Authority
) -> None:
    await begins_with_the_first_that_it_stops(fault, asks, chromium, toxiproxy_path, authority)


@pytest.mark.nightly
@pytest.mark.parametrize(("fault", "asks"), STOPPED)
async def test_it_does_in_firefox_which_has_words_of_its_own(
    fault: str, asks: str, firefox: Browser, toxiproxy_path: Path, authority: Authority
) -> None:
    await begins_with_the_first_that_it_stops(fault, asks, firefox, toxiproxy_path, authority)


async def test_a_fault_whose_moment_never_comes_is_never_applied(toxiproxy_path: Path, authority: Authority) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench, bench.vendor(API) as line:
        both, recorder = strokes(
            bench, warm("config", "reset", Phase.BEFORE_SHOW), warm("verify", "latency", Phase.MID_CHALLENGE)
        )
        await both.before_load()
        with pytest.raises(STRUCK):
            await ask(line, "config")
        await both.heal()
        assert done(recorder) == [("apply", 0), ("heal", 0)]


async def test_nothing_is_left_in_the_slots_way_when_all_is_over(toxiproxy_path: Path, authority: Authority) -> None:
    async with slot_in_front_of(shop, toxiproxy_path, authority) as bench:
        slot = bench.slot
        both, _recorder = strokes(
            bench,
            Stroke(link="submit", fault="latency", phase=Phase.BEFORE_SUBMIT, warmth=Warmth.WARM),
            Stroke(link="config", fault="reset", phase=Phase.BEFORE_SHOW),
        )
        await both.before_load()
        await both.clicked()
        assert (slot.router.on_connect is None, slot.origin.on_request is None, slot.router.lookout is None) == (False,) * 3
        assert slot.provider.close_after == {"entry"}
        await both.heal()
        assert (slot.router.on_connect, slot.origin.on_request, slot.router.lookout) == (None, None, None)
        assert slot.provider.close_after == set()
