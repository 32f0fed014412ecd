"""Make one request of a flow as its page would send it: signed in where that comes first, with the token of a page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from harness.errors import TargetError, closest
from harness.target import csrf
from harness.target.cookies import keep_cookies
from harness.target.placeholders import fill_path, fill_request_text, fill_value, names_in
from harness.target.spec import SubmitSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What whoever sends a request has from before it: cookies, and the token by the name of its placeholder.

    ``unsaid`` are the file's cookies that wait for a value of the request's own.
    """

    cookies: Mapping[str, str]
    token: Mapping[str, str]
    unsaid: Mapping[str, str]


async def prepared(
    client: httpx.AsyncClient, spec: SubmitSpec, values: Mapping[str, object], headers: Mapping[str, str], key: str
) -> httpx.Request:
    """The request, for which its ``before`` has been sent and its token taken; their cookies stay with the client.

    Raises TargetError naming the key where one of these cannot be had.
    """
    entry = await entered(client, spec, values, headers, key)
    return written(client, spec, entry, values, headers, key)


async def entered(
    client: httpx.AsyncClient, spec: SubmitSpec, values: Mapping[str, object], headers: Mapping[str, str], key: str
) -> Entry:
    """All that is asked of the target before a request; ``values`` may still lack what the request alone says."""
    if spec.before is not None:
        await _send_first(client, spec.before, values, headers, f"{key}.before")
    unsaid = {name: value for name, value in spec.cookies.items() if not values.keys() >= set(names_in(value))}
    for name, value in spec.cookies.items():
        if name not in unsaid:
            client.cookies.set(name, fill_request_text(value, values))
    try:
        token = {} if spec.csrf is None else {"csrf": await csrf.take(client, spec.csrf, key)}
    except csrf.SentAwayError as away:
        login = "" if spec.before is not None else f": where it is shown to who has signed in, say that request in {key}.before"
        raise TargetError(f"{away}{login}") from away
    return Entry(cookies={cookie.name: cookie.value or "" for cookie in client.cookies.jar}, token=token, unsaid=unsaid)


async def _send_first(
    client: httpx.AsyncClient, spec: SubmitSpec, values: Mapping[str, object], headers: Mapping[str, str], key: str
) -> None:
    request = await prepared(client, spec, values, headers, key)
    what = f"{key}: {spec.method} {request.url.path}"
    try:
        answer = await client.send(request)
    except httpx.HTTPError as error:
        raise TargetError(f"{what} cannot be sent: {type(error).__name__} {error}".rstrip()) from error
    if answer.status_code >= 400:
        said = " ".join(answer.text.split())[:200]
        raise TargetError(f"{what} answered {answer.status_code}, expected less than 400: {said}")
    keep_cookies(client, answer)


def written(
    client: httpx.AsyncClient,
    spec: SubmitSpec,
    entry: Entry,
    values: Mapping[str, object],
    headers: Mapping[str, str],
    key: str,
) -> httpx.Request:
    """The request of a client that has :func:`entered` and kept its cookies; nothing is sent."""
    values = {**values, **entry.token}
    try:
        for name, value in entry.unsaid.items():
            client.cookies.set(name, fill_request_text(value, values))
        form = None if spec.form is None else {name: fill_request_text(text, values) for name, text in spec.form.items()}
        own = {name: fill_request_text(text, values) for name, text in spec.headers.items()}
        parts = None if spec.multipart is None else {k: fill_request_text(v, values) for k, v in spec.multipart.items()}
        json_body = _json_body(spec, values)
        path = fill_path(spec.path, values)
    except KeyError as error:
        name = str(error.args[0])
        raise TargetError(f"{key} says {{{name}}}, for which there is no value{closest(name, values)}") from error
    content = None if json_body is None else json.dumps(json_body).encode()
    body_type = {} if content is None else {"content-type": "application/json"}
    sent = [(name.encode(), value.encode()) for name, value in {**body_type, **own, **headers}.items()]
    files = None if parts is None else {name: (None, text.encode()) for name, text in parts.items()}
    return client.build_request(spec.method, path, content=content, data=form, files=files, headers=sent)


def _json_body(spec: SubmitSpec, values: Mapping[str, object]) -> object:
    if spec.graphql is not None:
        return {"query": spec.graphql.query, "variables": fill_value(spec.graphql.variables, values)}
    return None if spec.json is None else fill_value(spec.json, values)
