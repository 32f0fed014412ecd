"""A laboratory in a thread of its own: whoever searches with Hypothesis does so in plain functions."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from harness.engine.workshop import Workshop, open_workshop
from harness.errors import LaboratoryError
from harness.plan.build import make_plan
from harness.target.live import refuse_live
from harness.target.spec import Target

Answer = TypeVar("Answer")
_OPEN_LIMIT_S, _DO_LIMIT_S, _END_LIMIT_S = 300, 300, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """An open workshop; :meth:`do` runs what is awaited there, from any other thread."""

    loop: asyncio.AbstractEventLoop
    workshop: Workshop

    def do(self, work: Coroutine[object, object, Answer]) -> Answer:
        """Run it in the laboratory's loop, and return or raise what it does."""
        return run_in(self.loop, work, _DO_LIMIT_S)


def run_in(loop: asyncio.AbstractEventLoop, work: Coroutine[object, object, Answer], limit_s: float) -> Answer:
    """Run it in another thread's loop; what nobody waits for any more, as after Ctrl-C, is cancelled.

    Raises what the work does, and LaboratoryError where it has not ended within ``limit_s`` seconds.
    """
    future = asyncio.run_coroutine_threadsafe(work, loop)
    try:
        return future.result(limit_s)
    except TimeoutError as error:
        if future.done():
            raise
        raise LaboratoryError(
            f"the laboratory has not done its work within {limit_s:g} s: try again when the machine has less to do"
        ) from error
    finally:
        future.cancel()


@contextlib.contextmanager
def open_laboratory(target: Target, *, toxiproxy: str | None = None, browser: str | None = None) -> Iterator[Laboratory]:
    """Open a workshop for a target in a thread, and take everything down again, whatever happens inside.

    Raises ConfigurationError for a target whose provider is live: a search asks more, and worse, than a vendor is asked.
    """
    refuse_live(target, "a search, or a test of your own,")
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_unhandled)
    thread = threading.Thread(target=loop.run_forever, name="laboratory")
    thread.start()
    try:
        with tempfile.TemporaryDirectory(prefix="captchaos-search-") as folder:
            room = open_workshop(
                target, make_plan(target), run_folder=Path(folder), toxiproxy=toxiproxy, browser=browser
            )
            workshop = run_in(loop, room.__aenter__(), _OPEN_LIMIT_S)
            try:
                yield Laboratory(loop=loop, workshop=workshop)
            finally:
                run_in(loop, room.__aexit__(None, None, None), _DO_LIMIT_S)
    finally:
        try:
            run_in(loop, _end_the_rest(), _END_LIMIT_S)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


async def _end_the_rest() -> None:
    """Cancel what still goes on and await its end: what was only half opened takes down what it has."""
    if rest := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in rest:
            # A second word would tear down what the first has begun to take down.
            if not task.cancelling():
                task.cancel()
        await asyncio.wait(rest)


def _unhandled(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Leave out what Playwright says when Ctrl-C, which reaches the whole process group, ended its driver first."""
    if "reading from the driver" not in str(context.get("exception")):
        loop.default_exception_handler(context)
