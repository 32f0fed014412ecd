"""Parts that the tests of the ground share: a real Toxiproxy, a cache of their own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

import httpx
import pytest

from suites.selftest.standins import in_a_thread


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache for one test."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CAPTCHAOS_CACHE", str(folder))
    return folder


@pytest.fixture
def empty_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it but what the test puts into the folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def guest_url(toxiproxy_path: Path) -> Iterator[str]:
    """A Toxiproxy that somebody else runs, without metrics, as it is started by hand."""
    for port in range(18474, 18574):
        command = [str(toxiproxy_path), "-host", "127.0.0.1", "-port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
            try:
                if _answers(server, f"http://127.0.0.1:{port}"):
                    yield f"http://127.0.0.1:{port}"
                    return
            finally:
                server.terminate()
                server.communicate()
    pytest.fail("no free port between 18474 and 18573 for a guest Toxiproxy")


class _Folder(SimpleHTTPRequestHandler):
    """Serves files; one with a sibling called ``<name>.cut`` is promised whole and cut in the middle."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        return

    def copyfile(self, source: IO[bytes], outputfile: IO[bytes]) -> None:
        if Path(self.translate_path(self.path) + ".cut").exists():
            outputfile.write(source.read(50_000))
        else:
            super().copyfile(source, outputfile)


@pytest.fixture
def http_folder(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A folder and the URL at which a real HTTP server serves it."""
    root = tmp_path / "served"
    root.mkdir()
    with in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Folder, directory=str(root)))) as server:
        yield f"http://127.0.0.1:{server.server_port}", root


def _answers(server: subprocess.Popen[str], url: str) -> bool:
    with httpx.Client(trust_env=False, transport=httpx.HTTPTransport(retries=5)) as client:
        while server.poll() is None:
            try:
                client.get(f"{url}/version")
            except httpx.ConnectError:
                continue
            return True
    return False
