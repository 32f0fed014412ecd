"""How a business stands where a client of the flow's own sends the submit: by what the target answered and the client shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from harness.errors import TargetError, closest
from harness.lab.collect import names_submit
from harness.providers.scripted import Clock, Wire, WireAnswer
from harness.target import signals
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec

DONE, CODE, FAILED = "done", "code", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a request of the flow's own is answered. ``status`` None: it failed, and ``failure`` says how.

    ``headers`` are by their names in small letters.
    """

    status: int | None
    json: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""


class Answers:
    """One visit's requests to the target, what its answers say of the business, and what the client shows of it.

    ``completed`` and ``step_up.status`` of the target file are looked for in the answers to the flow's submit, ``completed``
    in those to ``step_up.confirm``, too. What is not shown has not happened for the user: it takes both.
    """

    def __init__(self, wire: Wire, clock: Clock, base_url: str, spec: FlowSpec) -> None:
        self._wire = wire
        self._clock = clock
        self._base_url = base_url
        self._spec = spec
        self._told = asyncio.Event()
        self._offer: SubmitResult | None = None
        self._done = False
        self._code = ""
        self._shown = ""
        self._send: Callable[[str], object] | None = None

    def shows(self, what: str, send: Callable[[str], object] | None = None) -> None:
        """Note what the client's screen shows now: ``done``, ``failed``, or ``code`` with what sends one that is typed."""
        if what not in (DONE, CODE, FAILED):
            raise TargetError(f"a screen shows done, code or failed, not {what!r}{closest(what, (DONE, CODE, FAILED))}")
        if (what == CODE) != (send is not None):
            raise TargetError('what sends a code belongs to flow.shows("code", send), and to nothing else that is shown')
        self._shown, self._send = what, send
        self._told.set()

    async def request(
        self, method: str, path: str, said: object = None, *, headers: Mapping[str, str] | None = None, timeout_ms: int
    ) -> Reply:
        """Send a request to the target, ``said`` as JSON; it is given up after ``timeout_ms`` of page time."""
        head = {**({"content-type": "application/json"} if said is not None else {}), **(headers or {})}
        content = b"" if said is None else json.dumps(said).encode()
        answer = await self._within(timeout_ms, method, f"{self._base_url}{path}", head, content)
        if names_submit(method, path, self._spec) or await self._confirms(method, path):
            self._read(answer)
        return Reply(status=answer.status, json=_json(answer.body), headers=answer.headers, failure=answer.failure)

    async def gone_on(self) -> int:
        """Return 0 when the business is completed, 1 when a second factor is offered, as soon as the client shows it."""
        await self._until(lambda: self._stands(DONE) or self._stands(CODE))
        return 0 if self._stands(DONE) else 1

    def form_for(self, code: str) -> Callable[[str], object]:
        """What sends a code from the form that the client shows."""
        assert self._send is not None
        self._code = code
        return self._send

    async def completed(self) -> None:
        """Return when the business is completed and shown as such."""
        await self._until(lambda: self._stands(DONE))

    def unfinished(self) -> str:
        """Say in what answers and screen differ, or that the screen gives up; empty otherwise."""
        shown = f"the screen shows {self._shown or 'neither that nor anything else'}"
        if self._done:
            return f"an answer says that it is completed, and {shown}"
        if self._offer is not None and not self._code:
            return f"an answer offers a second factor, and {shown}"
        if self._shown == DONE:
            return "the screen shows that it is completed, and no answer says so"
        return shown if self._shown == FAILED else ""

    def _stands(self, what: str) -> bool:
        return self._shown == what and (self._done if what == DONE else self._offer is not None)

    async def _until(self, stands: Callable[[], bool]) -> None:
        while not stands():
            self._told.clear()
            await self._told.wait()

    async def _confirms(self, method: str, path: str) -> bool:
        """Whether a request sends the code that the user was given."""
        if self._offer is None or not self._code:
            return False
        request = await signals.confirmation(self._base_url, self._spec, self._offer, self._code)
        return method == request.method and httpx.URL(f"{self._base_url}{path}").path == request.url.path

    async def _within(self, timeout_ms: int, method: str, url: str, headers: Mapping[str, str], content: bytes) -> WireAnswer:
        asked = asyncio.ensure_future(self._wire.send(method, url, headers=headers, content=content))
        limit = asyncio.ensure_future(self._clock.sleep(timeout_ms))
        try:
            await asyncio.wait((asked, limit), return_when=asyncio.FIRST_COMPLETED)
            return asked.result() if asked.done() else WireAnswer(status=None, failure=f"no answer in {timeout_ms} ms")
        finally:
            for task in (asked, limit):
                task.cancel()
            await asyncio.gather(asked, limit, return_exceptions=True)

    def _read(self, answer: WireAnswer) -> None:
        result = _result(answer)
        self._done = self._done or signals.completed(result, self._spec)
        if signals.offered(result, self._spec):
            self._offer = result
        self._told.set()


def _result(answer: WireAnswer) -> SubmitResult:
    text = answer.body.decode("utf-8", "replace")
    return SubmitResult(status=answer.status, json=_json(answer.body), text=text, real_ms=0.0, error=answer.failure)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
