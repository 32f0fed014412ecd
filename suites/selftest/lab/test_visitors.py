"""What a visit's times hold: the user's own waiting, and none of the lab's."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.catalog import Behaviour
from harness.journal.model import Visit
from harness.lab.handle import Handle, User
from harness.lab.recorder import Recorder
from harness.lab.visitors import Visitors
from harness.target.loader import find_target, load_target
from harness.target.spec import Completed, Effects, StepUp
from suites.selftest.lab.sockets import Line, listening

pytestmark = pytest.mark.anyio
CODE = "493021"
# A code that always stands there is waited for as long as one that a worker writes late may take: docs/limits.md.
FOR_A_NEW_CODE_MS = 2000
OWN_MS = 400
ASKED = itertools.count()


class Clicks(Handle):
    """Asks for the captcha, is offered a second factor, and is done ``OWN_MS`` after its code was read."""

    async def gone_on(self) -> int:
        await self._click("#go")
        return 1

    async def step_up(self) -> None:
        assert await self._code_sent() == CODE
        await asyncio.sleep(OWN_MS / 1000)  # the time that is measured


class Seated:
    """A seat without a page."""

    page = None

    def handle(self, user: User) -> Handle:
        return Clicks(user)

    async def draw(self, _file: Path) -> bool:
        return False


async def outbox_with_a_fixed_code(line: Line) -> None:
    while head := await line.reader.readuntil(b"\r\n\r\n"):
        # An effect that can be seen whenever it is asked for is waited for by nobody.
        told = [{"code": CODE}] if head.startswith(b"GET /outbox.json") else {"count": next(ASKED)}
        body = json.dumps(told).encode()
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


@pytest.fixture
async def visitors() -> AsyncIterator[Visitors]:
    target = load_target(find_target(None))
    flow = replace(
        target.flows["checkout"],
        completed=Completed(status=201),
        effects=Effects(get="/count", count="$.count"),
        step_up=StepUp(status=202, code_get="/outbox.json", code_json="$[-1].code"),
    )
    target = replace(target, flows={"checkout": flow}, observe=replace(target.observe, log=None, metric=None))
    expect = SimpleNamespace(business_budget_ms=10_000, recovery_budget_ms=10_000, explains="", says="", looks=False)
    scenario = SimpleNamespace(id="s", flow="checkout", expect=expect)
    slot = SimpleNamespace(origin=SimpleNamespace(log=[]), provider=SimpleNamespace(log=[], arrivals=lambda _link: []))

    async def drive(_page: object, _flow: object) -> None:
        return

    async def on_click() -> None:
        return

    async def while_alive(work: Any) -> Any:
        return await work

    async with listening(outbox_with_a_fixed_code) as port:
        stage = SimpleNamespace(base_url=f"http://127.0.0.1:{port}", while_alive=while_alive, times_said=0)
        bench = SimpleNamespace(
            target=target, human=None, drives={"checkout": drive}, run_folder=Path()
        )
        yield Visitors(*cast(Any, (bench, slot, stage, scenario, Recorder(), on_click)))


async def visit_of(visitors: Visitors) -> Visit:
    await visitors.let_through("honest", cast(Any, Seated()), Behaviour(), account=1)
    return visitors.visits[-1]


async def test_what_the_lab_waits_in_vain_for_a_code_is_no_time_of_the_business(visitors: Visitors) -> None:
    """The first visitor finds out that the code is a fixed one; the next one knows, and both took as long."""
    first, second = await visit_of(visitors), await visit_of(visitors)
    for one in (first, second):
        assert one.step_up_offered
        assert one.business_ms is not None
        assert OWN_MS <= one.business_ms < OWN_MS + FOR_A_NEW_CODE_MS / 2
    took_ms = [one.ended.page_ms - one.began.page_ms for one in (first, second)]
    assert took_ms[0] >= FOR_A_NEW_CODE_MS + OWN_MS > took_ms[1], "the lab waited once"
