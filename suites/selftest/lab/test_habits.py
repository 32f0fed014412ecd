"""A habit is marked as done when it was done, and only then: a click that failed is none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from playwright.async_api import Browser, Page, Route

from harness.catalog import Behaviour, Habit
from harness.errors import LaboratoryError
from harness.lab import habits
from harness.lab.habits import PressesAgain, solve_late
from harness.lab.recorder import Recorder
from harness.lab.user import User

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
    habits = {"pressed-again", "nothing-to-press", "solved-late", "nothing-late", "habit-failed"}
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
