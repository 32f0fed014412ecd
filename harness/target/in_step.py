"""Let a flow that is written without ``await`` drive a page that is driven with it: what ``playwright codegen`` writes works.

The function runs in a thread of its own. What it is handed are faces: each call is done on the lab's event loop, and answered
when it has been done.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import functools
import inspect
import sys
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType, ModuleType
from typing import Any

from playwright import sync_api
from playwright.async_api import expect

# What a user does to a page; before each the lab is told, since it may be what asks for the captcha.
ACTS = frozenset({"click", "dblclick", "tap", "press", "check", "uncheck", "set_checked"})
_PAGE_LIKE = frozenset({"Page", "Frame", "Locator", "ElementHandle"})
_threads: weakref.WeakKeyDictionary[asyncio.Task[Any], threading.Thread] = weakref.WeakKeyDictionary()


class FlowOver(BaseException):
    """The visit is over, so the flow's thread ends at its next step; no ``except Exception`` of an owner's holds it up."""


def in_step(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Awaitable[None]]:
    """Make a flow that the lab can await of a function that awaits nothing."""

    @functools.wraps(function)
    async def drive(page: Any, flow: Any) -> None:
        steps = _Steps(asyncio.get_running_loop(), flow)
        done: asyncio.Future[None] = steps.loop.create_future()

        def work() -> None:
            error: BaseException | None = None
            try:
                function(steps.shown(page, always=True), steps.shown(flow, always=True))
            except FlowOver:
                return
            except Exception as raised:  # noqa: BLE001 - the owner's: it is told where an awaiting flow's would be
                error = raised
            with contextlib.suppress(RuntimeError):  # the loop is gone, and with it whoever waited
                steps.loop.call_soon_threadsafe(_settle, done, error)

        thread = threading.Thread(target=work, name="captchaos-flow", daemon=True)
        task = asyncio.current_task()
        if task is not None:
            _threads[task] = thread
        thread.start()
        try:
            await done
        finally:
            steps.end()

    return drive


def frames_of(task: asyncio.Task[Any]) -> Iterator[FrameType]:
    """The frames in which the thread of a flow stands, the innermost first; none where it has no thread."""
    thread = _threads.get(task)
    frame = sys._current_frames().get(thread.ident or 0) if thread is not None else None
    while frame is not None:
        yield frame
        frame = frame.f_back


def without_sync_api(module: ModuleType) -> None:
    """Let a module's ``expect`` of Playwright's synchronous API look at faces, too."""
    for name, value in vars(module).items():
        if value is sync_api.expect:
            setattr(module, name, _expect)


def _settle(done: asyncio.Future[None], error: BaseException | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


class _Steps:
    """One flow's steps on the loop; none is done any more when it has ended."""

    def __init__(self, loop: asyncio.AbstractEventLoop, flow: Any) -> None:
        self.loop = loop
        self._thread = threading.get_ident()
        self._flow = flow
        self._over = False
        self._begun: set[asyncio.Future[Any]] = set()
        self._under_way: concurrent.futures.Future[Any] | None = None

    def end(self) -> None:
        """Do no further step."""
        self._over = True
        if self._under_way is not None:
            self._under_way.cancel()

    def do(self, step: Callable[[], Any]) -> Any:
        """Do a step on the loop and return what came of it, as a face where it is one of Playwright's things."""
        if threading.get_ident() == self._thread:
            return self._from_the_loop(step)
        if self._over or self.loop.is_closed():
            raise FlowOver
        self._under_way = asyncio.run_coroutine_threadsafe(_done(step), self.loop)
        try:
            return self.shown(self._under_way.result())
        except concurrent.futures.CancelledError:
            raise FlowOver from None

    def _from_the_loop(self, step: Callable[[], Any]) -> Any:
        """A handler of an event, called by the loop itself, cannot wait: what takes time is begun."""
        value = step()
        if inspect.isawaitable(value):
            begun = asyncio.ensure_future(value)
            self._begun.add(begun)
            begun.add_done_callback(self._begun.discard)
            return None
        return self.shown(value)

    def shown(self, value: Any, *, always: bool = False) -> Any:
        """A face of a thing of Playwright's (``always``: of any), lists and tuples of them; everything else as it is."""
        if isinstance(value, list | tuple):
            return type(value)(self.shown(one) for one in value)
        if always or (type(value).__module__.startswith("playwright.") and not isinstance(value, BaseException)):
            return Face(self, value)
        return value

    async def acts(self, owner: Any, name: str) -> None:
        """Tell the lab what the user is about to do."""
        if name in ACTS and type(owner).__name__ in _PAGE_LIKE and hasattr(self._flow, "acts"):
            await self._flow.acts(f"{name} {owner}"[:200])

    def handed(self, value: Any) -> Any:
        """What stands behind faces in arguments; functions are shown faces in turn."""
        if isinstance(value, Face):
            return behind(value)
        if isinstance(value, list | tuple):
            return type(value)(self.handed(one) for one in value)
        if isinstance(value, dict):
            return {key: self.handed(one) for key, one in value.items()}
        if inspect.isfunction(value) or inspect.ismethod(value):
            return lambda *given: self.handed(value(*map(self.shown, given)))
        return value


async def _done(step: Callable[[], Any]) -> Any:
    value = step()
    return await value if inspect.isawaitable(value) else value


class Face:
    """A thing of the lab's or of Playwright's, for who does not await."""

    __slots__ = ("_behind", "_steps")

    def __init__(self, steps: _Steps, thing: Any) -> None:
        object.__setattr__(self, "_steps", steps)
        object.__setattr__(self, "_behind", thing)

    def __getattr__(self, name: str) -> Any:
        steps, thing = self._steps, self._behind
        if inspect.ismethod(getattr(type(thing), name, None)) or inspect.isfunction(getattr(type(thing), name, None)):
            return functools.partial(_call, steps, thing, name)
        return steps.do(lambda: getattr(thing, name))

    def __enter__(self) -> Any:
        return self._steps.do(lambda: self._behind.__aenter__())

    def __exit__(self, *ended: object) -> Any:
        return self._steps.do(lambda: self._behind.__aexit__(*ended))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Face) and self._behind == other._behind

    def __hash__(self) -> int:
        return hash(self._behind)

    def __repr__(self) -> str:
        return repr(self._behind)


def behind(face: Face) -> Any:
    """What a face is of."""
    return face._behind


def _call(steps: _Steps, thing: Any, name: str, /, *given: Any, **named: Any) -> Any:
    positional, keywords = steps.handed(given), steps.handed(named)

    async def step() -> Any:
        await steps.acts(thing, name)
        return await _done(lambda: getattr(thing, name)(*positional, **keywords))

    if name in ACTS:
        return steps.do(step)
    return steps.do(lambda: getattr(thing, name)(*positional, **keywords))


def _expect(actual: Any, /, *words: Any, **named: Any) -> Any:
    if isinstance(actual, Face):
        return actual._steps.shown(expect(behind(actual), *words, **named), always=True)
    return sync_api.expect(actual, *words, **named)
