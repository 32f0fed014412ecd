"""How a business stands by what the target answered: for flows that send their submit themselves and show it in no page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.errors import TargetError
from harness.lab.collect import names_submit
from harness.providers.scripted import Clock, Wire, WireAnswer
from harness.target import signals
from harness.target.signals import SubmitResult
from harness.target.spec import FlowSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a request of the flow's own is answered. ``status`` None: it failed, and ``failure`` says how."""

    status: int | None
    json: Any
    failure: str = ""


class Answers:
    """One visit's requests to the target, and what its answers say of the business.

    ``completed`` and ``step_up.status`` of the target file are looked for in the answers to the flow's submit.
    """

    def __init__(self, wire: Wire, clock: Clock, base_url: str, spec: FlowSpec) -> None:
        self._wire = wire
        self._clock = clock
        self._base_url = base_url
        self._spec = spec
        self._told = asyncio.Event()
        self._offer: SubmitResult | None = None
        self._done = False

    async def request(
        self, method: str, path: str, said: object = None, *, headers: Mapping[str, str] | None = None, timeout_ms: int
    ) -> Reply:
        """Send a request to the target, ``said`` as JSON; it is given up after ``timeout_ms`` of page time."""
        head = {**({"content-type": "application/json"} if said is not None else {}), **(headers or {})}
        content = b"" if said is None else json.dumps(said).encode()
        answer = await self._within(timeout_ms, method, f"{self._base_url}{path}", head, content)
        if names_submit(method, path, self._spec):
            self._read(answer)
        return Reply(status=answer.status, json=_json(answer.body), failure=answer.failure)

    async def gone_on(self) -> int:
        """Return 0 when an answer says that the business is completed, 1 when one offers a second factor."""
        while not self._done and self._offer is None:
            self._told.clear()
            await self._told.wait()
        return 0 if self._done else 1

    async def confirm(self) -> None:
        """Take the second factor that was offered; raises TargetError when that does not complete the business."""
        assert self._offer is not None
        assert self._spec.step_up is not None
        code = await signals.latest_code(self._base_url, self._spec.step_up)
        request = await signals.confirmation(self._base_url, self._spec, self._offer, code)
        answer = await self._wire.send(
            request.method, str(request.url), headers=dict(request.headers), content=request.content
        )
        if not signals.completed(_result(answer), self._spec):
            told = answer.failure or f"{answer.status} {answer.body[:200]!r}"
            raise TargetError(f"the right code does not complete it: {told}")

    async def _within(
        self, timeout_ms: int, method: str, url: str, headers: Mapping[str, str], content: bytes
    ) -> WireAnswer:
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
    return SubmitResult(
        status=answer.status, json=_json(answer.body), text=text, real_ms=0.0, error=answer.failure
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
