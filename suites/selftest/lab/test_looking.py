"""What a page shows its user and their keyboard once the flow has gone on, on a real page; and whose script an error is."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.async_api import Browser, Page

from harness.journal.model import Look
from harness.lab.handle import User
from harness.lab.looking import look_at
from harness.lab.user import FlowHandle, with_query
from harness.lab.window import own_script

pytestmark = pytest.mark.anyio
SEEN = Look(when="ended", language="en")


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    opened = await chromium.new_page()
    yield opened
    await opened.close()


async def ended(page: Page, *, busy: str | None = None) -> Look:
    seen = await look_at(page, "ended", busy=busy, field=None, explains="#why")
    assert seen is not None
    return seen


DONE = '<html lang=en><a href="#x">Home</a> <p id=done tabindex=-1>Done</p>'


async def test_a_calm_page_is_looked_at_in_no_time_and_told_nothing_of(page: Page) -> None:
    await page.set_content(f"{DONE}<script>document.getElementById('done').focus()</script>")
    began = time.monotonic()
    assert await ended(page, busy=".spinner") == Look(when="ended", language="en")
    assert time.monotonic() - began < 0.5


BUSY = [
    ("<main aria-busy=true>…</main>", ("main",)),
    ("<div role=progressbar id=p style='width:9px;height:9px'></div>", ("div#p",)),
    ("<progress class='big round'></progress>", ("progress.big.round",)),
    ("<p class=spinner>…</p>", (".spinner",)),
]
CALM = [
    "<main aria-busy=true hidden>…</main>",
    "<main aria-busy=true style='opacity:0'>…</main>",
    "<main aria-busy=false>…</main>",
    "<div role=progressbar aria-valuenow=2>step 2 of 3</div>",
    "<progress value=1></progress>",
    "<p class=spinner style='visibility:hidden'>…</p>",
]


@pytest.mark.parametrize(("html", "busy"), BUSY)
async def test_what_says_that_work_is_under_way_is_named(page: Page, html: str, busy: tuple[str, ...]) -> None:
    await page.set_content(html)
    seen = await ended(page, busy=".spinner")
    assert seen.busy == busy
    assert seen.restless_ms is not None
    assert 1000 <= seen.restless_ms < 3000


@pytest.mark.parametrize("html", CALM)
async def test_what_does_not_show_or_counts_its_steps_is_not_busy(page: Page, html: str) -> None:
    await page.set_content(html)
    assert (await ended(page, busy=".spinner")).busy == ()


@pytest.mark.parametrize("html", ["<main aria-busy=true>…</main>", "<p class=spinner>…</p>"])
async def test_a_spinner_that_fades_out_has_ended(page: Page, html: str) -> None:
    await page.set_content(html)
    await page.evaluate("setTimeout(() => document.body.replaceChildren(), 300)")
    seen = await ended(page, busy=".spinner")
    assert (seen.busy, seen.restless_ms) == ((), None)


async def test_focus_in_a_frame_that_was_put_out_of_sight_is_lost_and_tab_does_not_come_out(page: Page) -> None:
    links = "".join(f"<a href=#{n}>{n}</a>" for n in range(30))
    frame = f"<iframe id=popup srcdoc='{links}' style='position:absolute;left:-9000px'></iframe>"
    await page.set_content(f"<a href=#x>Home</a>{frame}")
    await page.frames[1].locator("a").first.focus()
    seen = await ended(page)
    assert seen.focus_lost == "iframe#popup"
    assert seen.unreachable == "anything that can be seen, by 10 presses of Tab; the focus is on iframe#popup"


@pytest.mark.parametrize(
    "html",
    [
        DONE,
        "<p>nothing to come to</p>",
        "<input type=checkbox style='opacity:0' autofocus><a href=#x>Home</a>",
        "<button disabled>Go</button><div inert><a href=#x>Home</a></div>",
        "<iframe srcdoc='<a href=#x>Home</a>'></iframe>",
    ],
)
async def test_a_keyboard_that_comes_on_or_has_nowhere_to_go_is_all_right(page: Page, html: str) -> None:
    await page.set_content(html)
    seen = await ended(page)
    assert (seen.focus_lost, seen.unreachable) == ("", "")


@pytest.mark.parametrize(
    ("field", "lost"),
    [
        ("<input id=code>", ""),
        ("<input id=code tabindex=-1>", "input#code"),
        ("<div inert><input id=code></div>", "input#code"),
        ("<div id=code tabindex=-1 contenteditable>1</div>", "div#code"),
        ("<div id=code contenteditable>1</div>", ""),
    ],
)
async def test_the_field_for_the_code_must_be_open_to_the_keyboard(page: Page, field: str, lost: str) -> None:
    await page.set_content(field)
    seen = await look_at(page, "offered", busy=None, field="#code", explains="")
    assert seen is not None
    assert seen.unreachable == lost
    assert await page.evaluate("document.activeElement === document.body"), "no key is pressed before the code is typed"


@pytest.mark.parametrize("field", ["text=Code", "#not-there", "//input"])
async def test_a_field_that_cannot_be_found_by_a_script_is_not_demanded(page: Page, field: str) -> None:
    await page.set_content("<input id=code tabindex=-1>")
    assert await look_at(page, "offered", busy=None, field=field, explains="") == Look(when="offered")


async def test_the_language_is_that_of_the_word_itself(page: Page) -> None:
    await page.set_content("<html lang=en><p id=why lang=zh-CN>验证码</p>")
    assert (await ended(page)).language == "zh-CN"


async def test_a_page_that_hangs_is_given_up(page: Page) -> None:
    await page.set_content("<p>x</p>")
    await page.evaluate("() => setTimeout(() => { const t = performance.now() + 3500; while (performance.now() < t); })")
    assert await look_at(page, "ended", busy=None, field=None, explains="") is None


@pytest.mark.parametrize(("answers", "kept"), [([None, SEEN], [SEEN]), ([SEEN], [SEEN]), ([None, None], [])])
async def test_a_page_that_goes_on_while_it_is_looked_at_is_looked_at_once_more(
    page: Page, monkeypatch: pytest.MonkeyPatch, answers: list[Look | None], kept: list[Look]
) -> None:
    async def looked(*_page: object, **_asked: object) -> Look | None:
        return answers.pop(0)

    monkeypatch.setattr("harness.lab.user.look_at", looked)
    spec = SimpleNamespace(busy=None, step_up=None)
    handle = FlowHandle(cast(User, SimpleNamespace(account="", looks=True, spec=spec, explains="")), page)
    await handle.look("ended")
    assert (handle.looks, answers) == (kept, [])


async def test_links_that_can_be_seen_and_lead_to_others_are_named(page: Page) -> None:
    seen = '<a href="https://elsewhere.example/a?b">x</a><form action="https://pay.example/"><input></form>'
    not_there = '<a href="https://hidden.example/" hidden>x</a><a href="mailto:a@b.c">m</a><a href="https://[bad">z</a>'
    await page.set_content(seen + not_there + '<a href="#own">y</a>')
    assert (await ended(page)).leads_to == ("elsewhere.example", "pay.example")


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/login", "/login?next=https%3A%2F%2Felsewhere.example%2F"),
        ("/login?lang=zh#form", "/login?lang=zh&next=https%3A%2F%2Felsewhere.example%2F#form"),
    ],
)
def test_where_to_go_afterwards_is_added_to_an_address(path: str, address: str) -> None:
    assert with_query(path, "next", "https://elsewhere.example/") == address


STACKS = [
    ("TypeError: x\n    at settle (http://127.0.0.1:4711/static/login.js:79:11)\n    at a (http://127.0.0.1:4711/b.js:1:2)",
     "/static/login.js:79:11"),
    ("Error: x\n    at show (https://turing.captcha.qcloud.com/TCaptcha.js:3:4)\n    at http://127.0.0.1:4711/login?a=1:9:5",
     "/login?a=1:9:5"),
    ("Error: x\n    at show (https://turing.captcha.qcloud.com/TCaptcha.js?v=2:3:4)", ""),
    ("Error: x\n    at <anonymous>:1:2", ""),
    ("", ""),
]  # fmt: skip


@pytest.mark.parametrize(("stack", "script"), STACKS)
def test_an_error_is_the_targets_own_when_one_of_its_scripts_had_a_part_in_it(stack: str, script: str) -> None:
    assert own_script(stack) == script
