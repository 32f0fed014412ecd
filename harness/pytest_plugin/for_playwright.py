"""The pages of pytest-playwright, and of its asyncio sister, in the laboratory.

Their browser trusts the lab's CA, and the contexts of lab tests go through it. It is registered after those plugins, so that
its fixture comes on top of theirs; a repository's own comes on top of both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError
from harness.pytest_plugin.fixtures import needs_lab

if TYPE_CHECKING:
    from harness.pytest_plugin.own_tests import OwnLab

_CONTEXT = "browser_context_args"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """The same; where a test of the session needs the laboratory, with its CA, and with the browser that captchaos knows."""
    if not any(needs_lab(item) for item in request.session.items):
        return browser_type_launch_args
    try:
        room = request.getfixturevalue("_captchaos_room")
    except (HarnessError, pytest.fail.Exception):
        return browser_type_launch_args  # those tests say so themselves; others have a browser as before
    args = [*browser_type_launch_args.get("args", ()), *room.browser_arguments]
    return {**_executable(browser_type_launch_args, request, room.browser_path), **browser_type_launch_args, "args": args}


def route(item: pytest.Item, lab: OwnLab) -> None:
    """Have a test's contexts go through the laboratory, to the target that was started for it; what else it asked for stays."""
    asked = next(item.iter_markers(_CONTEXT), None)
    words = {**lab.context_args, **(asked.kwargs if asked is not None else {})}
    item.add_marker(getattr(pytest.mark, _CONTEXT)(**words), append=False)


def _executable(asked: dict[str, Any], request: pytest.FixtureRequest, found: Path) -> dict[str, Any]:
    """The browser that captchaos found, where Playwright has none of its own and nobody named one."""
    if "channel" in asked or asked.get("headless") is False or request.getfixturevalue("browser_name") != "chromium":
        return {}
    own = Path(request.getfixturevalue("browser_type").executable_path)
    return {} if own.is_file() else {"executable_path": str(found)}
