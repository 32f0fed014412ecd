"""A customer by hand: signs in or buys, solves the puzzle when there is one, and takes the one-time code when it is offered."""

from __future__ import annotations

import requests
from playwright.sync_api import Page

LIMIT_MS = 70_000
_IFRAME = "#tcaptcha_iframe_dy"


def open_page(page: Page, shop: str, flow: str, account: int) -> None:
    """Go to the flow's page and fill in its form."""
    if flow == "login":
        page.goto(f"{shop}/login", wait_until="domcontentloaded")
        page.fill("#username", f"user-{account}@shop.test")
        page.fill("#password", "correct horse")
    else:
        page.goto(f"{shop}/checkout", wait_until="domcontentloaded")
        page.fill("#email", f"user-{account}@shop.test")


def click(page: Page, flow: str) -> None:
    """Ask for the captcha."""
    page.click("#login-button" if flow == "login" else "#TencentCaptcha")


def see_challenge(page: Page) -> None:
    """Wait until the puzzle can be solved."""
    page.frame_locator(_IFRAME).locator("#e_handle").wait_for(state="visible", timeout=LIMIT_MS)


def solve(page: Page) -> None:
    """Drag the piece into the gap."""
    frame = page.frame_locator(_IFRAME)
    boxes = [frame.locator(name).bounding_box() for name in ("#e_handle", "#e_piece", "#e_gap")]
    handle, piece, gap = (box for box in boxes if box is not None)
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + gap["x"] - piece["x"], y, steps=4)
    page.mouse.up()


def finish(page: Page, shop: str, *, step_up: bool) -> None:
    """Wait until the business is done, by the one-time code where it is offered."""
    if step_up:
        page.locator("#code").wait_for(state="visible", timeout=LIMIT_MS)
        page.fill("#code", requests.get(f"{shop}/admin/outbox.json", timeout=5).json()[-1]["code"])
        page.click("#code-button")
    page.locator("#done").wait_for(state="visible", timeout=LIMIT_MS)


def healthy_visit(page: Page, shop: str, flow: str, account: int) -> None:
    """Pass through the flow as on a good day."""
    open_page(page, shop, flow, account)
    click(page, flow)
    see_challenge(page)
    solve(page)
    finish(page, shop, step_up=False)
