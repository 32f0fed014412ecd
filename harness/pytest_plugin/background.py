"""The engine in a thread of its own, while pytest's items wait in the main thread for their own scenario."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
import time
from collections.abc import Callable, Sequence

from harness.engine.engine import Engine, open_engine
from harness.engine.options import Options
from harness.errors import HarnessError, LaboratoryError
from harness.journal.model import Judgement, Record, Scenario, Verdict
from harness.plan.build import Plan
from harness.target.spec import Target

# No scenario is silent this long: the longest documented wait is 60 s, and one may be repeated twice.
STALL_S = 300.0
CLOSE_S = 120.0

Result = tuple[Record, Judgement]


class LeftOutError(HarnessError):
    """A scenario was not run because the session's budget is spent, as somebody wanted."""


class BackgroundEngine:
    """One run in a thread. ``error`` is what broke it; the thread is a daemon, and what it leaves the janitor removes."""

    def __init__(self, target: Target, plan: Plan, options: Options, scenarios: Sequence[Scenario], *, more: bool) -> None:
        self.error: HarnessError | None = None
        self._room = (target, plan, options)
        self._scenarios = tuple(scenarios)
        self._more = more
        self._futures: dict[str, concurrent.futures.Future[Result]] = {
            scenario.id: concurrent.futures.Future() for scenario in scenarios
        }
        self._news_s = time.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._engine: Engine | None = None
        self._looping = threading.Event()
        self._opened = threading.Event()
        self._thread = threading.Thread(target=self._run, name="captchaos", daemon=True)
        self._thread.start()

    def add(self, scenario: Scenario) -> None:
        """Have one more scenario run; nothing happens when it is known already."""
        if scenario.id in self._futures:
            return
        self._futures[scenario.id] = concurrent.futures.Future()
        self._opened.wait()
        if not self._call(lambda: self._add(scenario)):
            self._fail_open_futures()

    def wait(self, scenario_id: str) -> Result:
        """Wait for one scenario; raises :class:`LaboratoryError` when the run broke, was stopped or has stalled."""
        future = self._futures[scenario_id]
        while True:
            left_s = self._news_s + STALL_S - time.monotonic()
            try:
                return future.result(timeout=max(0.0, left_s))
            except concurrent.futures.CancelledError:
                if budget_s := self._room[2].budget.seconds:
                    raise LeftOutError(f"{scenario_id} was left out: the budget of {budget_s:g} s is spent") from None
                raise LaboratoryError(f"{scenario_id} was not run: the session was stopped before") from None
            except TimeoutError:
                if time.monotonic() - self._news_s >= STALL_S:
                    raise LaboratoryError(
                        f"the laboratory has done nothing for {STALL_S:.0f} s; `captchaos doctor` looks at its parts"
                    ) from None

    def close(self, *, abort: bool) -> None:
        """Let what runs come to its end (``abort``: stop it) and wait until everything is taken down."""
        self._looping.wait()
        self._call(self._cancel if abort else self._let_end)
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self.error = LaboratoryError(f"the laboratory did not close within {CLOSE_S:.0f} s; its janitor clears it away")

    def scenario_started(self, scenario_id: str) -> None:
        """Hear that something happens."""
        self._news_s = time.monotonic()

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Hear that something happened."""
        self._news_s = time.monotonic()

    def message(self, text: str) -> None:
        """Hear that something happens; the words are meant for a terminal, which pytest owns here."""
        self._news_s = time.monotonic()

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except HarnessError as broken:
            self.error = broken
        except asyncio.CancelledError:
            self.error = None
        except Exception as broken:  # noqa: BLE001 - the thread's outermost edge: whatever it is, waiting items must hear of it
            self.error = _unforeseen(broken)
        finally:
            self._engine = None
            self._looping.set()
            self._opened.set()
            self._fail_open_futures()

    async def _main(self) -> None:
        target, plan, options = self._room
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._looping.set()
        async with open_engine(target, plan, options, self) as engine:
            self._engine = engine
            self._news_s = time.monotonic()
            engine.begin(self._scenarios, more_to_come=self._more)
            for scenario in self._scenarios:
                self._deliver_when_done(engine, scenario.id)
            self._opened.set()
            await engine.finish()

    def _add(self, scenario: Scenario) -> None:
        if self._engine is not None:
            self._engine.add(scenario)
            self._deliver_when_done(self._engine, scenario.id)

    def _deliver_when_done(self, engine: Engine, scenario_id: str) -> None:
        future = self._futures[scenario_id]

        def deliver(done: asyncio.Future[Result]) -> None:
            if future.done():
                return
            if done.cancelled():
                future.cancel()
            elif (error := done.exception()) is not None:
                future.set_exception(error if isinstance(error, HarnessError) else _unforeseen(error))
            else:
                # The engine's own record may hold secrets; what it keeps is masked.
                kept = next(one for one in reversed(engine.outcome.records) if one.scenario.id == scenario_id)
                future.set_result((kept, done.result()[1]))

        engine.results[scenario_id].add_done_callback(deliver)

    def _let_end(self) -> None:
        if self._engine is None:
            self._cancel()
        else:
            self._engine.cancel_waiting()
            self._engine.no_more()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _call(self, what: Callable[[], None]) -> bool:
        """Do something in the loop; says whether there still is one."""
        if self._loop is None or not self._thread.is_alive():
            return False
        with contextlib.suppress(RuntimeError):  # the loop closed in this very moment
            self._loop.call_soon_threadsafe(what)
            return True
        return False

    def _fail_open_futures(self) -> None:
        error = self.error or LaboratoryError("the run was stopped before its end")
        for future in list(self._futures.values()):
            if not future.done():
                future.set_exception(error)


def _unforeseen(error: BaseException) -> LaboratoryError:
    return LaboratoryError(f"something unforeseen broke ({type(error).__name__}: {' '.join(str(error).split())})")
