"""What each engine says of a request that it stops itself is told from all that it says besides.

Firefox's sentences are those of its csp.properties (153) with their places filled in, its names those of xpcom's error list;
Chromium's are Blink's and of net/base/net_error_list.h.
"""

from __future__ import annotations

import pytest

from harness.browsers import forbidden, stopped

SCRIPT, FRAME = "https://turing.captcha.qcloud.com/TCaptcha.js", "https://turing.captcha.gtimg.com/1/template/drag_ele.html"
IN_FIREFOX = f"The page’s settings blocked a script (script-src-elem) at {SCRIPT} from being executed because it violates the following directive: “script-src 'self' 'unsafe-inline'”"  # noqa: E501 - a browser's own sentence
A_FRAME_IN_FIREFOX = f"The page’s settings blocked the loading of a resource (frame-src) at {FRAME} because it violates the following directive: “frame-src 'self'”"  # noqa: E501 - a browser's own sentence
IN_CHROMIUM = f"Loading the script '{SCRIPT}' violates the following Content Security Policy directive: \"script-src 'self'\". The action has been blocked."  # noqa: E501 - a browser's own sentence
ONLY_REPORTED = IN_FIREFOX.replace("The page’s settings blocked", "(Report-Only policy) The page’s settings would block")


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("csp-blocked", IN_FIREFOX),
        ("csp-blocked", A_FRAME_IN_FIREFOX),
        # As a line of the console it has a prefix.
        ("csp-blocked", f"Content-Security-Policy: {IN_FIREFOX}"),
        ("csp-blocked", IN_CHROMIUM),
        ("extension-blocked", f"NS_ERROR_ABORT {SCRIPT}"),
        ("extension-blocked", f"net::ERR_BLOCKED_BY_CLIENT {SCRIPT}"),
        ("offline", f"NS_ERROR_OFFLINE {SCRIPT}"),
        ("offline", f"net::ERR_INTERNET_DISCONNECTED {SCRIPT}"),
    ],
)
def test_a_request_that_the_browser_stops_itself_is_told_by_its_own_words(fault: str, said: str) -> None:
    assert stopped(fault, said)
    others = {"csp-blocked", "extension-blocked", "offline"} - {fault}
    assert not [other for other in others if stopped(other, said)]


@pytest.mark.parametrize(
    "said",
    [
        ONLY_REPORTED,
        f"NS_BINDING_ABORTED {SCRIPT}",
        f"NS_ERROR_FAILURE {SCRIPT}",
        f"NS_ERROR_CONNECTION_REFUSED {SCRIPT}",
        f"NS_ERROR_NET_RESET {SCRIPT}",
        f"NS_ERROR_UNKNOWN_HOST {SCRIPT}",
        f"net::ERR_CONNECTION_REFUSED {SCRIPT}",
        f"GET {SCRIPT}?note=NS_ERROR_OFFLINE",
    ],
)
def test_what_is_said_of_the_network_or_only_reported_is_no_stop_of_the_browsers(said: str) -> None:
    assert not [fault for fault in ("csp-blocked", "extension-blocked", "offline", "refused") if stopped(fault, said)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (IN_FIREFOX, [(SCRIPT, "script-src 'self' 'unsafe-inline'")]),
        (A_FRAME_IN_FIREFOX, [(FRAME, "frame-src 'self'")]),
        (IN_CHROMIUM, [(SCRIPT, "script-src 'self'")]),
        (ONLY_REPORTED, []),
        ("The page’s settings blocked an inline script (script-src-elem) from being executed because it violates the following directive: “script-src 'self'”. Consider using a hash ('sha256-x') or a nonce.", []),  # noqa: E501 - a browser's own sentence
    ],
)
def test_what_a_policy_forbids_is_told_with_its_directive(said: str, told: list[tuple[str, str]]) -> None:
    assert list(forbidden(said)) == told
