"""Download the pinned Toxiproxy server from its GitHub release, checked against the release's own checksum list."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import tempfile
from pathlib import Path

import httpx

from harness.errors import MissingPartError
from harness.setup.go_install import PINNED_VERSION, cached_binary

RELEASES_VARIABLE = "CAPTCHAOS_TOXIPROXY_RELEASES"
_RELEASES = "https://github.com/Shopify/toxiproxy/releases/download"
_SYSTEMS = {"Linux": "linux", "Darwin": "darwin", "FreeBSD": "freebsd", "NetBSD": "netbsd", "OpenBSD": "openbsd"}
_MACHINES = {
    "x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "armv6l": "armv6", "armv7l": "armv7",
}  # fmt: skip
_CONNECT_S = 10.0
_READ_S = 60.0
_MAX_BYTES = 200 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def asset_name(system: str | None = None, machine: str | None = None) -> str:
    """Name the release's file for this machine (or the one told); raises MissingPartError when it has none.

    Source: the names in Shopify/toxiproxy's .goreleaser.yml.
    """
    system, machine = system or platform.system(), machine or platform.machine()
    if system not in _SYSTEMS or machine.lower() not in _MACHINES:
        raise MissingPartError(
            f"Toxiproxy's release has no server for {system} on {machine}: build one, set CAPTCHAOS_TOXIPROXY"
        )
    return f"toxiproxy-server-{_SYSTEMS[system]}-{_MACHINES[machine.lower()]}"


async def download_release(cache: Path, base_url: str | None = None) -> Path:
    """Download the server into ``cache``, accept it only by its checksum; raises MissingPartError with what went wrong.

    ``base_url`` (or ``CAPTCHAOS_TOXIPROXY_RELEASES``) replaces GitHub, for a mirror.
    """
    base = (base_url or os.environ.get(RELEASES_VARIABLE) or _RELEASES).rstrip("/")
    folder = f"{base}/v{PINNED_VERSION}"
    name = asset_name()
    cache.mkdir(parents=True, exist_ok=True)
    limits = httpx.Timeout(_READ_S, connect=_CONNECT_S)
    async with httpx.AsyncClient(timeout=limits, follow_redirects=True, headers={"User-Agent": "captchaos"}) as client:
        wanted = _checksum_of(name, await _text(client, f"{folder}/checksums.txt"), folder)
        with tempfile.TemporaryDirectory(prefix="download-", dir=cache) as scratch:
            part = Path(scratch) / name
            found = await _save(client, f"{folder}/{name}", part)
            if found != wanted:
                raise MissingPartError(
                    f"{folder}/{name} has SHA-256 {found[:12]}…, the release's checksums.txt says {wanted[:12]}…: "
                    "it was cut short or tampered with, and is thrown away; try again or build it with go"
                )
            part.chmod(0o755)
            return part.replace(cached_binary(cache))


def _checksum_of(name: str, listing: str, folder: str) -> str:
    for fields in (line.split() for line in listing.splitlines()):
        if len(fields) == 2 and fields[1].lstrip("*") == name and _SHA256.fullmatch(fields[0].lower()):
            return fields[0].lower()
    raise MissingPartError(f"{folder}/checksums.txt does not list {name}: is it the release's own list?")


async def _text(client: httpx.AsyncClient, url: str) -> str:
    try:
        answer = await client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(url, error) from error
    if answer.status_code != 200:
        raise MissingPartError(f"{url} answers HTTP {answer.status_code}: is {RELEASES_VARIABLE} right?")
    return answer.text


async def _save(client: httpx.AsyncClient, url: str, path: Path) -> str:
    """Write the body to ``path`` and return its SHA-256."""
    digest, size = hashlib.sha256(), 0
    try:
        async with client.stream("GET", url) as answer:
            if answer.status_code != 200:
                raise MissingPartError(f"{url} answers HTTP {answer.status_code}: is {RELEASES_VARIABLE} right?")
            with path.open("wb") as file:
                async for chunk in answer.aiter_bytes():
                    size += len(chunk)
                    if size > _MAX_BYTES:
                        raise MissingPartError(f"{url} is larger than {_MAX_BYTES >> 20} MiB: that is no Toxiproxy server")
                    file.write(chunk)
                    digest.update(chunk)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unreachable(url, error) from error
    return digest.hexdigest()


def _unreachable(url: str, error: Exception) -> MissingPartError:
    return MissingPartError(f"the download of {url} failed ({str(error) or type(error).__name__}): is there a network?")
