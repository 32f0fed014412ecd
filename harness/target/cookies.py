"""Keep the cookies of an answer as a browser on loopback does: each name once, those marked Secure too."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

import httpx


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
            if one["max-age"] == "0":
                del kept[name]
    client.cookies = httpx.Cookies(kept)
