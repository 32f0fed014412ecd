"""Every form in which pages call the constructor, and what a wrong one is told (seed 003; sdk-behaviour.md, at its end)."""

from __future__ import annotations

import pytest

from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.pages import APP_FIRST, BOX, BOX_FIRST, ENTRIES, page
from suites.selftest.tencent_client.stage import APP_ID, Stage

pytestmark = pytest.mark.anyio
GO = "document.getElementById('go')"


@pytest.mark.parametrize(
    ("build", "arguments"),
    [
        ("classic", APP_FIRST),
        ("newer", f"'{APP_ID}', callback"),
        ("newer", f"{APP_ID}, callback, null"),
        ("v2", APP_FIRST),
        ("v2", f"'{APP_ID}', callback"),
        ("international", BOX_FIRST),
        ("international", f"{BOX}, '{APP_ID}', callback"),
    ],
)
async def test_each_form_that_its_build_takes_leads_to_a_ticket(stage: Stage, build: str, arguments: str) -> None:
    await stage.open(html=page(arguments, entry=ENTRIES.get(build, notes.ENTRY_1)), build=build)
    await stage.click()
    await stage.visible()
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")
    assert stage.errors == []


@pytest.mark.parametrize("arguments", [f"{GO}, '{APP_ID}', callback", f"{GO}, '{APP_ID}', callback, {{ bizState: 1 }}"])
@pytest.mark.parametrize("build", ["classic", "v2"])
async def test_element_first_binds_the_elements_click_except_in_the_international_build(
    stage: Stage, build: str, arguments: str
) -> None:
    html = page(arguments, entry=ENTRIES.get(build, notes.ENTRY_1))
    await stage.open(html=html.replace("captcha.show(); }", "}"), build=build)
    await stage.click()
    await stage.visible()
    await stage.solve()
    assert (await stage.result())["ret"] == 0


@pytest.mark.parametrize(
    ("build", "arguments", "sentence"),
    [
        ("international", APP_FIRST, notes.BAD_ARGUMENTS),
        ("international", f"null, '{APP_ID}', callback, {{}}", notes.BAD_ARGUMENTS),
        ("international", f"'#box', '{APP_ID}', callback, {{}}", notes.BAD_ARGUMENTS),
        ("international", BOX, notes.BAD_ARGUMENTS),
        ("international", f"{BOX}, '', callback", notes.BAD_ARGUMENTS),
        ("international", f"{BOX}, '{APP_ID}'", notes.LOST_CALLBACK),
        ("international", f"{BOX}, '{APP_ID}', {{}}, callback", notes.LOST_CALLBACK),
        ("v2", "", notes.BAD_ARGUMENTS),
        ("v2", "undefined, callback", notes.BAD_ARGUMENTS),
        ("v2", f"'{APP_ID}'", notes.LOST_CALLBACK),
        ("v2", f"'{APP_ID}', {{}}, callback", notes.LOST_CALLBACK),
    ],
)
async def test_a_wrong_form_throws_the_vendors_sentence_and_shows_nothing(
    stage: Stage, build: str, arguments: str, sentence: str
) -> None:
    await stage.open(html=page(arguments, entry=ENTRIES[build]), build=build)
    assert await stage.page.evaluate("[thrown, captcha]") == [sentence, None]
    assert await stage.page.locator("#box").inner_html() == ""


@pytest.mark.parametrize("build", ["v2", "international"])
async def test_a_second_include_throws_in_the_later_builds_too(stage: Stage, build: str) -> None:
    html = page(BOX_FIRST, entry=ENTRIES[build])
    script = f'<script src="https://{ENTRIES[build]}"></script>'
    await stage.open(html=html.replace(script, script * 2), build=build)
    assert stage.errors == [notes.SECOND_INCLUDE]


@pytest.mark.parametrize("build", ["newer", "v2"])
async def test_the_element_with_the_vendors_own_id_binds_itself_in_later_builds_too(stage: Stage, build: str) -> None:
    html = f"""<!DOCTYPE html><title>own id</title><script src="https://{ENTRIES.get(build, notes.ENTRY_1)}"></script>
    <button id="TencentCaptcha" data-appid="{APP_ID}" data-cbfn="done">Go</button>
    <script>var results = []; window.done = function (result) {{ results.push({{ result: result, at: 0 }}); }};</script>"""
    await stage.open(html=html, build=build)
    await stage.page.click("#TencentCaptcha")
    await stage.visible()
    await stage.solve()
    assert (await stage.result())["CaptchaAppId"] == APP_ID


async def test_the_element_with_the_vendors_own_id_and_no_app_id_stays_unbound(stage: Stage) -> None:
    html = page(style="#TencentCaptcha { height: 20px }").replace('"box"', '"TencentCaptcha"')
    await stage.open(html=html)
    await stage.page.evaluate("document.getElementById('TencentCaptcha').click()")
    assert stage.count("config") == 0
    assert stage.errors == []


EVERY_CALL = """() => {
  const kinds = [
    undefined, null, "", "199999164", 199999164, true, callback, {}, [], document, document.body, window,
    document.createElement("svg"), Symbol("x"), new Proxy({}, {}),
  ];
  const calls = [[], ...kinds.map(a => [a])];
  for (const a of kinds) for (const b of kinds) calls.push([a, b]);
  for (const a of kinds) for (const b of kinds) for (const c of kinds) calls.push([a, b, c]);
  const said = {};
  for (const call of calls) {
    let outcome = "constructed";
    try { new TencentCaptcha(...call); } catch (error) { outcome = error.message; }
    said[outcome] = (said[outcome] || 0) + 1;
  }
  return said;
}"""


@pytest.mark.parametrize("build", ["classic", "entry2020", "v2", "international"])
async def test_every_call_constructs_or_throws_one_of_two_sentences(stage: Stage, build: str) -> None:
    await stage.open(html=page(BOX_FIRST, entry=ENTRIES.get(build, notes.ENTRY_1)), build=build)
    said = await stage.page.evaluate(EVERY_CALL)
    complaint = notes.BAD_ARGUMENTS_2020 if build == "entry2020" else notes.BAD_ARGUMENTS
    assert set(said) == {"constructed", complaint, notes.LOST_CALLBACK}
    assert sum(said.values()) == 1 + 15 + 15**2 + 15**3
