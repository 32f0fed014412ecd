"""Between two requests cookies are kept as a browser keeps them: what an answer takes back does not come along again."""

from __future__ import annotations

import time
from email.utils import formatdate

import httpx
import pytest

from harness.target.cookies import keep_cookies, sent_with

ANSWERED_FROM = httpx.Request("POST", "http://127.0.0.1/out")


def left_after(*written: str) -> dict[str, str]:
    """What a client with two cookies sends after an answer with these Set-Cookie lines."""
    client = httpx.AsyncClient(base_url="http://127.0.0.1", cookies={"sid": "s1", "lang": "de"})
    # Put in here and not in the parameters: a test's name must be the same in every process that collects it.
    in_an_hour = formatdate(time.time() + 3600, usegmt=True)
    headers = [("set-cookie", one.replace("{in an hour}", in_an_hour)) for one in written]
    keep_cookies(client, httpx.Response(200, headers=headers, request=ANSWERED_FROM))
    return sent_with(client.build_request("GET", "/"))


@pytest.mark.parametrize(
    "attributes",
    [
        "Max-Age=0",
        "Max-Age=-1",
        "Expires=Thu, 01 Jan 1970 00:00:00 GMT",  # all that Express's res.clearCookie says
        "Expires=Mon, 01 Jan 0001 00:00:00 GMT",
        "Expires=Thu, 01-Jan-1970 00:00:10 GMT",
        "Expires=Thu, 01-Jan-1970 00:00:10 GMT; Max-Age=0",
        "Max-Age=0; Expires={in an hour}",
    ],
)
def test_a_cookie_without_time_left_is_taken_back(attributes: str) -> None:
    assert left_after(f"sid=gone; Path=/; {attributes}") == {"lang": "de"}


@pytest.mark.parametrize(
    "attributes",
    [
        "HttpOnly",
        "Secure",
        "Max-Age=60",
        "Expires={in an hour}",
        "Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",  # Max-Age goes before Expires
        "Max-Age=soon",
        "Expires=0",
        'Expires="Fri, 01 Jan 99999 00:00:00 GMT"',
    ],
)
def test_any_other_takes_the_place_of_the_one_before(attributes: str) -> None:
    assert left_after(f"sid=s2; Path=/; {attributes}") == {"sid": "s2", "lang": "de"}


def test_a_request_says_which_cookies_it_brings_whatever_stands_in_them() -> None:
    assert sent_with(httpx.Request("GET", "http://127.0.0.1/", headers={"cookie": "sid=a=b; t={1,2}; csrf="})) == {
        "sid": "a=b", "t": "{1,2}", "csrf": "",
    }  # fmt: skip
    assert sent_with(ANSWERED_FROM) == {}
