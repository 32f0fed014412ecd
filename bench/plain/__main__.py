"""Run the twelve, one after the other; one line of JSON each: what was tested and the seconds it took."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import requests
from playwright.sync_api import Page, Request

from bench.plain.customer import click, finish, healthy_visit, open_page, see_challenge, solve
from bench.plain.ground import Ground, ground, shop
from bench.plain.scenarios import CASES, FRAME, Case


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.plain")
    for name in ("--toxiproxy", "--browser", "--shop"):
        parser.add_argument(name, required=True)
    parser.add_argument("-k", dest="word", default="")
    args = parser.parse_args()
    with ground(toxiproxy_path=args.toxiproxy, browser_path=args.browser, shop_folder=Path(args.shop)) as stands:
        for case in CASES:
            if args.word in case.like:
                sys.stdout.write(json.dumps(run(case, stands)) + "\n")
                sys.stdout.flush()
    return 0


def run(case: Case, stands: Ground) -> dict[str, object]:
    """Run one test: start a shop, visit through the fault, heal, and let three more customers through."""
    began = time.monotonic()
    posted: list[str] = []
    with shop(stands) as address:
        context = stands.browser.new_context(ignore_https_errors=True)
        context.on("request", lambda request: posted.append(_body(request)))
        try:
            page = context.new_page()
            started = time.monotonic()
            _broken(case, stands, page, address)
            _demand_code(case, address, posted)
            heal(stands)
            page.unroute_all()
            struck = time.monotonic()
            _recover(case, stands, page, address)
        finally:
            context.close()
            heal(stands)
        recovered = time.monotonic()
    return {
        "like": case.like, "start_s": started - began, "fault_s": struck - started, "recovery_s": recovered - struck,
        "total_s": time.monotonic() - began,
    }


def _body(request: Request) -> str:
    return request.post_data or "" if request.method == "POST" else ""


def _broken(case: Case, stands: Ground, page: Page, address: str) -> None:
    if case.at == "open":
        case.strike(page, stands.proxies)
    open_page(page, address, case.flow, 1)
    if case.at == "click":
        _frame_loaded(page)
        case.strike(page, stands.proxies)
    if case.pause_ms:
        page.wait_for_timeout(case.pause_ms)
    click(page, case.flow)
    if case.solves:
        see_challenge(page)
        if case.at == "challenge":
            case.strike(page, stands.proxies)
        solve(page)
    finish(page, address, step_up=case.flow == "checkout")


def _frame_loaded(page: Page) -> None:
    script = "name => performance.getEntriesByType('resource').some(entry => entry.name.includes(name))"
    page.wait_for_function(script, arg=FRAME.strip("*/"))


def _demand_code(case: Case, address: str, posted: list[str]) -> None:
    admin = "sessions" if case.flow == "login" else "orders"
    seen = "".join(posted) + requests.get(f"{address}/admin/{admin}.json", timeout=5).text
    assert f"error_{case.code}_" in seen, f"{case.like}: no ticket of {case.code} in {seen}"


def _recover(case: Case, stands: Ground, page: Page, address: str) -> None:
    healthy_visit(page, address, case.flow, 2)
    healthy_visit(page.context.new_page(), address, case.flow, 3)
    visitor = stands.browser.new_context(ignore_https_errors=True)
    try:
        healthy_visit(visitor.new_page(), address, case.flow, 4)
    finally:
        visitor.close()


def heal(stands: Ground) -> None:
    """Take every toxic away and enable every proxy."""
    for proxy in stands.proxies.values():
        for name in list(proxy.toxics()):
            proxy.destroy_toxic(name)
        proxy.enable()


if __name__ == "__main__":
    sys.exit(main())
