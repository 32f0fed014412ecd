"""Look at a page of a running application, and at the scripts of its own origin."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from harness.errors import UsageError

_LIMIT_S = 10.0
_MOST_BYTES = 2 * 1024 * 1024
_MOST_SCRIPTS = 20
_SCRIPT = re.compile(r"<script\b[^>]*?\ssrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)


def fetch_page(url: str) -> list[tuple[str, str]]:
    """The page and its scripts, as pairs of address and text; raises UsageError with what to do where there is no page.

    A script that cannot be had is left out.
    """
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise UsageError(f"--url {url!r} is no address of a page: it begins with http://, such as http://127.0.0.1:8000/")
    with httpx.Client(timeout=_LIMIT_S, follow_redirects=True, trust_env=False) as client:
        try:
            page, text = _got(client, url)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UsageError(f"--url {url} cannot be looked at: {_why(error, url)}") from error
        return [(str(page), text), *_scripts(client, page, text)]


def _got(client: httpx.Client, url: str | httpx.URL) -> tuple[httpx.URL, str]:
    """Where the text came from in the end, and as much of it as is looked at."""
    with client.stream("GET", url) as answer:
        answer.raise_for_status()
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) >= _MOST_BYTES:
                break
        return answer.url, body[:_MOST_BYTES].decode(_charset(answer), errors="replace")


def _charset(answer: httpx.Response) -> str:
    """What the answer says that its text is written in, or UTF-8 where nobody knows that word (``utf8mb4``)."""
    try:
        return codecs.lookup(answer.charset_encoding or "utf-8").name
    except LookupError:
        return "utf-8"


def _scripts(client: httpx.Client, page: httpx.URL, text: str) -> Iterator[tuple[str, str]]:
    for source in _SCRIPT.findall(text)[:_MOST_SCRIPTS]:
        try:
            address = page.join(source)
            if (address.scheme, address.host, address.port) == (page.scheme, page.host, page.port):
                found, script = _got(client, address)
                yield str(found), script
        except (httpx.HTTPError, httpx.InvalidURL):
            continue


def _why(error: Exception, url: str) -> str:
    """What went wrong and what to do, in words; httpx has several lines and links for it."""
    if isinstance(error, httpx.HTTPStatusError):
        answer = error.response
        return f"{answer.url} answered {answer.status_code}: name a page that anybody may open"
    at = str(error.request.url) if isinstance(error, httpx.RequestError) else url
    if at.startswith("https:") and url.startswith("http:"):
        return f"redirects-to-https: it leads to {at}, which cannot be read ({error}): switch that off, or leave --url out"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return f"nothing answers there ({error or 'no answer in time'}): start the application first, or mend the port"
    return f"{error or type(error).__name__}: start the application first, or name another page"
