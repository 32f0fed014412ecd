"""What broke a lab, in words for its evidence."""

from __future__ import annotations

from collections.abc import Awaitable

from playwright.async_api import Error as PlaywrightError

from harness.errors import HarnessError


async def what_broke(work: Awaitable[None]) -> str:
    """Await a lab's work and return what it ended by; "" when it went through."""
    try:
        await work
    except HarnessError as broken:
        return str(broken)
    except PlaywrightError as broken:
        return f"the browser broke: {broken.message.splitlines()[0]}"
    except Exception as broken:  # noqa: BLE001 - one lab's unforeseen crash must not take the others' evidence with it
        return f"unforeseen {type(broken).__name__} in the lab: {broken}"
    return ""
