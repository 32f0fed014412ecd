"""The instance's methods and the robot checkbox (seed 003, Steps 2 and 3): each may be called again and again."""

from __future__ import annotations

import pytest

from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.pages import page_of
from suites.selftest.tencent_client.stage import Stage, breaks_off

pytestmark = pytest.mark.anyio
POPUP = "#tcaptcha_transform_dy"
ROBOT = "#box .tcaptcha-robot"


async def ready(stage: Stage, build: str = "classic", *, options: str = "{}") -> None:
    await stage.open(html=page_of(build, options=options), build=build)


async def offered(stage: Stage, *, options: str = "{}") -> None:
    """Show the international build's checkbox."""
    await ready(stage, "international", options=options)
    await stage.click()
    await stage.page.locator(ROBOT).wait_for()


async def robot(stage: Stage) -> str:
    checked = await stage.page.locator(ROBOT).get_attribute("aria-checked")
    assert checked is not None
    return checked


async def test_show_again_and_again_shows_one_captcha(stage: Stage) -> None:
    await ready(stage)
    await stage.page.evaluate("captcha.show(); captcha.show(); captcha.show();")
    await stage.visible()
    await stage.page.evaluate("captcha.show()")
    assert await stage.page.locator(POPUP).count() == 1
    assert stage.count("config") == 1


async def test_destroy_again_and_again_hides_it_and_show_brings_it_back(stage: Stage) -> None:
    await ready(stage)
    await stage.page.evaluate("captcha.destroy(); captcha.destroy();")
    for _ in range(2):
        await stage.click()
        await stage.visible()
        await stage.page.evaluate("captcha.destroy(); captcha.destroy();")
        assert await stage.page.locator(POPUP).count() == 0
    assert await stage.results() == []


async def test_get_ticket_has_no_ticket_before_the_user_passed_nor_after_an_outage(stage: Stage) -> None:
    await ready(stage)
    assert await stage.page.evaluate("captcha.getTicket()") == notes.NO_TICKET_YET
    stage.breaks("config", breaks_off)
    await stage.click()
    assert (await stage.result())["errorCode"] == 1006
    assert await stage.page.evaluate("captcha.getTicket()") == notes.NO_TICKET_YET


async def test_the_international_build_has_every_documented_method(stage: Stage) -> None:
    await ready(stage, "international")
    kinds = await stage.page.evaluate("names => names.map(name => typeof captcha[name])", list(notes.METHODS))
    assert kinds == ["function"] * 4


@pytest.mark.parametrize("build", ["classic", "v2"])
async def test_the_other_builds_have_nothing_to_reload(stage: Stage, build: str) -> None:
    await ready(stage, build)
    assert await stage.page.evaluate("typeof captcha.reload") == "undefined"


async def test_show_puts_the_robot_checkbox_into_the_container_and_asks_nothing_before_it_is_ticked(stage: Stage) -> None:
    await offered(stage)
    assert await stage.page.locator(ROBOT).get_attribute("role") == "checkbox"
    assert await robot(stage) == "false"
    await stage.page.evaluate("captcha.show(); captcha.show();")
    assert await stage.page.locator(".tcaptcha-robot").count() == 1
    assert stage.count("config") == 0


@pytest.mark.parametrize("options", ["{}", "{ type: 'popup' }", "{ type: 'embed' }"])
async def test_a_tick_opens_the_captcha_and_stands_once_it_is_solved(stage: Stage, options: str) -> None:
    await offered(stage, options=options)
    await stage.page.click(ROBOT)
    await stage.visible()
    place = "#box" if "embed" in options else "body"
    assert await stage.page.locator(f"{place} > {POPUP}").count() == 1
    await stage.solve()
    result = await stage.result()
    assert set(result) == notes.SUCCESS_FIELDS
    assert await robot(stage) == "true"
    assert await stage.page.evaluate("captcha.getTicket().ticket") == result["ticket"]


async def test_a_checkbox_that_stands_opens_nothing_until_it_is_reloaded(stage: Stage) -> None:
    await offered(stage)
    await stage.page.click(ROBOT)
    await stage.visible()
    await stage.solve()
    await stage.result()
    await stage.page.click(ROBOT)
    assert stage.count("config") == 1
    await stage.page.evaluate("captcha.reload(); captcha.reload();")
    assert await robot(stage) == "false"
    assert await stage.page.evaluate("captcha.getTicket()") == notes.NO_TICKET_YET
    await stage.visible()
    await stage.solve()
    assert (await stage.result(2))["ticket"] != (await stage.result(1))["ticket"]


async def test_reload_ends_an_open_captcha_without_a_callback(stage: Stage) -> None:
    await offered(stage)
    await stage.page.click(ROBOT)
    await stage.visible()
    await stage.page.evaluate("captcha.reload()")
    assert await stage.page.locator(POPUP).count() == 0
    assert await robot(stage) == "false"
    assert await stage.results() == []


async def test_closing_and_an_outage_untick_the_checkbox_and_each_tick_has_its_own_callback(stage: Stage) -> None:
    await offered(stage)
    await stage.visible()
    await stage.human.close(stage.page)
    assert await stage.result() == notes.CLOSED
    assert await robot(stage) == "false"
    stage.breaks("config", breaks_off)
    await stage.page.click(ROBOT)
    assert (await stage.result(2))["errorCode"] == 1006
    assert await robot(stage) == "false"
    stage.heals("config")
    await stage.visible()
    await stage.solve()
    assert (await stage.result(3))["ticket"].startswith("tr0")


async def test_destroy_takes_the_checkbox_away_and_show_brings_it_back(stage: Stage) -> None:
    await offered(stage)
    await stage.page.evaluate("captcha.destroy(); captcha.destroy();")
    assert await stage.page.locator(ROBOT).count() == 0
    await stage.click()
    await stage.page.locator(ROBOT).wait_for()


async def test_a_page_that_constructs_on_every_click_has_one_checkbox(stage: Stage) -> None:
    await offered(stage)
    again = "new TencentCaptcha(document.getElementById('box'), '199999164', callback, {}).show()"
    await stage.page.evaluate(again)
    assert await stage.page.locator(".tcaptcha-robot").count() == 1
    await stage.visible()
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")


async def test_the_checkbox_speaks_the_pages_language_and_works_by_keyboard(stage: Stage) -> None:
    await offered(stage, options="{ userLanguage: 'ar', enableDarkMode: 'force' }")
    box = stage.page.locator(ROBOT)
    assert await box.evaluate("box => [box.lang, getComputedStyle(box).direction]") == ["ar", "rtl"]
    await box.focus()
    await stage.page.keyboard.press("Space")
    await stage.page.locator(POPUP).wait_for(state="visible")


async def test_the_checkbox_does_not_submit_the_form_it_stands_in(stage: Stage) -> None:
    html = page_of("international").replace('<div id="box"></div>', '<form action="/left"><div id="box"></div></form>')
    await stage.open(html=html, build="international")
    await stage.click()
    await stage.visible()
    assert "/left" not in stage.page.url
