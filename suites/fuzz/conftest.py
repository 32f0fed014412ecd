"""A running target for tests that are no scenarios: the laboratory lives in a thread, the tests are plain functions."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from harness.engine.workshop import Slots, open_workshop
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target
from suites.fuzz.door import Door, over_http


@pytest.fixture(scope="session")
def door(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """The door of the target that the session tests."""
    named: Path | None = request.config.getoption("captchaos_target")
    target = load_target(find_target(str(named) if named else None))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fuzz")
    thread.start()

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[Door]:
        async with open_workshop(target, make_plan(target), run_folder=tmp_path_factory.mktemp("fuzz")) as workshop:
            slots = Slots(0, workshop)
            yield Door(loop, workshop, {flow.provider: await slots.of(flow.name) for flow in over_http(target)})

    room = opened()
    try:
        door = asyncio.run_coroutine_threadsafe(room.__aenter__(), loop).result(300)
        try:
            door.prove()
            yield door
        finally:
            door.close()
            asyncio.run_coroutine_threadsafe(room.__aexit__(None, None, None), loop).result(60)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
