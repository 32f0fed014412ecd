"""What a repository writes for itself with captchaos' fixtures; docs/pytest.md shows it, test_own_tests.py runs it."""

import httpx
import pytest
from playwright.async_api import async_playwright
from playwright.sync_api import Page, expect


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.mark.fault("entry", "refused")
def test_a_customer_logs_in_though_the_captcha_does_not_load(page: Page):
    page.goto("/login")
    page.fill("#username", "user-1@shop.test")
    page.fill("#password", "correct horse")
    page.click("#login-button")
    expect(page.locator("#done")).to_be_visible(timeout=30_000)


@pytest.mark.anyio
@pytest.mark.fault("entry", "refused")
async def test_the_same_in_a_browser_of_its_own(captchaos_lab):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**captchaos_lab.launch_args)
        page = await browser.new_page(**captchaos_lab.context_args)
        await page.goto("/login", wait_until="domcontentloaded")
        await page.fill("#username", "user-1@shop.test")
        await page.fill("#password", "correct horse")
        await page.click("#login-button")
        await page.wait_for_selector("#done:visible")


def log_in(lab, ticket, randstr=""):
    body = {"username": "user-1@shop.test", "password": "correct horse", "ticket": ticket, "randstr": randstr}
    return httpx.post(f"{lab.url}/login", json=body, timeout=30, trust_env=False)


def test_no_verdict_is_no_refusal(captchaos_lab, fault, provider, ticket):
    honest = ticket()
    with fault("verdict", "refused"):
        assert log_in(captchaos_lab, honest.ticket, honest.randstr).status_code == 200
    assert provider.requests("verdict") == 0


def test_a_used_ticket_is_refused(captchaos_lab, provider, ticket):
    used = ticket("used-ticket")
    assert log_in(captchaos_lab, used.ticket, used.randstr).status_code == 403
    assert provider.requests("verdict") == 1
