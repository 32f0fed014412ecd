"""GeeTest v4 in a real browser, healthy and in each documented outage. Source: domain/other-providers.md, GeeTest v4."""

from __future__ import annotations

import pytest

from suites.selftest.geetest.stage import WITH_OFFLINE, WITHOUT_ON_ERROR, Stage, breaks_off, hangs, says

pytestmark = pytest.mark.anyio

API = ["gcaptcha4.geetest.com", "gcaptcha4.geevisit.com", "gcaptcha4.gsensebot.com"]
STATIC = ["static.geetest.com", "static.geevisit.com", "dn-staticdown.qbox.me"]


async def test_a_solved_puzzle_is_validated_once(stage: Stage) -> None:
    await stage.open()
    told = await stage.solve()
    assert (await stage.validate(told))["result"] == "success"
    assert (await stage.validate(told))["result"] == "fail"
    assert [arrival.said for arrival in stage.vendor.arrivals("verdict")] == ["code 1", "code 0"]
    assert (stage.hosts("bypass"), stage.vendor.broken, stage.thrown) == ([], [], [])


async def test_without_an_api_server_one_click_passes(stage: Stage) -> None:
    stage.breaks("load", breaks_off)
    await stage.open()
    told = await stage.solve()
    assert list(dict.fromkeys(stage.hosts("load"))) == API
    assert stage.hosts("bypass") == STATIC[:1]
    assert stage.hosts("verify") == []
    stage.breaks("verdict", breaks_off)
    assert await stage.official_sample(told) == {"result": "success", "reason": "request geetest api fail"}


async def test_the_one_click_pass_is_worth_nothing_to_a_healthy_api(stage: Stage) -> None:
    stage.breaks("load", breaks_off)
    await stage.open()
    assert (await stage.official_sample(await stage.solve()))["result"] == "fail"


async def test_a_page_with_its_own_offline_callback_gets_no_bypass(stage: Stage) -> None:
    stage.breaks("load", breaks_off)
    await stage.open(WITH_OFFLINE)
    await stage.until("offline > 0")
    assert stage.hosts("bypass") == []


@pytest.mark.parametrize(
    ("link", "code", "detail"),
    [("static", "60204", "js resource load timeout"), ("gct", "60205", "gct resource load timeout")],
)
async def test_a_lost_script_is_told_with_its_code_after_three_sources(stage: Stage, link: str, code: str, detail: str) -> None:
    stage.breaks(link, breaks_off)
    await stage.open()
    error = await stage.error()
    assert (error["code"], error["desc"]["detail"]) == (code, detail)
    assert list(dict.fromkeys(stage.hosts(link))) == STATIC


async def test_a_hung_script_has_ten_seconds_a_source(stage: Stage) -> None:
    stage.breaks("static", hangs)
    await stage.open(virtual=True)
    # Page time may only pass once the configuration has come.
    await stage.until("document.querySelector('script[src*=gcaptcha4\\\\.js]') !== null")
    took_ms = await stage.error_under_the_clock()
    assert 30_000 <= took_ms <= 31_500
    assert (await stage.error())["code"] == "60204"


async def test_without_on_error_the_loader_throws(stage: Stage) -> None:
    stage.breaks("static", breaks_off)
    await stage.open(WITHOUT_ON_ERROR)
    if not stage.thrown:
        await stage.page.wait_for_event("pageerror")
    assert stage.thrown == ["网络错误"]


async def test_a_lost_verification_is_told_as_60101(stage: Stage) -> None:
    stage.breaks("verify", breaks_off)
    await stage.open()
    await stage.until("captcha !== null")
    await stage.page.click("#go")
    await drag_somewhere(stage)
    assert (await stage.error())["code"] == "60101"
    assert list(dict.fromkeys(stage.hosts("verify"))) == API


async def test_an_error_of_the_load_is_handed_on_with_the_vendors_code(stage: Stage) -> None:
    stage.vendor.responses.set(
        "load",
        lambda answer, asked: says(f'{asked.query["callback"]}({{"status":"error","code":"-50101","msg":"x"}})')(answer, asked),
        "error",
    )
    await stage.open()
    assert (await stage.error())["code"] == "-50101"
    assert stage.hosts("bypass") == []


async def test_a_piece_beside_the_gap_does_not_pass(stage: Stage) -> None:
    await stage.open()
    await stage.until("captcha !== null")
    await stage.page.click("#go")
    async with stage.page.expect_response("**/verify?*"):
        await drag_somewhere(stage)
    assert await stage.page.evaluate("results.length") == 0


async def drag_somewhere(stage: Stage) -> None:
    box = await stage.page.locator(".geetest_btn").bounding_box()
    assert box is not None
    await stage.page.mouse.move(box["x"] + 5, box["y"] + 5)
    await stage.page.mouse.down()
    await stage.page.mouse.move(box["x"] + 15, box["y"] + 5)
    await stage.page.mouse.up()


async def test_a_closed_captcha_says_so_and_a_destroyed_one_is_gone(stage: Stage) -> None:
    await stage.open()
    await stage.until("captcha !== null")
    await stage.page.evaluate("window.closed_ = 0; captcha.onClose(function () { closed_ += 1; }).appendTo('#place')")
    await stage.page.click(".geetest_holder_btn")
    await stage.page.click(".geetest_close")
    assert await stage.page.evaluate("[closed_, captcha.getValidate()]") == [1, False]
    await stage.page.evaluate("captcha.destroy()")
    assert await stage.page.locator(".geetest_holder, .geetest_box").count() == 0


async def test_a_reset_captcha_can_be_solved_again(stage: Stage) -> None:
    await stage.open()
    first = await stage.solve()
    await stage.page.evaluate("results = []; captcha.reset()")
    second = await stage.solve()
    assert first["lot_number"] != second["lot_number"]
    assert [(await stage.validate(told))["result"] for told in (first, second)] == ["success", "success"]


async def test_the_bypass_is_tried_on_three_static_servers(stage: Stage) -> None:
    stage.breaks("load", breaks_off)
    stage.breaks("bypass", breaks_off)
    await stage.open()
    assert (await stage.error())["code"] == "60204"
    assert list(dict.fromkeys(stage.hosts("bypass"))) == STATIC


async def test_without_gct_the_captcha_is_handed_over_all_the_same(stage: Stage) -> None:
    stage.breaks("gct", breaks_off)
    await stage.open()
    await stage.until("captcha !== null && errors.length > 0")
    assert (await stage.validate(await stage.solve()))["result"] == "success"


async def test_a_spent_captcha_for_which_no_server_answers_says_60100(stage: Stage) -> None:
    await stage.open()
    await stage.solve()
    stage.breaks("load", breaks_off)
    await stage.page.evaluate("captcha.reset()")
    assert (await stage.error())["code"] == "60100"


async def test_a_script_that_comes_and_never_calls_back_is_waited_for_without_end(stage: Stage) -> None:
    stage.breaks("load", says(""))
    await stage.open(virtual=True)
    await stage.until("document.querySelector('script[src*=load]') !== null")
    await stage.page.clock.run_for(60_000)
    assert await stage.page.evaluate("[errors.length, captcha]") == [0, None]
    assert (stage.hosts("load"), stage.hosts("bypass")) == (API[:1], [])
