"""What browser faults act on: one context's policy, blocks and connectivity, and the router's names."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.async_api import APIResponse, BrowserContext, Route

from harness.catalog import Place
from harness.faults.base import Receipt
from harness.lab.no_browser import NoBrowser
from harness.lab.router import Router

# Playwright answers no intercepted request with a redirect there, and gives the request up.
_ANSWERS_NO_REDIRECT = "webkit"


class DeviceControls(NoBrowser):
    """All that a scripted client has of a browser: names that may not resolve."""

    def __init__(self, router: Router) -> None:
        self._router = router

    async def refuse_names(self, hosts: Sequence[str]) -> Receipt:
        """Let the names not resolve."""
        return _joined([self._router.refuse_name(host) for host in hosts])

    async def restore_names(self, hosts: Sequence[str]) -> Receipt:
        """Let the names resolve again."""
        return _joined([self._router.restore_name(host) for host in hosts])


class ContextControls(DeviceControls):
    """Browser faults of one context; every change is answered by what then stands."""

    def __init__(self, context: BrowserContext, router: Router, *, page_url: str) -> None:
        super().__init__(router)
        self._context = context
        self._page_url = page_url
        self._policy = ""
        self._blocked: tuple[str, ...] = ()
        self._offline = False

    async def add_policy(self, csp: str) -> Receipt:
        """Add a Content-Security-Policy to the target's documents, as a proxy or a release with a wrong header would."""
        self._policy = csp
        await self._context.route(f"{self._page_url}/**", self._with_policy)
        return Receipt(place=Place.BROWSER, asked=f"policy {csp}", read_back=f"policy {self._policy}")

    async def remove_policy(self) -> Receipt:
        """Serve the target's documents with their own headers again."""
        self._policy = ""
        await self._context.unroute(f"{self._page_url}/**", self._with_policy)
        return Receipt(place=Place.BROWSER, asked="no policy", read_back=f"policy {self._policy or 'none'}")

    async def block(self, patterns: Sequence[str]) -> Receipt:
        """Abort requests below these URL prefixes as a content blocker does."""
        for pattern in patterns:
            await self._context.route(f"{pattern}**", _abort)
        self._blocked = tuple(patterns)
        return Receipt(place=Place.BROWSER, asked=f"block {' '.join(patterns)}", read_back=f"block {' '.join(self._blocked)}")

    async def unblock(self) -> Receipt:
        """Take the blocks away."""
        for pattern in self._blocked:
            await self._context.unroute(f"{pattern}**", _abort)
        self._blocked = ()
        return Receipt(place=Place.BROWSER, asked="block nothing", read_back=f"block {' '.join(self._blocked) or 'nothing'}")

    async def set_offline(self, offline: bool) -> Receipt:
        """Take the context's network away, or give it back; read back from a page where one is open."""
        await self._context.set_offline(offline)
        self._offline = offline
        stands = [not await page.evaluate("navigator.onLine") for page in self._context.pages if not page.is_closed()]
        return Receipt(place=Place.BROWSER, asked=f"offline {offline}", read_back=f"offline {stands or [self._offline]}")

    async def _with_policy(self, route: Route) -> None:
        # A form that is sent must reach the target once and as it is, so only what is fetched gets the policy.
        if route.request.resource_type != "document" or route.request.method != "GET":
            await route.continue_()
            return
        # A redirect is for the browser to follow, or the document would stand under the address it was moved from.
        response = await route.fetch(max_redirects=0)
        if 300 <= response.status < 400 and _engine_of(self._context) == _ANSWERS_NO_REDIRECT:
            # What it leads to has then no policy, and a policy that nobody has met is a fault that was not felt.
            await route.continue_()
            return
        headers = _joined_headers(response)
        both = ", ".join(policy for policy in (headers.get("content-security-policy", ""), self._policy) if policy)
        await route.fulfill(response=response, headers={**headers, "content-security-policy": both})


def _engine_of(context: BrowserContext) -> str:
    return context.browser.browser_type.name if context.browser is not None else ""


def _joined_headers(response: APIResponse) -> dict[str, str]:
    # Playwright takes one text per name, and cookies, which alone cannot be joined by a comma, a line each.
    joined: dict[str, str] = {}
    for header in response.headers_array:
        name = header["name"].lower()
        between = "\n" if name == "set-cookie" else ", "
        joined[name] = f"{joined[name]}{between}{header['value']}" if name in joined else header["value"]
    return joined


async def _abort(route: Route) -> None:
    await route.abort("blockedbyclient")


def _joined(receipts: Sequence[Receipt]) -> Receipt:
    return Receipt(
        place=Place.ROUTER, asked="; ".join(r.asked for r in receipts), read_back="; ".join(r.read_back for r in receipts)
    )
