"""Each errorCode comes from its cause on the wire, with the notes' message, fields and waiting time."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.stage import APP_ID, Stage, breaks_off, hangs, says, status

pytestmark = pytest.mark.anyio
# Page time runs on in real time too, and is looked at every 500 ms.
LATE_MS = 4_000
CLOCKS_APART_MS = 150


def documented(result: dict[str, Any], code: int, *, prefix: str = "terror") -> None:
    """Assert that a result is the fallback of ``code``, in every field as the notes have it."""
    assert set(result) == notes.FALLBACK_FIELDS
    assert (result["ret"], result["errorCode"], result["errorMessage"]) == (0, code, notes.MESSAGES[code])
    assert notes.RANDSTR.fullmatch(result["randstr"])
    sid = f"_{notes.SESSION_ID.pattern}" if code in notes.WITH_SESSION_ID else ""
    assert re.fullmatch(rf"{prefix}_{code}_{APP_ID}_[0-9]{{10}}{sid}", result["ticket"]), result["ticket"]


async def after(stage: Stage, waited_ms: int, since: str = "shown") -> None:
    took = await stage.took_ms(since)
    assert waited_ms - 50 <= took <= waited_ms + LATE_MS, f"{took:.0f} ms of page time, documented: {waited_ms}"


async def test_1002_when_the_frame_script_hangs_and_show_is_called_at_once(stage: Stage) -> None:
    stage.breaks("frame", hangs)
    await stage.open(virtual=True)
    await stage.click()
    documented(await stage.advance_to_result(), 1002)
    await after(stage, notes.SHOW_TIMEOUT_MS)


async def test_1003_in_the_older_build_when_the_frame_script_hangs_and_the_click_comes_late(stage: Stage) -> None:
    stage.breaks("frame", hangs)
    await stage.open(virtual=True)
    await stage.advance(26_000)
    await stage.click()
    documented(await stage.advance_to_result(), 1003)
    await after(stage, notes.FRAME_TIMEOUT_MS, "constructed")


async def test_1003_does_not_exist_in_the_newer_build_where_a_timeout_is_an_error(stage: Stage) -> None:
    stage.breaks("frame", hangs)
    await stage.open(virtual=True, build="newer")
    await stage.advance(26_000)
    await stage.click()
    documented(await stage.advance_to_result(), 1004)
    await after(stage, notes.FRAME_TIMEOUT_MS, "constructed")


async def test_1004_when_the_frame_script_fails_on_every_source_in_order(stage: Stage) -> None:
    stage.breaks("frame", breaks_off)
    await stage.open()
    await stage.arrived("frame", notes.FRAME_ATTEMPTS)
    assert await stage.results() == [], "nothing is delivered before show()"
    await stage.click()
    documented(await stage.result(), 1004)
    await after(stage, 0)
    assert stage.hosts("frame") == [
        "turing.captcha.gtimg.com", "global.turing.captcha.gtimg.com", "turing.captcha.qcloud.com",
    ]


async def test_1004_carries_a_timestamp_of_now(stage: Stage) -> None:
    stage.breaks("frame", status(404))
    await stage.open()
    await stage.click()
    result = await stage.result()
    assert abs(int(result["ticket"].split("_")[3]) - time.time()) <= 2


async def test_1004_is_forgotten_by_the_next_show_when_the_frame_script_is_back(stage: Stage) -> None:
    stage.breaks("frame", breaks_off)
    await stage.open()
    await stage.click()
    documented(await stage.result(), 1004)
    stage.heals("frame")
    await stage.click()
    await stage.visible()
    await stage.solve()
    assert (await stage.result(2))["ticket"].startswith("tr0")


@pytest.mark.parametrize("body", ["throw new Error('broken');", "", "var nothing = 1;", "(function () {"])
async def test_1005_when_the_frame_script_does_not_run(stage: Stage, body: str) -> None:
    stage.breaks("frame", says(body))
    await stage.open()
    await stage.click()
    documented(await stage.result(), 1005)


async def test_1006_when_the_configuration_fails_three_times(stage: Stage) -> None:
    stage.breaks("config", breaks_off)
    await stage.open()
    await stage.click()
    documented(await stage.result(), 1006)
    assert stage.count("config") >= notes.CONFIG_ATTEMPTS
    await after(stage, 0)


async def test_1006_when_the_configuration_hangs(stage: Stage) -> None:
    stage.breaks("config", hangs)
    await stage.open(virtual=True)
    await stage.click()
    await stage.arrived("config")
    documented(await stage.advance_to_result(), 1006)
    await after(stage, notes.CONFIG_TIMEOUT_MS)


@pytest.mark.parametrize("body", ["", "_aq_1({});", "}{", "/* nothing */"])
async def test_1006_when_the_configuration_is_garbage_only_after_its_timer(stage: Stage, body: str) -> None:
    stage.breaks("config", says(body))
    await stage.open(virtual=True)
    await stage.click()
    await stage.arrived("config")
    documented(await stage.advance_to_result(), 1006)
    await after(stage, notes.CONFIG_TIMEOUT_MS)
    assert stage.count("config") == 1


@pytest.mark.parametrize("body", ["<html>portal</html>", "{\"state\":1}"])
async def test_1006_at_once_when_the_browser_itself_blocks_the_configuration_as_html_or_json(stage: Stage, body: str) -> None:
    stage.breaks("config", says(body))
    await stage.open()
    await stage.click()
    documented(await stage.result(), 1006)
    assert stage.count("config") == notes.CONFIG_ATTEMPTS


async def test_1007_when_the_template_check_hangs_on_both_sources(stage: Stage) -> None:
    stage.breaks("template", hangs)
    await stage.open(virtual=True)
    await stage.click()
    await stage.arrived("template")
    documented(await stage.advance_to_result(), 1007)
    await after(stage, notes.TEMPLATE_TIMEOUT_MS)
    assert stage.hosts("template") == ["turing.captcha.gtimg.com", "turing.captcha.qcloud.com"]
    assert stage.count("iframe") == 0


@pytest.mark.parametrize("fault", [hangs, breaks_off], ids=["hangs", "breaks off"])
async def test_1008_when_the_check_passes_and_the_iframe_never_loads(stage: Stage, fault: Any) -> None:
    stage.breaks("iframe", fault)
    await stage.open(virtual=True)
    await stage.click()
    await stage.arrived("iframe")
    documented(await stage.advance_to_result(), 1008)
    await after(stage, notes.IFRAME_TIMEOUT_MS)
    assert stage.count("template") == 1


@pytest.mark.parametrize(("code", "link"), [(1009, "library"), (1010, "slider")])
async def test_1009_and_1010_when_a_script_of_the_challenge_does_not_load(stage: Stage, code: int, link: str) -> None:
    stage.breaks(link, status(404))
    await stage.open()
    await stage.click()
    documented(await stage.result(), code)
    assert stage.count(link) == 3


@pytest.mark.parametrize(("code", "link"), [(1009, "library"), (1010, "slider")])
async def test_1009_and_1010_in_the_newer_build_when_such_a_script_hangs(stage: Stage, code: int, link: str) -> None:
    stage.breaks(link, hangs)
    await stage.open(virtual=True, build="newer")
    await stage.click()
    await stage.arrived(link)
    documented(await stage.advance_to_result(), code)
    await after(stage, notes.SCRIPT_TIMEOUT_MS)


async def test_1009_when_the_library_is_empty(stage: Stage) -> None:
    stage.breaks("library", says(""))
    await stage.open()
    await stage.click()
    documented(await stage.result(), 1009)


@pytest.mark.parametrize("body", ["throw new Error('broken');", "", "window.DyEle = function () { throw new Error('x'); };"])
async def test_1011_when_the_slider_script_throws(stage: Stage, body: str) -> None:
    stage.breaks("slider", says(body))
    await stage.open()
    await stage.click()
    documented(await stage.result(), 1011)


async def test_1012_when_the_refresh_fails_three_times(stage: Stage) -> None:
    await stage.open(virtual=True)
    await stage.click()
    await stage.visible()
    stage.breaks("refresh", status(500))
    began = await stage.page.evaluate("performance.now()")
    await stage.solve(refresh=True)
    documented(await stage.result(), 1012)
    assert stage.count("refresh") == 3
    assert stage.count("verify") == 0
    # Popup and page have a virtual clock each, and a busy machine lets one go on before the other.
    took = await stage.page.evaluate("began => results[0].at - began", began)
    assert took >= notes.AFTER_FAILURE_MS - CLOCKS_APART_MS


@pytest.mark.parametrize(("code", "link"), [(1012, "refresh"), (1013, "verify")])
async def test_1012_and_1013_when_the_answer_hangs_three_times(stage: Stage, code: int, link: str) -> None:
    await stage.open(virtual=True)
    await stage.click()
    await stage.visible()
    stage.breaks(link, hangs)
    frame = stage.page.frame_locator("#tcaptcha_iframe_dy")
    if link == "refresh":
        await frame.locator("#e_reload").click()
    else:
        await stage.solve()
    began = await stage.page.evaluate("performance.now()")
    await stage.arrived(link)
    documented(await stage.advance_to_result(), code)
    took = await stage.page.evaluate("began => results[0].at - began", began)
    assert notes.RETRIES_TIMEOUT_MS - 500 <= took <= notes.RETRIES_TIMEOUT_MS + LATE_MS
    assert stage.count(link) == 3


async def test_1014_in_the_newer_build_when_the_configuration_says_217(stage: Stage) -> None:
    stage.vendor.responses.set("config", _state_217, "broken")
    await stage.open(build="newer")
    await stage.click()
    documented(await stage.result(), 1014)
    await after(stage, 0)


async def test_1014_does_not_exist_in_the_older_build(stage: Stage) -> None:
    stage.vendor.responses.set("config", _state_217, "broken")
    await stage.open(virtual=True)
    await stage.click()
    await stage.arrived("config")
    documented(await stage.advance_to_result(), 1006)


def _state_217(answer: Any, asked: Any) -> Any:
    return says(f"{asked.query['callback']}({{\"state\":217}})")(answer, asked)
