"""The twelve tests. Each strikes its link by what is at hand: a toxic, a disabled proxy, or a route of Playwright's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, Response, Route

from bench.plain.ground import API, CDN, CDN_2, VERDICT

FRAME = "**/tcaptcha-frame.*"
ENTRY = "**/TCaptcha.js*"
Proxies = dict[str, Any]
Strike = Callable[[Page, Proxies], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test. ``like`` is our scenario of the same kind; ``at`` is when it strikes: open, click or challenge."""

    like: str
    code: int
    strike: Strike
    at: str
    solves: bool = False
    pause_ms: int = 0

    @property
    def flow(self) -> str:
        """Which business it is."""
        return self.like.split("-", maxsplit=1)[0]


def refuse(*hosts: str) -> Strike:
    """Let connections to the hosts be refused."""

    def strike(_page: Page, proxies: Proxies) -> None:
        for host in hosts:
            proxies[host].disable()

    return strike


def hang(*hosts: str) -> Strike:
    """Let nothing come back from the hosts."""

    def strike(_page: Page, proxies: Proxies) -> None:
        for host in hosts:
            proxies[host].add_toxic(type="timeout", name="hang", attributes={"timeout": 0})

    return strike


def late(host: str, latency_ms: int) -> Strike:
    """Let the host answer late."""

    def strike(_page: Page, proxies: Proxies) -> None:
        proxies[host].add_toxic(type="latency", name="late", attributes={"latency": latency_ms, "jitter": 0})

    return strike


def unavailable(pattern: str) -> Strike:
    """Answer 503."""

    def strike(page: Page, _proxies: Proxies) -> None:
        page.route(pattern, lambda route: route.fulfill(status=503, body="unavailable"))

    return strike


def refuse_requests(pattern: str) -> Strike:
    """Refuse some requests of a host that others need."""

    def refused(route: Route) -> None:
        route.abort("connectionrefused")

    def strike(page: Page, _proxies: Proxies) -> None:
        page.route(pattern, refused)

    return strike


def hang_then(first: tuple[str, ...], after: str, then: str) -> Strike:
    """Hang hosts now, and one more as soon as the answer whose address holds ``after`` has come through it."""

    def strike(page: Page, proxies: Proxies) -> None:
        def answered(response: Response) -> None:
            if after in response.url:
                page.remove_listener("response", answered)
                hang(then)(page, proxies)

        hang(*first)(page, proxies)
        page.on("response", answered)

    return strike


CASES: tuple[Case, ...] = (
    Case(like="login-1001-entry-refused-cold", code=1001, strike=refuse(API), at="open"),
    Case(like="login-1001-entry-hang-cold", code=1001, strike=hang(API), at="open"),
    Case(like="login-1001-entry-latency-cold", code=1001, strike=late(API, 12_000), at="open"),
    Case(like="login-1001-entry-status-503-cold", code=1001, strike=unavailable(ENTRY), at="open"),
    Case(like="login-1004-frame-refused-cold", code=1004, strike=refuse_requests(FRAME), at="open"),
    Case(like="login-1002-frame-hang-cold", code=1002, strike=hang(CDN, CDN_2), at="open"),
    Case(
        like="login-1003-frame-hang-cold", code=1003, strike=hang_then((CDN, CDN_2), "TCaptcha.js", API), at="open",
        pause_ms=26_000,
    ),
    Case(like="login-1006-config-hang-cold", code=1006, strike=hang(API), at="click"),
    Case(like="login-1007-template-hang-cold", code=1007, strike=hang_then((CDN,), "cap_union_prehandle", API), at="click"),
    Case(like="login-1013-verify-hang-cold", code=1013, strike=hang(API), at="challenge", solves=True),
    Case(like="login-2001-verdict-hang-cold", code=2001, strike=hang(VERDICT), at="click", solves=True),
    Case(like="checkout-2002-verdict-refused-cold", code=2002, strike=refuse(VERDICT), at="click", solves=True),
)
