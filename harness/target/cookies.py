"""Keep the cookies of an answer as a browser on loopback does: each name once, those marked Secure too."""

from __future__ import annotations

import re
import time
from email.utils import mktime_tz, parsedate_tz
from http.cookies import CookieError, Morsel, SimpleCookie

import httpx

_SECONDS = re.compile(r"-?[0-9]{1,18}")


def keep_cookies(client: httpx.AsyncClient, answer: httpx.Response) -> None:
    """Let a client come with what an answer gave it, and without what it took back."""
    # Its own jar leaves out those marked Secure, and holds the rest a second time under the host's name.
    kept = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
    for written in answer.headers.get_list("set-cookie"):
        try:
            morsels = SimpleCookie(written)
        except CookieError:
            continue
        for name, one in morsels.items():
            kept[name] = one.value
            if taken_back(one):
                del kept[name]
    client.cookies = httpx.Cookies(kept)


def sent_with(request: httpx.Request) -> dict[str, str]:
    """The cookies that a request brings along, by name."""
    pairs = (pair.strip().partition("=") for pair in request.headers.get("cookie", "").split(";"))
    return {name: value for name, _, value in pairs if name}


def taken_back(cookie: Morsel[str]) -> bool:
    """Whether a Set-Cookie asks that the cookie be forgotten: it has no time left; Max-Age goes before Expires."""
    if _SECONDS.fullmatch(cookie["max-age"]):
        return int(cookie["max-age"]) <= 0
    try:
        expires = parsedate_tz(cookie["expires"])
        return expires is not None and mktime_tz(expires) <= time.time()
    except (ValueError, OverflowError):
        return False  # a year that no calendar here has
