"""Read a target's signals at its own origin: effects, one-time codes, and flows performed over HTTP without a browser."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from harness.errors import ConfigurationError, TargetError
from harness.target import jsonpaths
from harness.target.cookies import keep_cookies
from harness.target.counters import Origin
from harness.target.http import LIMIT_S, origin_client
from harness.target.metrics import Metered, read_metric
from harness.target.preparing import Entry, entered, prepared, written
from harness.target.problems import dotted, shown
from harness.target.spec import Completed, FlowSpec, Metric, StepUp, SubmitSpec

_DEEPEST_NAME = 4
_NO_PATH = (404, 405, 410)


class NothingThere(TargetError):  # noqa: N818 - it says what was found, and is read so in a verdict
    """The target answered 404: what was asked for may be a file that is not written yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResult:
    """The answer to one request of a flow. ``status`` is None when there was none; ``error`` then says why.

    ``json`` is None when the answer is not JSON. ``cookies`` are what :func:`confirm` sends on, and ``headers``, which say
    where the request came from.
    """

    status: int | None
    json: Any
    text: str
    real_ms: float
    error: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


async def effects(base_url: str, flow: FlowSpec) -> int:
    """Count the flow's business effects at the origin: a list's length, a number itself, or how often the path matches.

    Raises :class:`TargetError` naming the URL and the key when the signal answers wrongly.
    """
    found = await counted(base_url, flow)
    return found if isinstance(found, int) else len(found)


async def counted(base_url: str, flow: FlowSpec, client: httpx.AsyncClient | None = None) -> int | list[object]:
    """What :func:`effects` counts: the records themselves, or the number where the target shows no more than that.

    With ``client`` over a connection that it keeps: who asks often saves most of the time.
    """
    key = f"flows.{flow.name}.effects"
    if not flow.effects.get and isinstance(base_url, Origin):
        return await base_url.counters.count(flow.effects, key)
    expression = flow.effects.count
    url, document = await _get_json(base_url, flow.effects.get, f"{key}.get", client)
    found = jsonpaths.find(expression, document)
    if jsonpaths.finds_many(expression):
        return found
    match found:
        case [list() as records]:
            return records
        case [int() as number] if not isinstance(number, bool):
            return number
        case []:
            raise TargetError(f"{key}.count = {expression!r} finds nothing in the answer of {url}: {_short(document)}")
        case _:
            raise TargetError(
                f"{key}.count = {expression!r} finds {shown(found[0])} at {url}; expected a list or a whole number"
            )


async def marked_verified(base_url: str, flow: FlowSpec, client: httpx.AsyncClient | None = None) -> int | None:
    """Count the records that the target marks as those of a verified user; None when the file names no mark."""
    expression = flow.effects.verified
    if expression is None:
        return None
    _, document = await _get_json(base_url, flow.effects.get, f"flows.{flow.name}.effects.get", client)
    return sum(mark is True for mark in jsonpaths.find(expression, document))


async def effect_texts(base_url: str, flow: FlowSpec) -> str:
    """The answer in which effects are counted, as text: tickets that the records hold are searched in it."""
    if not flow.effects.get:
        return ""
    _, answer = await _get(base_url, flow.effects.get, f"flows.{flow.name}.effects.get")
    return answer.text


async def metered(base_url: str, metric: Metric) -> Metered:
    """What the target's metric of its degraded mode says; raises :class:`TargetError` when that cannot be read."""
    url, answer = await _get(base_url, metric.get, "observe.metric.get")
    try:
        return read_metric(answer.text, metric.name)
    except ValueError as error:
        raise TargetError(f"observe.metric.get: {url} is {error}") from error


async def latest_code(base_url: str, step_up: StepUp) -> str:
    """The newest one-time code in the target's outbox; raises :class:`TargetError` when there is none."""
    url, document = await _get_json(base_url, step_up.code_get, "step_up.code.get")
    match jsonpaths.find(step_up.code_json, document):
        case [*_, (str() | int()) as code] if not isinstance(code, bool) and str(code):
            return str(code)
        case []:
            raise TargetError(
                f"step_up.code.json = {step_up.code_json!r} finds nothing in the answer of {url}: {_short(document)}"
            )
        case [*_, other]:
            raise TargetError(f"step_up.code.json = {step_up.code_json!r} finds {shown(other)} at {url}; expected a code")
    raise AssertionError("a list is empty or has a last element")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What stands in a target's outbox: every code that the path finds, the newest last, and the ``whole`` answer as text.

    ``entries`` is how many stand there in all, those included that the path's indexes pass over.
    """

    codes: tuple[str, ...]
    whole: str
    entries: int = 0

    def has_new(self, before: Sent) -> bool:
        """Whether a code has come that is not the newest of ``before``, too."""
        return bool(self.codes) and self.codes[-1:] != before.codes[-1:]


async def sent(base_url: str, step_up: StepUp) -> Sent:
    """Read the outbox as it stands, empty or not; raises :class:`TargetError` when it cannot be read."""
    _, document = await _get_json(base_url, step_up.code_get, "step_up.code.get")
    entries = len(jsonpaths.find(jsonpaths.at_every_place(step_up.code_json), document))
    found = jsonpaths.find(step_up.code_json, document)
    codes = tuple(str(one) for one in found if isinstance(one, str | int) and not isinstance(one, bool) and str(one))
    return Sent(codes=codes, whole=json.dumps(document, sort_keys=True), entries=entries)


async def submit(
    base_url: str, flow: FlowSpec, values: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> SubmitResult:
    """Send the flow's submit with its placeholders filled by ``values``; the target's failure is a result, not an error."""
    if flow.submit is None:
        raise ConfigurationError(f"flows.{flow.name}.submit is missing: the flow cannot be performed over HTTP")
    return await _send(base_url, flow.submit, values, headers or {}, {}, f"flows.{flow.name}.submit")


async def entry(base_url: str, flow: FlowSpec, account: str, headers: Mapping[str, str]) -> Entry:
    """Do what comes before a :func:`submission`, for whoever must not ask the target for it later on."""
    if flow.submit is None:
        raise ConfigurationError(f"flows.{flow.name}.submit is missing: the flow cannot be performed over HTTP")
    async with origin_client(base_url) as client:
        return await entered(client, flow.submit, {"account": account}, headers, f"flows.{flow.name}.submit")


async def submission(
    base_url: str, flow: FlowSpec, values: Mapping[str, object], headers: Mapping[str, str], entry: Entry | None = None
) -> httpx.Request:
    """The request of :func:`submit`, for whoever sends it over connections of their own; with ``entry`` nothing is asked."""
    if flow.submit is None:
        raise ConfigurationError(f"flows.{flow.name}.submit is missing: the flow cannot be performed over HTTP")
    key = f"flows.{flow.name}.submit"
    async with origin_client(base_url, cookies=entry.cookies if entry else None) as client:
        if entry is None:
            return await prepared(client, flow.submit, values, headers, key)
        return written(client, flow.submit, entry, values, headers, key)


def answered(status: int | None, text: str, *, real_ms: float = 0.0, error: str = "") -> SubmitResult:
    """The result of a :func:`submission` that somebody else has sent."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    return SubmitResult(status=status, json=document, text=text, real_ms=real_ms, error=error)


async def other_way(base_url: str, flow: FlowSpec, values: Mapping[str, str]) -> tuple[SubmitResult, bool]:
    """Take the flow's other way in, its placeholders filled by ``values``; returns its answer, and whether it went through."""
    way = flow.otherwise
    key = f"flows.{flow.name}.otherwise.submit"
    if way is None or way.submit is None or way.completed is None:
        raise ConfigurationError(f"{key} is missing: the flow has no other way in")
    result = await _send(base_url, way.submit, values, {}, {}, key)
    return result, _fits(result, way.completed)


def completed(result: SubmitResult, flow: FlowSpec) -> bool:
    """Whether an answer says that the business is done: status and every JSON value as ``completed`` has them."""
    return _fits(result, flow.completed)


def _fits(result: SubmitResult, wanted: Completed) -> bool:
    if result.status is None or (wanted.status is None and not wanted.json):
        return False
    if wanted.status is not None and result.status != wanted.status:
        return False
    return all(_says(result.json, path, value) for path, value in wanted.json.items())


def offered(result: SubmitResult, flow: FlowSpec) -> bool:
    """Whether an answer offers the flow's step-up."""
    return flow.step_up is not None and flow.step_up.status is not None and result.status == flow.step_up.status


async def confirm(base_url: str, flow: FlowSpec, result: SubmitResult, code: str) -> SubmitResult:
    """Confirm an offered step-up with ``code``; other placeholders come from the offer's JSON (``{order}``, ``{a.b}``)."""
    key, spec, values = _confirming(flow, result, code)
    return await _send(base_url, spec, values, result.headers, result.cookies, key)


async def confirmation(base_url: str, flow: FlowSpec, result: SubmitResult, code: str) -> httpx.Request:
    """The request of :func:`confirm`, for whoever sends it over connections of their own."""
    key, spec, values = _confirming(flow, result, code)
    async with origin_client(base_url) as client:
        return await prepared(client, spec, values, {}, key)


def _confirming(flow: FlowSpec, result: SubmitResult, code: str) -> tuple[str, SubmitSpec, Mapping[str, object]]:
    key = f"flows.{flow.name}.step_up.confirm"
    if flow.step_up is None or flow.step_up.confirm is None:
        raise ConfigurationError(f"{key} is missing: the step-up cannot be confirmed over HTTP")
    return key, flow.step_up.confirm, {**_flat(result.json), "code": code}


async def _send(
    base_url: str,
    spec: SubmitSpec,
    values: Mapping[str, object],
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
    key: str,
) -> SubmitResult:
    async with origin_client(base_url, cookies=cookies) as client:
        request = await prepared(client, spec, values, headers, key)
        began = time.monotonic()
        result = SubmitResult(status=None, json=None, text="", real_ms=0.0, error=f"no whole answer within {LIMIT_S:g} s")
        try:
            async with asyncio.timeout(LIMIT_S):
                answer = await client.send(request)
        except (httpx.HTTPError, TimeoutError) as error:
            if isinstance(error, httpx.HTTPError) and not isinstance(error, httpx.TimeoutException):
                result = replace(result, error=f"{type(error).__name__}: {error}")
        else:
            keep_cookies(client, answer)
            kept = {cookie.name: cookie.value or "" for cookie in client.cookies.jar}
            result = SubmitResult(status=answer.status_code, json=_json(answer), text=answer.text, real_ms=0.0, cookies=kept)
        return replace(result, real_ms=(time.monotonic() - began) * 1000)


async def _get_json(base_url: str, path: str, key: str, client: httpx.AsyncClient | None = None) -> tuple[str, Any]:
    url, answer = await _get(base_url, path, key, client)
    try:
        return url, answer.json()
    except (ValueError, RecursionError) as error:
        raise TargetError(f"{key}: {url} did not answer with JSON: {_short(answer.text)}") from error


async def _get(base_url: str, path: str, key: str, client: httpx.AsyncClient | None = None) -> tuple[str, httpx.Response]:
    url = f"{base_url}{path}"
    try:
        async with asyncio.timeout(LIMIT_S):
            answer = await _got(base_url, path, client)
    except (httpx.HTTPError, TimeoutError) as error:
        raise TargetError(f"{key}: {url} cannot be read: {type(error).__name__} {error}".rstrip()) from error
    if answer.status_code != 200:
        unlike = NothingThere if answer.status_code == 404 else TargetError
        named = "wrong-path: " if answer.status_code in _NO_PATH else ""
        raise unlike(f"{named}{key}: {url} answered {answer.status_code}, expected 200: {_short(answer.text)}")
    return url, answer


async def _got(base_url: str, path: str, client: httpx.AsyncClient | None) -> httpx.Response:
    if client is not None:
        # A server may close a connection behind any answer, above all behind an error: what is only read is asked for again.
        with contextlib.suppress(httpx.NetworkError, httpx.RemoteProtocolError):
            return await client.get(path)
    async with origin_client(base_url) as own:
        return await own.get(path)


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _says(document: object, path: str, value: object) -> bool:
    # In Python True equals 1; in a target file and in JSON it does not.
    found = jsonpaths.find(path, document)
    return any(one == value and isinstance(one, bool) == isinstance(value, bool) for one in found)


def _flat(document: object, above: tuple[str, ...] = ()) -> dict[str, object]:
    """Every value of nested JSON objects under its dotted name."""
    if not isinstance(document, dict) or len(above) > _DEEPEST_NAME:
        return {}
    flat: dict[str, object] = {}
    for name, value in document.items():
        flat[dotted((*above, str(name)))] = value
        flat |= _flat(value, (*above, str(name)))
    return flat


def _short(document: object) -> str:
    text = " ".join(document.split()) if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
