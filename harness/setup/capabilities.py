"""Ask a Toxiproxy server what it can do, on a scratch proxy of our own that is removed afterwards.

A server is accepted by what it does and not by its version: one built by ``go install`` calls itself ``git``
(PITFALLS.md, "Toxiproxy").
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import httpx

from harness.errors import MissingPartError

USER_AGENT = "captchaos"  # Toxiproxy refuses those that start with "Mozilla/"
TOXICS: Mapping[str, Mapping[str, int]] = {
    "latency": {"latency": 1, "jitter": 0},
    "bandwidth": {"rate": 100},
    "slow_close": {"delay": 1},
    "timeout": {"timeout": 1},
    "reset_peer": {"timeout": 1},
    "slicer": {"average_size": 64, "size_variation": 0, "delay": 0},
    "limit_data": {"bytes": 1000},
}
STREAMS = ("downstream", "upstream")
_TIMEOUT_S = 5.0
_COUNTED_WITHIN_S = 0.5
_POLL_S = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a server showed it can do. ``problems`` make it unusable, ``lacks`` only poorer."""

    version: str
    problems: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether a run may rely on this server."""
        return not self.problems


async def probe_capabilities(url: str) -> Capabilities:
    """Try everything a run needs on a scratch proxy; raises MissingPartError when ``url`` is no Toxiproxy at all."""
    async with httpx.AsyncClient(
        base_url=url, timeout=_TIMEOUT_S, trust_env=False, headers={"User-Agent": USER_AGENT}
    ) as client:
        version = await read_version(client, url)
        name = f"captchaos-probe-{secrets.token_hex(4)}"
        try:
            problems, lacks = await _try_everything(client, url, name)
        except (httpx.HTTPError, ValueError) as error:
            problems, lacks = [f"its API broke off in the middle of the probe ({type(error).__name__}: {error})"], []
        finally:
            await _remove(client, name)
    return Capabilities(version=version, problems=tuple(problems), lacks=tuple(lacks))


async def read_version(client: httpx.AsyncClient, url: str) -> str:
    """Return what ``/version`` says; raises MissingPartError when nobody answers or it is not Toxiproxy that does."""
    mend = "start toxiproxy-server there, or unset CAPTCHAOS_TOXIPROXY to let captchaos start its own"
    try:
        answer = await client.get("/version")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        reason = str(error) or type(error).__name__
        raise MissingPartError(f"nothing answers as Toxiproxy at {url} ({reason}): {mend}") from error
    try:
        said = answer.json() if answer.status_code == 200 else None
    except ValueError:
        # Before 2.5 the version was plain text; such a server is old, and yet Toxiproxy.
        said = {"version": answer.text.strip()} if len(answer.text) < 20 and answer.text.strip()[:1].isdigit() else None
    if not isinstance(said, dict) or not isinstance(said.get("version"), str):
        raise MissingPartError(f"what answers at {url} is not Toxiproxy (GET /version: HTTP {answer.status_code}): {mend}")
    return str(said["version"])


async def _try_everything(client: httpx.AsyncClient, url: str, name: str) -> tuple[list[str], list[str]]:
    api = urlsplit(url)
    # The server's own API is the upstream: it surely listens, and nothing else need be started.
    wanted = {"name": name, "listen": "127.0.0.1:0", "upstream": f"{api.hostname}:{api.port}", "enabled": True}
    created = await client.post("/proxies", json=wanted)
    if created.status_code != 201:
        return [f"it does not make a proxy (POST /proxies: HTTP {created.status_code})"], []
    problems = await _problem_of_reach(str(created.json().get("listen", "")))
    lacks = [] if problems else await _lack_of_metrics(client, name)
    problems += await _problem_of_patch(client, name)
    for kind, attributes in TOXICS.items():
        for stream in STREAMS:
            problems += await _problem_of_toxic(client, name, kind, stream, attributes)
    return problems, lacks


async def _problem_of_reach(listen: str) -> list[str]:
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False, headers={"User-Agent": USER_AGENT}) as through:
            answer = await through.get(f"http://{listen}/version")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return [f"its proxies cannot be reached from here ({listen}: {type(error).__name__}); run it on this machine"]
    return [] if answer.status_code == 200 else [f"its proxies do not pass bytes on (HTTP {answer.status_code} through one)"]


async def _problem_of_patch(client: httpx.AsyncClient, name: str) -> list[str]:
    changed = await client.patch(f"/proxies/{quote(name)}", json={"enabled": False})
    if changed.status_code != 200:
        return [f"it cannot change a proxy by PATCH (HTTP {changed.status_code}): Toxiproxy 2.6 or newer is needed"]
    read_back = (await client.get(f"/proxies/{quote(name)}")).json()
    return [] if read_back.get("enabled") is False else ["it accepts a PATCH and does not act on it"]


async def _problem_of_toxic(
    client: httpx.AsyncClient, name: str, kind: str, stream: str, attributes: Mapping[str, int]
) -> list[str]:
    asked = {"name": f"{kind}_{stream}", "type": kind, "stream": stream, "toxicity": 1.0, "attributes": dict(attributes)}
    added = await client.post(f"/proxies/{quote(name)}/toxics", json=asked)
    if added.status_code != 200:
        return [f"it has no {stream} toxic {kind!r} (HTTP {added.status_code})"]
    toxics = (await client.get(f"/proxies/{quote(name)}/toxics")).json()
    same = [toxic for toxic in toxics if all(toxic.get(field) == asked[field] for field in asked)]
    return [] if same else [f"its {stream} toxic {kind!r} cannot be read back"]


async def _lack_of_metrics(client: httpx.AsyncClient, name: str) -> list[str]:
    # Bytes are counted when a connection has ended, which the server notices a moment after us.
    until_s = time.monotonic() + _COUNTED_WITHIN_S
    while time.monotonic() < until_s:
        answer = await client.get("/metrics")
        if any(line.startswith("toxiproxy_proxy_") and name in line for line in answer.text.splitlines()):
            return []
        await asyncio.sleep(_POLL_S)  # a counter of another process: there is no event to await
    return ["no bytes per proxy at /metrics: start it with -proxy-metrics, for that is evidence"]


async def _remove(client: httpx.AsyncClient, name: str) -> None:
    try:
        await client.delete(f"/proxies/{quote(name)}")
    except httpx.HTTPError as error:
        raise MissingPartError(
            f"the Toxiproxy at {client.base_url} went silent while it was probed ({type(error).__name__}): "
            f"restart it; the proxy {name!r} may be left on it"
        ) from error
