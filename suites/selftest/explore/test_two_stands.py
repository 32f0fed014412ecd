"""Two stands of one flow: whatever the one that loads comes to, the other is closed, and no window is left behind."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.async_api import async_playwright

from harness.catalog.callbacks import Callbacks
from harness.errors import TargetError
from harness.explore.two_stands import TwoStands
from harness.explore.whole_window import open_whole
from harness.lab.handle import drop
from harness.setup.browser import find_browser


class Stand:
    """Writes down what is done to it; its page has always gone on, and its next one loads until somebody stops that."""

    usable = False

    def __init__(self, name: str, noted: list[str], *, fails: bool = False) -> None:
        self._name, self._noted, self._fails = name, noted, fails

    async def open(self) -> None:
        self._noted.append(f"open {self._name}")

    async def make_ready(self) -> None:
        self._noted.append(f"load {self._name}")
        try:
            await asyncio.Event().wait()
        finally:
            self._noted.append(f"stop loading {self._name}")

    async def attempt(self, _callbacks: Callbacks, *, fresh: bool) -> None:
        """Try nothing."""
        await asyncio.sleep(0)

    async def close(self) -> None:
        self._noted.append(f"close {self._name}")
        if self._fails:
            raise TargetError("the browser is gone")

    async def renew(self) -> None:
        self._noted.append(f"renew {self._name}")


async def while_the_other_loads(noted: list[str], *, fails: bool = False) -> TwoStands:
    first, second = Stand("first", noted), Stand("second", noted, fails=fails)
    stands = TwoStands(first, second)  # type: ignore[arg-type]  # as much of a stand as it needs
    await stands.open()
    for _ in range(5):
        await stands.attempt(Callbacks(throws=True))
    assert noted == ["open first", "open second", "load second"]
    noted.clear()
    return stands


def test_a_page_that_loads_is_stopped_before_its_stand_is_closed() -> None:
    noted: list[str] = []

    async def ended() -> None:
        await (await while_the_other_loads(noted)).close()

    asyncio.run(ended())
    assert noted == ["stop loading second", "close second", "close first"]


def test_whoever_goes_on_with_a_fresh_target_keeps_no_second_one() -> None:
    noted: list[str] = []

    async def renewed() -> None:
        await (await while_the_other_loads(noted)).renew()

    asyncio.run(renewed())
    assert noted == ["stop loading second", "close second", "renew first"]


def test_a_stand_that_cannot_be_closed_keeps_the_other_from_nothing() -> None:
    noted: list[str] = []

    async def ended() -> None:
        stands = await while_the_other_loads(noted, fails=True)
        with pytest.raises(TargetError, match="the browser is gone"):
            await stands.close()

    asyncio.run(ended())
    assert noted[-1] == "close first"


def test_a_window_that_nobody_waits_for_any_more_is_closed() -> None:
    """Stopped when it has just begun to open, and a little later."""

    async def left_open() -> list[Any]:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=(await find_browser()).path)
            provider = SimpleNamespace(observer="")
            bench = SimpleNamespace(browser=browser, provider=provider, watch=None, takes_every_certificate=False)
            slot = SimpleNamespace(router=SimpleNamespace(port=1))
            for after_s in (0.0, 0.01):
                opening = asyncio.ensure_future(open_whole(bench, slot, profile="desktop", behind_ms=0))  # type: ignore[arg-type]
                await asyncio.wait({opening}, timeout=after_s)
                assert not opening.done()
                await drop(opening)
            left = list(browser.contexts)
            await browser.close()
            return left

    assert asyncio.run(left_open()) == []
