"""A habit is marked as done when it was done, and only then: a click that failed is none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page, Route

from harness.catalog import Behaviour, Habit
from harness.errors import LaboratoryError
from harness.journal.model import Visit
from harness.lab import habits
from harness.lab.habits import PressesAgain, Together, solve_late
from harness.lab.handle import User
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.visitors import Visitors

pytestmark = pytest.mark.anyio
SHOP = "http://shop.test"
BUTTON = "<button id=go>Buy</button>"
# What a page may do with its button once the submit has left.
KEPT = ""
TAKEN_AWAY = "document.getElementById('go').remove()"
HIDDEN = "document.getElementById('go').hidden = true"
OUT_OF_REACH = "document.getElementById('go').style = 'position: fixed; left: -500px'"


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    opened = await chromium.new_page()

    async def answer(route: Route) -> None:
        if route.request.method == "GET":
            await route.fulfill(content_type="text/html", body=BUTTON)

    await opened.route("**/*", answer)
    await opened.goto(SHOP)
    yield opened
    await opened.close()


class Person:
    """Sees a challenge where the page has one, and by solving it sets off what the page does then."""

    def __init__(self, then: str = "", *, fails: Exception | None = None) -> None:
        self._then = then
        self._fails = fails

    async def challenge_visible(self, page: Page) -> None:
        await page.locator("#challenge").wait_for(timeout=0)

    async def solve(self, page: Page, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        await page.evaluate(self._then or "0")
        if self._fails is not None:
            raise self._fails
        await mark("dragged")


async def show_challenge(page: Page) -> None:
    await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p id=challenge>Drag the slider</p>')")


async def nothing() -> None:
    return


def marks(recorder: Recorder) -> list[tuple[str, str]]:
    habits = {"second-tab-sent-nothing", "pressed-again", "nothing-to-press", "solved-late", "nothing-late", "habit-failed"}
    return [(event.what, event.detail) for event in recorder.events if event.what in habits]


async def press_again(page: Page, then: str) -> list[tuple[str, str]]:
    """Buy as this user does, at a page that does this when its submit leaves; returns what became of the habit."""
    sends = f"fetch('/orders', {{ method: 'POST' }}); {then}; document.getElementById('challenge').remove()"
    recorder, plain = Recorder(), cast(Any, SimpleNamespace(step_up=None))
    user = User(
        base_url=SHOP, spec=plain, account="", behaviour=Behaviour(habit=Habit.PRESSES_AGAIN),
        human=Person(sends), recorder=recorder, on_click=nothing,
    )  # fmt: skip
    handle = PressesAgain(user, page)
    await show_challenge(page)
    await handle.show(page, "#go")
    buying = asyncio.ensure_future(handle.captcha(page))
    async with asyncio.timeout(10):
        while not marks(recorder):  # noqa: ASYNC110 - the notebook has no event
            await asyncio.sleep(0.01)
    handle.onwards.set_result(0)
    await buying
    await handle.stop()
    return marks(recorder)


@pytest.mark.parametrize(
    ("then", "what", "why"),
    [
        (KEPT, "pressed-again", "#go"),
        (TAKEN_AWAY, "nothing-to-press", "can no longer be seen"),
        (HIDDEN, "nothing-to-press", "can no longer be seen"),
        (OUT_OF_REACH, "habit-failed", "the click failed: "),
    ],
)
async def test_a_second_press_counts_when_it_was_made_or_when_the_page_left_nothing_to_press(
    page: Page, then: str, what: str, why: str
) -> None:
    [(seen, detail)] = await press_again(page, then)
    assert seen == what
    assert why in detail


async def late(page: Page, person: Person) -> list[tuple[str, str]]:
    recorder, slot = Recorder(), SimpleNamespace(origin=SimpleNamespace(on_answer=None))
    await solve_late(page, person, cast(Any, slot), cast(Any, SimpleNamespace(step_up=None)), recorder)
    assert slot.origin.on_answer is None
    return marks(recorder)


async def test_a_late_challenge_that_is_kept_out_of_sight_leaves_nothing_to_solve(page: Page) -> None:
    assert await late(page, Person()) == [("nothing-late", "no challenge could be seen")]


async def test_a_late_challenge_that_is_solved_is_marked_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(habits, "LATE_SENT_S", 0.05)
    await show_challenge(page)
    assert await late(page, Person()) == [("solved-late", "")]


async def test_a_late_challenge_that_stays_and_could_not_be_solved_is_no_habit_that_took_place(page: Page) -> None:
    await show_challenge(page)
    person = Person(fails=TimeoutError("the handle did not move"))
    assert await late(page, person) == [("habit-failed", "the late challenge was not solved: the handle did not move")]


async def test_a_page_that_takes_its_late_challenge_away_is_right(page: Page) -> None:
    await show_challenge(page)
    gone = Person("document.getElementById('challenge').remove()", fails=LaboratoryError("the puzzle went away"))
    assert await late(page, gone) == [("nothing-late", "the challenge went away")]


class TwoTabs:
    """One user's two tabs at the door: each asks for the captcha, and sends what its page lets it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, waits_s: float, more_s: float) -> None:
        monkeypatch.setattr(habits, "TOGETHER_LIMIT_S", waits_s)
        monkeypatch.setattr(habits, "MORE_TIME_S", more_s)
        self.recorder = Recorder()
        self.recorder.begin("honest")
        self.door = Together(cast(Any, SimpleNamespace(submit=None, aid=None)), 2, self.recorder)

    def asks(self) -> None:
        self.recorder.mark("clicked-show")

    async def sends(self, *, method: str = "POST") -> float:
        """How long it was held, in seconds."""
        came_s = time.monotonic()
        request = OriginRequest(method=method, path="/login", arrived=came_s)
        await self.door(request)
        assert (request.arrived > came_s) is (method == "POST"), "what the server is given for it begins when it goes in"
        return time.monotonic() - came_s

    def held_ms(self) -> float:
        return self.door.held_ms(0, self.recorder.moment().page_ms)


async def test_two_submits_go_in_together(monkeypatch: pytest.MonkeyPatch) -> None:
    tabs = TwoTabs(monkeypatch, waits_s=5, more_s=1)
    first = asyncio.ensure_future(tabs.sends())
    assert await tabs.sends(method="GET") < 0.1
    assert not (await asyncio.wait({first}, timeout=0.1))[0]
    assert await tabs.sends() < 0.1
    assert 0.1 <= await first < 1
    assert marks(tabs.recorder) == []
    assert 100 <= tabs.held_ms() < 1000


async def test_a_page_that_lets_one_tab_alone_submit_is_held_for_a_while_and_that_is_no_time_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tabs = TwoTabs(monkeypatch, waits_s=0.3, more_s=0.1)
    tabs.asks()
    tabs.asks()
    assert 0.1 <= await tabs.sends() < 0.25, "no longer than the other tab needs at the most"
    [(what, why)] = marks(tabs.recorder)
    assert what == "second-tab-sent-nothing"
    assert why.startswith("nothing in ")
    assert 100 <= tabs.held_ms() < 250
    assert tabs.door.held_ms(0, 1) < 2, "no more than lies in the time that is asked for"
    assert await tabs.sends() < 0.1, "who comes after the partner's time is not held"


@pytest.mark.parametrize(("asks", "why"), [(1, "only 1 of 2 tabs came to ask for the captcha"), (2, "nothing in ")])
async def test_a_tab_that_had_no_time_to_submit_is_no_page_that_forbids_it(
    monkeypatch: pytest.MonkeyPatch, asks: int, why: str
) -> None:
    tabs = TwoTabs(monkeypatch, waits_s=0.2, more_s=10)
    for _ in range(asks):
        tabs.asks()
    await tabs.sends()
    [(what, detail)] = marks(tabs.recorder)
    assert what == "habit-failed"
    assert detail.startswith(why)


async def test_a_door_that_was_opened_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    tabs = TwoTabs(monkeypatch, waits_s=5, more_s=1)
    tabs.door.open()
    assert await tabs.sends() < 0.1
    assert tabs.held_ms() < 100


async def test_what_a_submit_was_held_is_none_of_the_visits_times(monkeypatch: pytest.MonkeyPatch) -> None:
    tabs = TwoTabs(monkeypatch, waits_s=0.3, more_s=10)
    began = tabs.recorder.moment()
    held_ms = await tabs.sends() * 1000
    plan = SimpleNamespace(flow="login")
    bench = SimpleNamespace(target=SimpleNamespace(flows={"login": None}, observe=None))
    visitors = Visitors(cast(Any, bench), *cast(Any, (None, None, plan)), tabs.recorder, nothing)
    visitors.visits.append(
        Visit(
            name="honest", outcome="unverified", began=began, ended=began, clicked=began, effects=1,
            fallback_ms=held_ms + 40, business_ms=held_ms + 900,
        )
    )  # fmt: skip
    visitors.take_off(tabs.door)
    (visit,) = visitors.visits
    assert visit.fallback_ms == pytest.approx(40, abs=30)
    assert visit.business_ms == pytest.approx(900, abs=30)
