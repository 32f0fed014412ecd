"""The client's documented oddities: what a page meets besides tickets and codes (domain/tencent-client.md 3.2–3.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.catalog import Answer, Asked
from harness.providers.serving import Arrival
from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.stage import APP_ID, SHOP, Stage, breaks_off, hangs

pytestmark = pytest.mark.anyio
POPUP = "#tcaptcha_transform_dy"
IFRAME = "#tcaptcha_iframe_dy"


def first_time_only(rewrite: Callable[[Answer, Asked], Answer]) -> Callable[[Answer, Asked], Answer]:
    """Break the first connection's every try (Chromium tries a dead one again by itself), then answer well."""
    broken: set[str] = set()

    def either(answer: Answer, asked: Asked) -> Answer:
        broken.add(asked.query["callback"])
        return rewrite(answer, asked) if len(broken) == 1 else answer

    return either


async def test_a_second_include_throws_and_leaves_the_first_alone(stage: Stage) -> None:
    script = '<script src="https://turing.captcha.qcloud.com/TCaptcha.js"></script>'
    await stage.open(html=SHOP.replace(script, script * 2))
    await stage.click()
    await stage.visible()
    assert stage.errors == [notes.SECOND_INCLUDE]


@pytest.mark.parametrize(
    ("build", "arguments", "complaint"),
    [
        ("classic", "", notes.BAD_ARGUMENTS),
        ("newer", "'', callback", notes.BAD_ARGUMENTS),
        ("newer", "null, callback", notes.BAD_ARGUMENTS),
        ("entry2020", "", notes.BAD_ARGUMENTS_2020),
        ("classic", "'199999164'", notes.LOST_CALLBACK),
        ("newer", "'199999164', 'callback', {}", notes.LOST_CALLBACK),
        ("classic", "document.body, '199999164', {}", notes.LOST_CALLBACK),
        ("classic", "document.body", notes.BAD_ARGUMENTS),
    ],
)
async def test_the_constructor_complains_in_the_vendors_words(stage: Stage, build: str, arguments: str, complaint: str) -> None:
    await stage.open(build=build)
    construct = f"() => {{ try {{ new TencentCaptcha({arguments}); }} catch (error) {{ return error.message; }} }}"
    said = await stage.page.evaluate(construct)
    assert said == complaint


async def test_the_international_entry_demands_an_element_first(stage: Stage) -> None:
    international = "ca.turing.captcha.qcloud.com/TJNCaptcha-global.js"
    await stage.open(html=SHOP.replace("turing.captcha.qcloud.com/TCaptcha.js", international))
    assert stage.errors == [notes.BAD_ARGUMENTS]


async def test_closing_gives_ret_2_with_empty_strings_and_the_next_show_works(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.human.close(stage.page)
    assert await stage.result() == notes.CLOSED
    assert await stage.page.locator(POPUP).count() == 0
    await stage.click()
    await stage.visible()
    await stage.solve()
    assert (await stage.result(2))["ticket"].startswith("tr0")


async def test_an_exception_in_the_callback_is_swallowed(stage: Stage) -> None:
    throwing = "{ window.called = true; throw new Error('not handled'); results.push"
    await stage.open(html=SHOP.replace("{ results.push", throwing))
    await stage.click()
    await stage.visible()
    await stage.human.close(stage.page)
    await stage.page.wait_for_function("window.called")
    assert stage.errors == []


async def test_an_exception_in_create_is_only_reported_and_no_callback_ever_comes(stage: Stage) -> None:
    await stage.open(virtual=True)
    await stage.page.evaluate("Object.defineProperty(navigator, 'userAgent', { value: '浏览器' })")
    async with stage.page.expect_console_message(lambda message: message.type == "warning"):
        await stage.click()
    await stage.advance(90_000)
    assert await stage.results() == []
    assert stage.errors == []


async def test_a_late_1006_kills_a_widget_that_works(stage: Stage) -> None:
    stage.breaks("config", first_time_only(breaks_off))
    await stage.open(virtual=True)
    await stage.click()
    await stage.visible()
    result = await stage.advance_to_result(25_000)
    assert result["errorCode"] == 1006
    assert notes.CONFIG_TIMEOUT_MS - 50 <= await stage.took_ms("shown") <= notes.CONFIG_TIMEOUT_MS + 4_000
    assert await stage.page.locator(POPUP).count() == 0


async def test_a_late_1006_comes_to_nothing_once_the_user_is_through(stage: Stage) -> None:
    stage.breaks("config", first_time_only(breaks_off))
    await stage.open(virtual=True)
    await stage.click()
    await stage.visible()
    await stage.solve()
    await stage.result()
    await stage.advance(30_000)
    assert [result["ret"] for result in await stage.results()] == [0]
    assert "errorCode" not in (await stage.results())[0]


async def test_there_is_one_callback_per_show(stage: Stage) -> None:
    stage.breaks("frame", hangs)
    await stage.open(virtual=True)
    await stage.click()
    await stage.advance(60_000)
    assert [result["errorCode"] for result in await stage.results()] == [1002]


async def test_a_frame_script_that_comes_after_1002_starts_nothing_until_the_next_show(stage: Stage) -> None:
    release = asyncio.Event()

    async def hold(arrival: Arrival) -> None:
        if arrival.link == "frame":
            await release.wait()

    stage.vendor.on_arrival = hold
    await stage.open(virtual=True)
    await stage.click()
    assert (await stage.advance_to_result(22_000))["errorCode"] == 1002
    release.set()
    await stage.page.wait_for_function("typeof window.AqSCode === 'function'")
    await stage.advance(2_000)
    assert stage.count("config") == 0
    await stage.click()
    await stage.visible()
    assert len(await stage.results()) == 1


async def test_a_page_with_somebody_elses_app_id_never_gets_a_ticket(stage: Stage) -> None:
    await stage.open(html=SHOP.replace(APP_ID, "199999165"), virtual=True)
    await stage.click()
    await stage.arrived("config")
    result = await stage.advance_to_result()
    assert result["ticket"].startswith("terror_1006_199999165_")


async def test_1013_shows_a_tick_and_comes_half_a_second_later(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    stage.breaks("verify", lambda answer, _asked: replace(answer, status=500))
    await stage.solve()
    await stage.page.frame_locator(IFRAME).locator("#e_success").wait_for(state="visible")
    ticked = await stage.page.evaluate("performance.now()")
    assert await stage.results() == []
    assert (await stage.result())["errorCode"] == 1013
    waited = await stage.page.evaluate("ticked => results[0].at - ticked", ticked)
    assert 250 <= waited <= 1_500
    assert stage.count("verify") == 3


async def test_the_2020_entry_alerts_after_two_attempts_and_never_calls_back(stage: Stage) -> None:
    alerts: list[str] = []
    seen = asyncio.Event()

    async def accept(dialog: object) -> None:
        alerts.append(dialog.message)
        await dialog.accept()
        seen.set()

    stage.page.on("dialog", accept)
    stage.breaks("frame", breaks_off)
    await stage.open(build="entry2020", virtual=True)
    await asyncio.wait_for(seen.wait(), 5)
    await stage.click()
    await stage.advance(60_000)
    assert alerts == [notes.ALERT_2020]
    assert len(set(stage.hosts("frame"))) == notes.FRAME_ATTEMPTS_2020
    assert await stage.results() == []


async def test_the_2020_entry_waits_for_ever_when_the_frame_script_hangs(stage: Stage) -> None:
    stage.breaks("frame", hangs)
    await stage.open(build="entry2020", virtual=True)
    await stage.click()
    await stage.advance(90_000)
    assert stage.count("frame") == 1
    assert await stage.results() == []


async def test_the_2020_entry_verifies_in_health(stage: Stage) -> None:
    await stage.open(build="entry2020")
    await stage.click()
    await stage.visible()
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")


async def test_the_element_with_the_vendors_own_id_binds_itself(stage: Stage) -> None:
    page = """<!DOCTYPE html><title>1.0</title>
    <script src="https://turing.captcha.qcloud.com/TCaptcha.js"></script>
    <button id="TencentCaptcha" data-appid="199999164" data-cbfn="done" data-biz-state="cart-1">Go</button>
    <script>var results = []; window.done = function (result) { results.push({ result: result, at: 0 }); };</script>"""
    await stage.open(html=page)
    await stage.page.click("#TencentCaptcha")
    await stage.visible()
    await stage.solve()
    result = await stage.result()
    assert (result["bizState"], result["CaptchaAppId"]) == ("cart-1", APP_ID)


async def test_destroy_hides_the_popup_without_a_callback_and_get_ticket_tells_the_last_ticket(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.page.evaluate("captcha.destroy()")
    assert await stage.page.locator(POPUP).count() == 0
    await stage.click()
    await stage.visible()
    await stage.solve()
    ticket = (await stage.result())["ticket"]
    assert len(await stage.results()) == 1
    assert await stage.page.evaluate("captcha.getTicket()") == {"CaptchaAppId": APP_ID, "ticket": ticket}


async def test_each_delivery_is_announced_to_observers_with_a_copy(stage: Stage) -> None:
    await stage.open()
    await stage.page.evaluate("""
        seen = [];
        addEventListener("tcaptcha:callback", event => { seen.push({ ...event.detail }); event.detail.ticket = "x"; });
    """)
    await stage.click()
    await stage.visible()
    await stage.solve()
    result = await stage.result()
    assert await stage.page.evaluate("seen") == [result]


async def test_the_popup_is_hidden_until_the_challenge_can_be_solved(stage: Stage) -> None:
    stage.breaks("library", hangs)
    await stage.open()
    await stage.click()
    await stage.arrived("library")
    assert await stage.page.locator(POPUP).count() == 1
    assert not await stage.page.locator(POPUP).is_visible()
    assert not await stage.page.locator("#tcaptcha_mask_dy").is_visible()
