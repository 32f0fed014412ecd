"""Each option of the web integration does what the vendor's document says of it (seed 003, "Appearance Configuration")."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.pages import BOX_FIRST, page, page_of
from suites.selftest.tencent_client.stage import APP_ID, Stage, hangs

pytestmark = pytest.mark.anyio
POPUP = "#tcaptcha_transform_dy"
IFRAME = "#tcaptcha_iframe_dy"
DARK = "rgb(32, 36, 44)"


async def shown(stage: Stage, options: str, **more: Any) -> dict[str, str]:
    """Show the captcha with these options; returns what the configuration was asked with."""
    asked: list[str] = []
    stage.page.on("request", lambda request: asked.append(request.url) if "prehandle" in request.url else None)
    await stage.open(html=page(options=options, **more))
    await stage.click()
    await stage.visible()
    return {name: values[0] for name, values in parse_qs(urlsplit(asked[0]).query, keep_blank_values=True).items()}


async def puzzle(stage: Stage, script: str) -> Any:
    """Evaluate a function of the puzzle's root element."""
    return await stage.page.frame_locator(IFRAME).locator("#e_root").evaluate(script)


@pytest.mark.parametrize("state", ['"cart-7"', "7", "null", "[1, 2]", '{ "a": { "b": true } }', "undefined"])
async def test_biz_state_of_any_kind_comes_back_as_it_was_given(stage: Stage, state: str) -> None:
    await shown(stage, f"{{ bizState: window.state = {state} }}")
    await stage.solve()
    await stage.result()
    assert await stage.page.evaluate("results[0].result.bizState === window.state")


@pytest.mark.parametrize(
    ("option", "device", "dark"),
    [
        ("undefined", "dark", False),
        ("false", "dark", False),
        ("true", "light", False),
        ("true", "dark", True),
        ("'force'", "light", True),
        ("'forced'", "dark", False),
    ],
)
async def test_dark_mode_follows_the_device_or_is_forced(stage: Stage, option: str, device: Any, dark: bool) -> None:
    await stage.page.emulate_media(color_scheme=device)
    await shown(stage, f"{{ enableDarkMode: {option} }}")
    painted = await puzzle(stage, "() => getComputedStyle(document.body).backgroundColor")
    assert (painted == DARK) is dark


async def test_ready_is_told_the_actual_size_once_the_captcha_is_there(stage: Stage) -> None:
    await shown(stage, "{ ready: size => told.push(size) }")
    [size] = await stage.page.evaluate("told")
    assert {name: set(fields) for name, fields in size.items()} == notes.READY_FIELDS
    box = await stage.page.locator(POPUP).bounding_box()
    assert box is not None
    assert size["sdkView"] == {"width": box["width"], "height": box["height"]}


async def test_ready_and_show_fn_are_not_called_when_nothing_can_be_shown(stage: Stage) -> None:
    stage.breaks("slider", hangs)
    await stage.open(html=page(options="{ ready: () => told.push(1), showFn: () => told.push(2) }"))
    await stage.click()
    await stage.arrived("slider")
    assert await stage.page.evaluate("told") == []


async def test_show_fn_is_told_how_long_rendering_took_and_the_session_id(stage: Stage) -> None:
    await shown(stage, "{ showFn: said => told.push({ ...said, now: performance.now() }) }")
    [said] = await stage.page.evaluate("told")
    passed = said.pop("now") - await stage.page.evaluate("shown")
    assert set(said) == notes.SHOW_FN_FIELDS
    assert 0 < said["duration"] <= passed + 1
    assert notes.SESSION_ID.fullmatch(said["sid"])


@pytest.mark.parametrize("name", ["ready", "showFn"])
async def test_a_function_of_the_page_that_throws_does_not_stop_the_captcha(stage: Stage, name: str) -> None:
    await shown(stage, f"{{ {name}: () => {{ throw new Error('own') }} }}")
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")
    assert stage.errors == ["own"]


@pytest.mark.parametrize("wrong", ["'ready'", "7", "null", "{}"])
async def test_what_is_no_function_is_not_called(stage: Stage, wrong: str) -> None:
    await shown(stage, f"{{ ready: {wrong}, showFn: {wrong} }}")
    assert stage.errors == []


@pytest.mark.parametrize(
    ("option", "leads_to"),
    [
        ("undefined", "https://turing.captcha.qcloud.com/"),
        ("true", "https://turing.captcha.qcloud.com/"),
        ("'https://help.test/captcha?from=shop&x=%22'", "https://help.test/captcha?from=shop&x=%22"),
        ("'javascript:alert(1)'", "https://turing.captcha.qcloud.com/"),
        ("'\"><img src=x onerror=alert(1)>'", "https://turing.captcha.qcloud.com/"),
    ],
)
async def test_the_help_button_leads_to_the_vendor_or_to_the_pages_own_address(
    stage: Stage, option: str, leads_to: str
) -> None:
    asked = await shown(stage, f"{{ needFeedBack: {option} }}")
    link = stage.page.frame_locator(IFRAME).locator("#e_help")
    href = await link.get_attribute("href")
    assert href is not None
    assert href == leads_to or (leads_to.endswith(".com/") and href.startswith(leads_to))
    assert asked["fb"] == "1"


async def test_the_help_button_can_be_left_out(stage: Stage) -> None:
    asked = await shown(stage, "{ needFeedBack: false }")
    assert await stage.page.frame_locator(IFRAME).locator("#e_help").count() == 0
    assert asked["fb"] == "0"


async def test_a_safe_visitor_passes_without_a_puzzle_when_auto_check_is_on(stage: Stage) -> None:
    await stage.open(html=page(options="{ enableAutoCheck: true, ready: () => told.push(1) }"))
    stage.vendor.emulator.finds_safe = True
    try:
        await stage.click()
        result = await stage.result()
    finally:
        stage.vendor.emulator.finds_safe = False
    assert set(result) == notes.SUCCESS_FIELDS
    assert stage.vendor.emulator.tickets.open(result["ticket"]).user_ip == "127.0.0.1"
    assert await stage.page.locator(POPUP).count() == 0
    assert await stage.page.evaluate("told") == []
    assert (stage.count("iframe"), stage.count("verify")) == (0, 0)


@pytest.mark.parametrize(("option", "safe"), [("true", False), ("false", True), ("undefined", True), ("'yes'", True)])
async def test_without_both_auto_check_and_trust_there_is_a_puzzle(stage: Stage, option: str, safe: bool) -> None:
    stage.vendor.emulator.finds_safe = safe
    try:
        await shown(stage, f"{{ enableAutoCheck: {option} }}")
    finally:
        stage.vendor.emulator.finds_safe = False
    assert await stage.results() == []


async def test_each_listed_language_is_accepted_in_any_case(stage: Stage) -> None:
    asked = [(await shown(stage, f"{{ userLanguage: '{language.upper()}' }}"))["lang"] for language in notes.LANGUAGES]
    assert asked == list(notes.LANGUAGES)


@pytest.mark.parametrize("wish", ["'klingon'", "undefined", "''", "7", "'<b>'"])
async def test_an_unlisted_language_falls_back_to_the_browsers(stage: Stage, wish: str) -> None:
    asked = await shown(stage, f"{{ userLanguage: {wish} }}")
    assert asked["lang"] == "en"
    assert await puzzle(stage, "root => root.lang") == "en"


@pytest.mark.parametrize(
    ("language", "direction", "letters"),
    [("zh-cn", "ltr", r"[一-鿿]"), ("EN-us", "ltr", r"[A-Za-z]"), ("ar", "rtl", r"[؀-ۿ]")],
)
async def test_a_language_is_really_shown_and_can_be_solved(stage: Stage, language: str, direction: str, letters: str) -> None:
    await shown(stage, f"{{ userLanguage: '{language}' }}")
    assert await puzzle(stage, "root => getComputedStyle(root).direction") == direction
    assert await puzzle(stage, "root => root.lang.toLowerCase()") == language.lower().removesuffix("-us")
    title = await stage.page.frame_locator(IFRAME).locator("#e_title").inner_text()
    assert await stage.page.evaluate("([text, letters]) => new RegExp(letters).test(text)", [title, letters])
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")


async def test_a_popup_floats_in_the_middle_and_is_the_default(stage: Stage) -> None:
    for options in ("{}", "{ type: 'popup' }"):
        asked = await shown(stage, options)
        box, view = await stage.page.locator(POPUP).bounding_box(), stage.page.viewport_size
        assert box is not None
        assert view is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert middle == (view["width"] / 2, view["height"] / 2)
        assert asked["showtype"] == "popup"


async def test_an_embedded_captcha_stands_in_the_container_without_a_mask(stage: Stage) -> None:
    asked = await shown(stage, "{ type: 'embed' }", arguments=BOX_FIRST)
    assert await stage.page.locator(f"#box > {POPUP}").count() == 1
    assert await stage.page.locator("#tcaptcha_mask_dy").count() == 0
    assert asked["showtype"] == "embed"
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")
    assert await stage.page.locator("#box").inner_html() == ""


async def test_embed_without_a_container_floats(stage: Stage) -> None:
    asked = await shown(stage, "{ type: 'embed' }")
    assert await stage.page.locator(f"body > {POPUP}").count() == 1
    assert asked["showtype"] == "popup"


@pytest.mark.parametrize(
    ("build", "option", "seen"),
    [("classic", "undefined", 0), ("classic", "true", 1), ("v2", "undefined", 1), ("v2", "true", 1), ("v2", "false", 0)],
)
async def test_the_loading_box_stands_until_the_captcha_does(stage: Stage, build: str, option: str, seen: int) -> None:
    stage.breaks("library", hangs)
    await stage.open(html=page_of(build, options=f"{{ loading: {option} }}"), build=build)
    await stage.click()
    await stage.arrived("library")
    box = stage.page.locator("#tcaptcha_loading_dy")
    assert await box.count() == seen
    stage.heals("library")
    await stage.page.evaluate("captcha.destroy()")
    assert await box.count() == 0
    await stage.click()
    await stage.visible()
    assert await box.count() == 0


async def test_a_page_that_shows_before_it_has_a_body_gets_the_captcha_all_the_same(stage: Stage) -> None:
    html = f"""<!DOCTYPE html><html><head><script src="https://{notes.ENTRY_2}"></script>
    <script>var results = []; new TencentCaptcha("{APP_ID}", function () {{}}).show();</script>
    </head><body><button id="go">Go</button></body></html>"""
    await stage.open(html=html, build="v2")
    await stage.visible()
    assert stage.errors == []


async def test_the_encrypted_app_id_and_its_kind_are_passed_on_when_given(stage: Stage) -> None:
    asked: list[str] = []
    stage.page.on("request", lambda request: asked.append(request.url) if "prehandle" in request.url else None)
    await stage.open(html=page(options="{ aidEncrypted: 'MDEy+/==', aidEncryptedType: 'gcm', aidEncryptedAad: 'eA==' }"))
    await stage.click()
    await stage.arrived("config")
    fields = {name: values[0] for name, values in parse_qs(urlsplit(asked[0]).query).items()}
    assert (fields["aid"], fields["aidEncrypted"], fields["aidEncryptedType"]) == (APP_ID, "MDEy+/==", "gcm")
    assert fields["aidEncryptedAad"] == "eA=="


async def test_an_encrypted_app_id_that_is_undefined_is_not_sent(stage: Stage) -> None:
    asked = await shown(stage, "{ aidEncrypted: undefined }")
    assert not [name for name in asked if name.startswith("aidEncrypted")]


async def test_a_page_may_scale_the_captcha_by_its_outer_class_and_it_can_still_be_solved(stage: Stage) -> None:
    scaled = f".{notes.OUTER_CLASS} {{ transform: scale(0.8) }}"
    await shown(stage, "{}", style=scaled)
    box, view = await stage.page.locator(f".{notes.OUTER_CLASS}").bounding_box(), stage.page.viewport_size
    assert box is not None
    assert view is not None
    assert (round(box["width"]), round(box["x"] + box["width"] / 2)) == (288, view["width"] / 2)
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")
