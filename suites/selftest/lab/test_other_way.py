"""What is recorded while somebody takes the other way in is theirs; what explains a failure is what can be read."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page

from harness.certificates import Authority
from harness.lab.recorder import Recorder
from harness.lab.visitors import Visitors
from harness.lab.watching import text_seen
from harness.target.loader import find_target, load_target
from harness.target.spec import Completed, Effects, Otherwise, SubmitSpec
from suites.selftest.judge.records import visit
from suites.selftest.lab.slots import slot_in_front_of
from suites.selftest.lab.sockets import LIMIT_S, Line

pytestmark = pytest.mark.anyio


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    opened = await chromium.new_page()
    yield opened
    await opened.close()


async def read(page: Page, selector: str = "#why") -> str | None:
    return await asyncio.wait_for(text_seen(page, selector, least=10), LIMIT_S)


@pytest.mark.parametrize("selector", ["#why", "p:has-text('SMS')", "main >> p"])
async def test_what_can_be_seen_is_read(page: Page, selector: str) -> None:
    await page.set_content("<main><p id=why>No <b>SMS</b>  can\nbe sent.</p></main>")
    assert await read(page, selector) == "No SMS can be sent."


@pytest.mark.parametrize(
    "html",
    [
        "<p id=why hidden>No SMS can be sent.</p>",
        "<p id=why style='visibility: hidden'>No SMS can be sent.</p>",
        "<p id=why>&nbsp; &nbsp;</p>",
    ],
    ids=["hidden", "invisible", "blank"],
)
async def test_what_cannot_be_seen_explains_nothing(page: Page, html: str) -> None:
    await page.set_content(html)
    assert await read(page) == ""


async def test_a_hidden_part_of_what_can_be_seen_is_not_read(page: Page) -> None:
    await page.set_content("<p id=why>x<span hidden>No SMS can be sent.</span></p>")
    assert await read(page) == "x"


async def test_a_page_has_a_moment_to_say_it(page: Page) -> None:
    await page.set_content("<p id=why></p><script>setTimeout(() => why.textContent = 'No SMS can be sent.', 200)</script>")
    assert await read(page) == "No SMS can be sent."


async def test_a_page_that_is_busy_for_long_is_waited_for(page: Page) -> None:
    await page.set_content("<p id=why>No SMS can be sent.</p>")
    await page.evaluate("setTimeout(() => { const end = Date.now() + 2500; while (Date.now() < end); }, 0)")
    assert await read(page) == "No SMS can be sent."


async def test_of_a_selector_that_is_none_and_a_page_that_is_gone_nothing_is_known(page: Page) -> None:
    assert await read(page, "##") is None
    await page.close()
    assert await read(page) is None


def test_what_happens_aside_is_nobodys_who_visits() -> None:
    recorder = Recorder()
    recorder.begin("honest")
    before = time.monotonic()
    with recorder.aside("other-way"):
        assert recorder.visit == "other-way"
        meanwhile = time.monotonic()
    assert recorder.visit == "honest"
    moments = (before, meanwhile, time.monotonic())
    assert [recorder.visit_at(moment) for moment in moments] == ["honest", "other-way", "honest"]
    assert [event.what for event in recorder.events] == ["visit-begins"]


async def test_what_a_target_prints_after_the_user_is_no_word_about_the_user(
    toxiproxy_path: Path, authority: Authority
) -> None:
    printed = ["before, "]

    async def silent(line: Line) -> None:
        await line.reader.read()

    async with slot_in_front_of(silent, toxiproxy_path, authority) as bench:
        striker, _recorder = bench.striker("login-1004-frame-refused-cold")
        striker.printed = lambda: "".join(printed)
        await striker.apply()
        printed.append("the honest user's")
        striker.stop_reading()
        printed.append(", another's")
        assert striker.standing
        assert striker.printed_meanwhile == "the honest user's"
        await striker.heal()
        assert striker.printed_meanwhile == "the honest user's"


class Counting:
    """Counts what it is posted, and tells how much that was."""

    def __init__(self, status: int) -> None:
        self.count = 0
        self._status = status

    async def __call__(self, line: Line) -> None:
        while head := await line.reader.readuntil(b"\r\n\r\n"):
            posts = head.startswith(b"POST")
            self.count += posts
            body = json.dumps({"count": self.count}).encode()
            line.say(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (self._status if posts else 200, len(body), body))


class Alive:
    """A stage whose target never dies."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    async def while_alive(self, work: Awaitable[Any]) -> Any:
        return await work


@pytest.mark.parametrize(("status", "through", "of_the_visit"), [(200, True, 0), (503, False, 1)])
async def test_an_effect_of_the_other_way_is_not_the_visits(
    status: int, through: bool, of_the_visit: int, toxiproxy_path: Path, authority: Authority
) -> None:
    counting = Counting(status)
    way = Otherwise(submit=SubmitSpec(path="/way"), completed=Completed(status=200))
    target = load_target(find_target(None))
    flow = replace(target.flows["login"], effects=Effects(get="/count", count="$.count"), otherwise=way)
    async with slot_in_front_of(counting, toxiproxy_path, authority) as bench:
        stage = Alive(f"http://127.0.0.1:{bench.target_port}")
        recorder = Recorder()
        recorder.begin("honest")
        laboratory = SimpleNamespace(target=replace(target, flows={"login": flow}))
        scenario = SimpleNamespace(flow="login")
        visitors = Visitors(*cast(Any, (laboratory, bench.slot, stage, scenario, recorder, None)))
        visitors.visits.append(visit("honest", effects=0))
        taken = await visitors.take_other_way()
        assert (taken.asked, taken.status, taken.through, counting.count) == ("POST /way", status, through, 1)
        [asked] = [request for request in bench.slot.origin.log if request.method == "POST"]
        assert recorder.visit_at(asked.arrived) == "other-way"
        assert recorder.visit == "honest"
        await visitors.count_late_effects()
        assert visitors.visits[-1].effects == of_the_visit
