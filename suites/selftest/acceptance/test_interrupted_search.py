"""Ctrl-C while a search is still opening what it needs: it says so in a sentence, exits with 2 and leaves nothing behind."""

from __future__ import annotations

import contextlib

import psutil
import pytest

from suites.selftest.acceptance.command import House, slim_shop

pytestmark = pytest.mark.timeout(600)
# What is told by its command line, as it is being opened.
MOMENTS = {"the lab": "janitor", "the browser": "headless", "the target": "uvicorn"}
DAILY = ("callbacks", "the target")


def runs(house: House, word: str) -> bool:
    """Whether a process of the house has the word in its command line."""
    for process in house.processes():
        with contextlib.suppress(psutil.Error):
            if word in " ".join(process.cmdline()):
                return True
    return False


@pytest.mark.parametrize(
    ("kind", "opened"),
    [
        pytest.param(kind, opened, marks=() if (kind, opened) == DAILY else pytest.mark.nightly)
        for kind in ("callbacks", "tickets")
        for opened in (("the lab", "the browser", "the target") if kind == "callbacks" else ("the lab", "the target"))
    ],
)
def test_ctrl_c_while_something_is_opened_ends_a_search(house: House, kind: str, opened: str) -> None:
    target = slim_shop(house.root / "target")
    cases = house.root / "cases"
    with house.started("fuzz", kind, "--target", target, "--seconds", "60", "--seed", "1", "--cases", cases) as search:
        search.until(lambda: runs(house, MOMENTS[opened]))
        search.interrupt()
        assert search.wait() == 2, search.said
        assert house.left_behind() == []
    # A busy machine is told of its target when the search has begun: what there is to say of that stands between.
    title, *_, told = search.said.splitlines()
    assert title.endswith("--seed 1 draws the same again")
    assert told.startswith("interrupted: "), search.said
    assert "Traceback" not in search.said
    assert not cases.exists()
