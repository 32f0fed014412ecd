"""The emulated timers against the notes' table, in every build: in virtual time always, in real time every night."""

from __future__ import annotations

import re
from typing import Any

import pytest

from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.pages import page_of
from suites.selftest.tencent_client.stage import APP_ID, Stage, breaks_off, hangs, says, status

pytestmark = pytest.mark.anyio
ROBOT = ".tcaptcha-robot"
FAULTS = {"breaks off": breaks_off, "throws": says("throw new Error('broken');"), "status 500": status(500)}
# Virtual time is advanced in steps of 500 ms and runs on in real time too; real time has a busy machine.
LATE_MS = 4_000
# The page clicks this long after the constructor where 1003 is to come before 1002's timer ends.
PAUSE_MS = 26_000
# One of the two that differ in no wait is left to the night.
BUILDS = ("classic", pytest.param("newer", marks=pytest.mark.nightly), "v2", "international")


def documented(result: dict[str, Any], code: int) -> None:
    """Assert the five fields, the message and the ticket's parts, to the letter."""
    assert set(result) == notes.FALLBACK_FIELDS
    assert (result["ret"], result["errorCode"], result["errorMessage"]) == (0, code, notes.MESSAGES[code])
    assert notes.RANDSTR.fullmatch(result["randstr"])
    sid = f"_{notes.SESSION_ID.pattern}" if code in notes.WITH_SESSION_ID else ""
    assert re.fullmatch(rf"terror_{code}_{APP_ID}_[0-9]{{10}}{sid}", result["ticket"]), result["ticket"]


async def show(stage: Stage, build: str, link: str) -> None:
    """Do as a user does until the link is asked: show, tick where there is something to tick, act in the puzzle."""
    await stage.click()
    if build == "international" and link != "frame":
        await stage.page.click(ROBOT)
    if link in ("refresh", "verify"):
        await stage.visible()
        await stage.page.evaluate("acted = performance.now()")
        if link == "refresh":
            await stage.page.frame_locator("#tcaptcha_iframe_dy").locator("#e_reload").click()
        else:
            await stage.solve()
            await stage.page.evaluate("acted = performance.now()")


def waited(code: int, wait_ms: int, build: str) -> int:
    if code == 1007 and build == "international":
        return notes.TEMPLATE_TIMEOUT_INTERNATIONAL_MS
    return wait_ms


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(("code", "link", "wait_ms", "since"), notes.HANGS)
async def test_a_hang_calls_back_after_the_documented_wait(
    stage: Stage, build: str, code: int, link: str, wait_ms: int, since: str
) -> None:
    stage.breaks(link, hangs)
    await stage.open(html=page_of(build), build=build, virtual=True)
    if code == 1003:
        await stage.advance(PAUSE_MS)
    await show(stage, build, link)
    await stage.arrived(link)
    result = await stage.advance_to_result(90_000)
    documented(result, 1004 if code == 1003 and build in notes.WITHOUT_1003 else code)
    took, due = await stage.took_ms(since), waited(code, wait_ms, build)
    assert due - 500 <= took <= due + LATE_MS, f"{took:.0f} ms of page time, documented: {due}"


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize(("code", "link", "fault", "wait_ms", "since"), notes.AT_ONCE)
async def test_a_failure_calls_back_at_once(
    stage: Stage, build: str, code: int, link: str, fault: str, wait_ms: int, since: str
) -> None:
    stage.breaks(link, FAULTS[fault])
    await stage.open(html=page_of(build), build=build)
    await show(stage, build, link)
    documented(await stage.result(), code)
    took = await stage.took_ms(since)
    assert wait_ms - 100 <= took <= wait_ms + LATE_MS


@pytest.mark.parametrize(("code", "link"), [(1009, "library"), (1010, "slider")])
@pytest.mark.parametrize("build", ["newer", "v2"])
async def test_a_script_of_the_puzzle_that_hangs_is_given_up_after_three_tries_of_15_s(
    stage: Stage, build: str, code: int, link: str
) -> None:
    stage.breaks(link, hangs)
    await stage.open(html=page_of(build), build=build, virtual=True)
    await show(stage, build, link)
    await stage.arrived(link)
    documented(await stage.advance_to_result(), code)
    took = await stage.took_ms("shown")
    assert notes.SCRIPT_TIMEOUT_MS - 50 <= took <= notes.SCRIPT_TIMEOUT_MS + LATE_MS


@pytest.mark.parametrize("build", ["newer", "v2"])
async def test_1014_comes_at_once_where_that_code_exists(stage: Stage, build: str) -> None:
    stage.vendor.responses.set("config", _state_217, "broken")
    await stage.open(html=page_of(build), build=build)
    await stage.click()
    documented(await stage.result(), 1014)


@pytest.mark.parametrize("build", ["classic", "international"])
async def test_1014_does_not_exist_where_1003_does(stage: Stage, build: str) -> None:
    stage.vendor.responses.set("config", _state_217, "broken")
    await stage.open(html=page_of(build), build=build, virtual=True)
    await show(stage, build, "config")
    await stage.arrived("config")
    documented(await stage.advance_to_result(), 1006)


def _state_217(answer: Any, asked: Any) -> Any:
    return says(f"{asked.query['callback']}({{\"state\":217}})")(answer, asked)


@pytest.mark.nightly
@pytest.mark.parametrize("build", ["classic", "international"])
@pytest.mark.parametrize(("code", "link", "wait_ms", "since"), notes.HANGS)
async def test_a_hang_calls_back_after_the_documented_wait_in_real_time(
    stage: Stage, build: str, code: int, link: str, wait_ms: int, since: str
) -> None:
    stage.breaks(link, hangs)
    await stage.open(html=page_of(build), build=build)
    if code == 1003:
        # The click has to come late, and a timer of the page itself is what the page's clock is.
        await stage.page.evaluate("ms => new Promise(resolve => setTimeout(resolve, ms))", PAUSE_MS)
    await show(stage, build, link)
    await stage.page.wait_for_function("window.results.length", timeout=90_000)
    documented(await stage.result(), code)
    took, due = await stage.took_ms(since), waited(code, wait_ms, build)
    assert due - 500 <= took <= due + LATE_MS, f"{took:.0f} ms, documented: {due}"
