"""A window with its page, opened whole or not at all: one that is left half open would be nobody's to close."""

from __future__ import annotations

import asyncio
import contextlib
import time

from playwright.async_api import Error as PlaywrightError

from harness.explore.drawn_page import Heard, OpenPage
from harness.lab.bench import Bench
from harness.lab.slot import Slot
from harness.lab.window import open_window


async def open_whole(bench: Bench, slot: Slot, *, profile: str, behind_ms: int) -> OpenPage:
    """Open a page whose clock is so far behind; whoever cancels this waits until it is there, and gone again."""
    opening = asyncio.ensure_future(_opened(bench, slot, profile=profile, behind_ms=behind_ms))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        # What a browser has been asked for comes, whether anybody waits for it or not.
        with contextlib.suppress(PlaywrightError):
            await (await opening).context.close()
        raise


async def _opened(bench: Bench, slot: Slot, *, profile: str, behind_ms: int) -> OpenPage:
    heard = Heard()
    context, traffic = await open_window(bench, slot, heard, profile=profile, look_into=())
    async with contextlib.AsyncExitStack() as undone:
        undone.push_async_callback(context.close)
        await context.clock.install(time=time.time() - behind_ms / 1000)
        page = await context.new_page()
        undone.pop_all()
    return OpenPage(context=context, traffic=traffic, heard=heard, page=page, behind_ms=behind_ms)
