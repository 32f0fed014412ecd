"""Find a Toxiproxy server, or install one: configured, PATH, the cache, ``go install``, the release, in that order."""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from harness.errors import MissingPartError, ToxiproxyError
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.setup.capabilities import Capabilities, probe_capabilities
from harness.setup.go_install import PINNED_VERSION, binary_version, cached_binary, go_install
from harness.setup.places import cache_dir
from harness.setup.release import download_release

CONFIGURED_VARIABLE = "CAPTCHAOS_TOXIPROXY"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundToxiproxy:
    """A server that showed all a run needs: ``path`` to start (kind binary), or ``url`` of one that runs (kind guest).

    ``how`` says in words where it comes from, ``lacks`` what evidence it cannot give, ``refused`` what was tried before.
    """

    kind: Literal["binary", "guest"]
    how: str
    version: str
    path: Path | None = None
    url: str | None = None
    lacks: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


async def find_toxiproxy(configured: str | None = None, *, install: bool = True) -> FoundToxiproxy:
    """Return the first server that passes the probe; raises MissingPartError that says what was tried and how to mend.

    A configured one (argument or ``CAPTCHAOS_TOXIPROXY``; path or URL) that does not pass is an error, not passed over.
    """
    source = "argument" if configured else CONFIGURED_VARIABLE
    if configured := configured or os.environ.get(CONFIGURED_VARIABLE):
        if "://" in configured:
            return await _guest(configured.rstrip("/"), source)
        return await _binary(Path(configured).expanduser().absolute(), f"configured by {source}", ())
    refused: list[str] = []
    for how, locate in _places(install=install):
        try:
            return await _binary(await locate(), how, tuple(refused))
        except MissingPartError as error:
            refused.append(f"{how}: {error}")
    raise MissingPartError(
        f"no usable Toxiproxy server; tried {' · '.join(refused)} · "
        + ("" if install else "run `captchaos setup` to install one, or ")
        + f"set {CONFIGURED_VARIABLE} to the path of a toxiproxy-server or the URL of a running one"
    )


def _places(*, install: bool) -> list[tuple[str, Callable[[], Awaitable[Path]]]]:
    cache = cache_dir()
    places: list[tuple[str, Callable[[], Awaitable[Path]]]] = [
        ("toxiproxy-server on PATH", _on_path),
        ("the cache", lambda: _in_cache(cache)),
    ]
    if install:
        places += [
            (f"go install at v{PINNED_VERSION}", lambda: go_install(cache)),
            (f"the release download of v{PINNED_VERSION}", lambda: download_release(cache)),
        ]
    return places


async def _on_path() -> Path:
    found = shutil.which("toxiproxy-server")
    if found is None:
        raise MissingPartError("not there")
    return Path(found)


async def _in_cache(cache: Path) -> Path:
    path = cached_binary(cache)
    if not path.is_file():
        raise MissingPartError(f"{path} is not there")
    return path


async def _guest(url: str, source: str) -> FoundToxiproxy:
    try:
        parts = urlsplit(url)
        named = parts.scheme == "http" and parts.hostname and parts.port and parts.path == ""
    except ValueError:
        named = False
    if not named:
        raise MissingPartError(f"{url!r} (configured by {source}) is no address of a Toxiproxy: write http://127.0.0.1:8474")
    able = await probe_capabilities(url)
    _demand(able, f"the Toxiproxy at {url}")
    return FoundToxiproxy(
        kind="guest", how=f"running at {url}, configured by {source}", version=able.version, url=url, lacks=able.lacks
    )


async def _binary(path: Path, how: str, refused: tuple[str, ...]) -> FoundToxiproxy:
    if not path.is_file():
        raise MissingPartError(f"{path} ({how}) does not exist: correct the path, or unset it to have one found")
    if not os.access(path, os.X_OK):
        raise MissingPartError(f"{path} ({how}) may not be executed: chmod +x it")
    try:
        async with await ToxiproxyServer.start(path) as server:
            able = await probe_capabilities(server.url)
    except ToxiproxyError as error:
        raise MissingPartError(f"{error}; is it really a toxiproxy-server?") from error
    _demand(able, str(path))
    version = await binary_version(path)
    return FoundToxiproxy(kind="binary", how=how, version=version, path=path, lacks=able.lacks, refused=refused)


def _demand(able: Capabilities, name: str) -> None:
    if not able.usable:
        more = f" (and {len(able.problems) - 3} more)" if len(able.problems) > 3 else ""
        raise MissingPartError(f"{name} (version {able.version}) is refused: {'; '.join(able.problems[:3])}{more}")
