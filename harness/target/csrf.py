"""The token against forged requests that a page hands out: read as its form does, with the cookies that go with it."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx

from harness.errors import TargetError, closest
from harness.target.cookies import keep_cookies
from harness.target.spec import Csrf


class SentAwayError(TargetError):
    """The page that hands the token out led elsewhere: to a login, mostly."""


async def take(client: httpx.AsyncClient, csrf: Csrf, key: str) -> str:
    """Open the page and return the token; its cookies stay with the client. Raises TargetError where there is none."""
    try:
        answer = await client.get(csrf.get)
    except httpx.HTTPError as error:
        raise TargetError(f"{key}.csrf.get: {csrf.get} cannot be read: {type(error).__name__} {error}") from error
    if answer.status_code in range(300, 400):
        to = answer.headers.get("location", "nowhere")
        raise SentAwayError(f"{key}.csrf.get: {csrf.get} answered {answer.status_code} to {to[:160]}, expected 200")
    if answer.status_code != 200:
        raise TargetError(f"{key}.csrf.get: {csrf.get} answered {answer.status_code}, expected 200")
    keep_cookies(client, answer)
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
