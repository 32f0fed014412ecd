"""The target file may name the cookies that are a user's session, or say that none is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.target.loader import load_target

Write = Callable[..., Path]
READY = 'ready = "/healthz"\n'


@pytest.mark.parametrize(
    ("said", "read"),
    [("", None), ("session_cookies = []", ()), ('session_cookies = ["sid", "__Host-id"]', ("sid", "__Host-id"))],
)
def test_they_are_read_and_may_be_left_out(write: Write, said: str, read: tuple[str, ...] | None) -> None:
    assert load_target(write((READY, f"{READY}{said}\n"))).session_cookies == read


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ('session_cookie = ["sid"]', "target.session_cookie is not a known key; did you mean 'session_cookies'?"),
        ('session_cookies = "sid"', "target.session_cookies must be a list of cookies' names"),
        ('session_cookies = ["sid=1; path=/"]', 'must be the name of a cookie, such as "sid"'),
    ],
)
def test_a_mistake_is_answered(write: Write, complaint: Callable[[Path], str], said: str, answer: str) -> None:
    assert answer in complaint(write((READY, f"{READY}{said}\n")))
