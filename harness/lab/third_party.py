"""Hosts that the target's pages ask beside its own and the captcha's: served from a folder or a record, or let through."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote

from harness.catalog import Answer
from harness.lab.recording import Recordings
from harness.providers.base import Request
from harness.target.spec import LET_THROUGH, RECORD

_INDEX = "index.html"
_ANYBODY = (
    ("access-control-allow-origin", "*"),
    ("access-control-allow-headers", "*"),
    ("cache-control", "no-store"),
)


class Folders:
    """Answers for third parties from folders, read only, and from ``recordings`` for hosts that are recorded.

    ``hosts`` are all that the target names, ``let_through`` those of them whose real host is asked.
    """

    def __init__(self, third_party: Mapping[str, str], recordings: Recordings | None = None) -> None:
        self.hosts = frozenset(third_party)
        self.let_through = frozenset(host for host, source in third_party.items() if source in LET_THROUGH)
        self._recorded = frozenset(host for host, source in third_party.items() if source == RECORD)
        self._recordings = recordings
        self._folders = {host: Path(source) for host, source in third_party.items() if source not in (*LET_THROUGH, RECORD)}

    async def answer(self, request: Request) -> Answer:
        """Answer with the file of that path, 404 without one; nothing outside of the folder is ever read."""
        if request.method not in ("GET", "HEAD"):
            # What measures visitors posts to it, and asks for no answer.
            return Answer(status=204, headers=_ANYBODY, body=b"")
        if self._recordings is not None and request.host in self._recorded:
            return await self._recordings.answer(request)
        try:
            file = self._file(request.host, request.path)
            body = file.read_bytes() if file is not None else b""
        except OSError:
            # A name longer than the disk takes, or a file that may not be read: no such file is there to be served.
            file = None
        if file is None:
            return Answer(status=404, headers=(*_ANYBODY, ("content-type", "text/plain")), body=b"not found")
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        return Answer(status=200, headers=(*_ANYBODY, ("content-type", kind)), body=body)

    def describe(self, request: Request) -> str:
        """Say what of a request no record holds; "" for every other."""
        asked = request.method in ("GET", "HEAD") and request.host in self._recorded
        return self._recordings.lacks(request) if asked and self._recordings is not None else ""

    def _file(self, host: str, path: str) -> Path | None:
        folder = self._folders[host].resolve()
        asked = unquote(path).lstrip("/")
        if "\0" in asked:
            return None
        file = (folder / asked).resolve()
        if file.is_dir():
            file = file / _INDEX
        return file if file.is_relative_to(folder) and file.is_file() else None
