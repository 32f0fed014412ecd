"""Target files and flows for the little application."""

from __future__ import annotations

from pathlib import Path

APP = Path(__file__).with_name("little_app.py")
FLOWS = '''"""How somebody uses the little application, rightly and wrongly."""
import asyncio

from playwright.sync_api import Page, expect


async def go(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.fill("#name", flow.account)
    await flow.show(page, "#go")
    await flow.captcha(page)


async def lost(page, flow):
    await page.goto(flow.url("/shop/start"), wait_until="domcontentloaded")
    await flow.show(page, "#go")
    await flow.captcha(page)


async def raises(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    raise ValueError("the basket is empty")


async def hangs(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.wait_for_selector("#never-there")


async def leaves(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.goto("about:blank")
    await asyncio.Event().wait()


async def closes(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.close()


# As `playwright codegen` writes it, with a header of its own.
def recorded(page: Page, flow) -> None:
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.goto(flow.url("/"))
    page.locator("#name").click()
    page.locator("#name").fill(flow.account)
    expect(page.get_by_role("button", name="Go")).to_be_visible()
    page.get_by_role("button", name="Go").click()
    flow.solve()


def sleeps(page, flow):
    page.goto(flow.url("/"))
    page.wait_for_selector("#never-there")


async def clicks(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await flow.phase()
    await page.click("#go")
    await flow.solve()


async def two(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.fill("#name", flow.account)
    await flow.show(page, "#go")
    await flow.captcha(page, until="body[data-first]")
    await page.click("#go")
    await flow.captcha(page)


async def two_at_once(page, flow):
    await go(page, flow)
    await page.wait_for_function("document.body.dataset.first")
    await flow.show(page, "#go")
    await flow.captcha(page)


def sign_in(page, flow):
    page.goto(flow.url("/login"))
    page.fill("#user", flow.account)
    page.click("#in")
    page.wait_for_url("**/")


async def forgets(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await flow.show(page, "#go")
    flow.captcha(page)


def only_clicks(page, flow):
    page.goto(flow.url("/"))
    page.get_by_role("button", name="Go").click()
'''
FILE = """[target]
name = "little"
start = "{{python}} {app} {{port}} {wrong}"
ready = "{ready}"

[target.env]
CAPTCHA_API = "{{links.verdict.url}}"
CAPTCHA_APP_ID = "{{provider.app_id}}"
CAPTCHA_APP_SECRET = "{{provider.app_secret}}"
CAPTCHA_SECRET_ID = "{{provider.secret_id}}"
CAPTCHA_SECRET_KEY = "{{provider.secret_key}}"

[flows.go]
{drive}
submit = {submit}
completed = {{ selector = "#done", status = 201, json = {{ "$.state" = "done" }} }}
effects = {effects}
policy = "accept"
limits = {{ per_account = 50, per_address = 50 }}

[budgets]
business = {business}

[observe]
log = "captcha.degraded"
"""
STEPS = """steps = [
  { open = "/" },
  { fill = "#name", with = "{account}" },
  { wait = "#go" },
  { show = "#go" },
  { solve = true },
]"""
SUBMIT = '{ path = "/submit", json = { name = "{account}", token = "tok-4711", ticket = "{ticket}", randstr = "{randstr}" } }'


def little(
    folder: Path,
    *,
    wrong: str = "nothing",
    flow: str = "go",
    drive: str = "",
    submit: str = SUBMIT,
    effects: str = '{ get = "/effects.json", count = "$.count" }',
    ready: str = "/healthz",
    business: int = 15000,
    more: str = "",
) -> Path:
    """Write a target file for the little application into a new folder, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flows.py").write_text(FLOWS, encoding="utf-8")
    text = FILE.format(
        app=APP, wrong=wrong, drive=drive or f'browser = "flows.py:{flow}"', submit=submit, effects=effects, ready=ready,
        business=business,
    )  # fmt: skip
    file = folder / "captchaos.toml"
    file.write_text(text + more, encoding="utf-8")
    return file
