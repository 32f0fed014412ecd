"""The token against forged requests that a page hands out: read as its form does, with the cookies that go with it."""

from __future__ import annotations

from html.parser import HTMLParser
from http.cookies import CookieError, SimpleCookie

import httpx

from harness.errors import TargetError, closest
from harness.target.spec import Csrf


async def take(client: httpx.AsyncClient, csrf: Csrf, key: str) -> str:
    """Open the page and return the token; its cookies stay with the client. Raises TargetError where there is none."""
    try:
        answer = await client.get(csrf.get)
    except httpx.HTTPError as error:
        raise TargetError(f"{key}.csrf.get: {csrf.get} cannot be read: {type(error).__name__} {error}") from error
    if answer.status_code != 200:
        raise TargetError(f"{key}.csrf.get: {csrf.get} answered {answer.status_code}, expected 200")
    for written in answer.headers.get_list("set-cookie"):
        # A browser sends them on loopback though they are marked Secure; a cookie jar would not.
        try:
            for name, one in SimpleCookie(written).items():
                client.cookies.set(name, one.value)
        except CookieError:
            continue
    reader = _Tokens()
    reader.feed(answer.text)
    if csrf.field in client.cookies and csrf.field not in reader.found:
        return str(client.cookies[csrf.field])
    if csrf.field not in reader.found:
        raise TargetError(f"{key}.csrf.field: no {csrf.field!r} in {csrf.get}{closest(csrf.field, reader.found)}")
    return reader.found[csrf.field]


class _Tokens(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        value = given.get("value" if tag == "input" else "content")
        if tag in ("input", "meta") and given.get("name") and value is not None:
            self.found[given["name"]] = value
