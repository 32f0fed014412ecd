"""The target file and the flows of the little shop behind a login."""

from __future__ import annotations

import json
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
FLOWS = '''"""How somebody signs in and buys."""


async def two_pages(page, flow):
    await page.goto(flow.url("/sign-in"), wait_until="domcontentloaded")
    await page.fill("#name", flow.account)
    await flow.show(page, "#in")
    await flow.captcha(page, until="#buy")
    await flow.show(page, "#buy")
    await flow.captcha(page)


async def one_page(page, flow):
    await page.goto(flow.url("/"), wait_until="domcontentloaded")
    await page.fill("#name", flow.account)
    await flow.show(page, "#in")
    await flow.captcha(page, until="#buy")
    await flow.show(page, "#buy")
    await flow.captcha(page)


def recorded(page, flow):
    page.goto(flow.url("/"))
    page.fill("#name", flow.account)
    page.locator("#in").click()
    flow.solve(until="#buy")
    page.locator("#buy").click()
    flow.solve()


async def buys(page, flow):
    await page.goto(flow.url("/shop"), wait_until="domcontentloaded")
    await flow.show(page, "#buy")
    await flow.captcha(page)


def sign_in(page, flow):
    page.goto(flow.url("/plainly"))
    page.fill("#user", flow.account)
    page.click("#in")
    page.wait_for_url("**/shop")
'''
TARGET = """[target]
name = "stepped"
start = "{{python}} -m suites.selftest.steps.stepped_app {{port}}"
ready = "/healthz"

[target.env]
PYTHONPATH = "{repository}"
STEP_UP = "{step_up}"
CAPTCHA_API = "{{links.verdict.url}}"
CAPTCHA_APP_ID = "{{provider.app_id}}"
CAPTCHA_APP_SECRET = "{{provider.app_secret}}"
CAPTCHA_SECRET_ID = "{{provider.secret_id}}"
CAPTCHA_SECRET_KEY = "{{provider.secret_key}}"

[observe]
log = "captcha.degraded"
"""
FLOW = """
[flows.{name}]
{drive}
completed = {{ selector = "#done", status = 201, json = {{ "$.state" = "done" }} }}
effects = {{ get = "/orders.json", count = "$.orders[*]", verified = "$.orders[*].verified" }}
submit.path = "/orders"
submit.cookies = {{ user = "{{account}}" }}
submit.json = {{ ticket = "{{ticket}}", randstr = "{{randstr}}" }}
{policy}
entry_deadline_ms = 5000
"""
ACCEPT = 'policy = "accept"\nlimits = { per_account = 50, per_address = 50 }'
OFFER = """policy = "step-up"
step_up.selector = "#code"
step_up.button = "#confirm"
step_up.status = 202
step_up.code = { get = "/outbox.json", json = "$[-1].code" }
step_up.confirm = { path = "/codes", json = { order = "{order}", code = "{code}" } }"""
STEPS = """steps = [
  { open = "/" }, { fill = "#name", with = "{account}" }, { show = "#in" }, { solve = "#buy" },
  { show = "#buy" }, { solve = true },
]"""
DRIVES = {
    "two-pages": 'browser = "flows.py:two_pages"',
    "one-page": 'browser = "flows.py:one_page"',
    "recorded": 'browser = "flows.py:recorded"',
    "steps": STEPS,
    "before": 'browser = "flows.py:buys"\nbefore = "flows.py:sign_in"',
    "storage": 'browser = "flows.py:buys"\nstorage = "signed-in.json"',
}


def stepped(folder: Path, *names: str, step_up: str = "") -> Path:
    """Write a target file with these flows of :data:`DRIVES` into a folder, and return it.

    ``step_up``: the shop asks for a second factor at ``each`` captcha, or ``once``.
    """
    (folder / "flows.py").write_text(FLOWS, encoding="utf-8")
    cookie = {"name": "user", "value": "somebody", "domain": "127.0.0.1", "path": "/"}
    (folder / "signed-in.json").write_text(json.dumps({"cookies": [cookie], "origins": []}), encoding="utf-8")
    flows = "".join(FLOW.format(name=name, drive=DRIVES[name], policy=OFFER if step_up else ACCEPT) for name in names)
    file = folder / "captchaos.toml"
    file.write_text(TARGET.format(repository=REPOSITORY, step_up=step_up) + flows, encoding="utf-8")
    return file
