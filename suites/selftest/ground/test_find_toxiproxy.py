"""A Toxiproxy is found in the documented order, accepted by what it can do, and refused with a sentence."""

from __future__ import annotations

import asyncio
import shutil
import socket
import sys
from pathlib import Path

import httpx
import pytest

from harness.errors import MissingPartError, ToxiproxyError
from harness.lab import toxiproxy_server
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.setup.toxiproxy import FoundToxiproxy, find_toxiproxy
from suites.selftest.ground.scripts import script

FAKE = Path(__file__).with_name("fake_toxiproxy.py")
CACHED = "toxiproxy-server-2.12.0"


def find(configured: str | None = None, *, install: bool = False) -> FoundToxiproxy:
    return asyncio.run(find_toxiproxy(configured, install=install))


def sentence_of(configured: str | None = None, *, install: bool = False) -> str:
    with pytest.raises(MissingPartError) as caught:
        find(configured, install=install)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def unconfigured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CAPTCHAOS_TOXIPROXY", raising=False)


@pytest.mark.usefixtures("unconfigured")
class TestTheOrder:
    def test_a_configured_path_comes_before_everything(
        self, toxiproxy_path: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        mine = Path(shutil.copy(toxiproxy_path, tmp_path / "mine"))
        monkeypatch.setenv("CAPTCHAOS_TOXIPROXY", str(mine))
        found = find()
        assert (found.kind, found.path, found.how) == ("binary", mine, "configured by CAPTCHAOS_TOXIPROXY")
        assert found.lacks == ()

    def test_path_comes_before_the_cache(self, toxiproxy_path: Path, cache: Path, empty_path: Path) -> None:
        cache.mkdir()
        shutil.copy(toxiproxy_path, cache / CACHED)
        on_path = Path(shutil.copy(toxiproxy_path, empty_path / "toxiproxy-server"))
        found = find()
        assert (found.path, found.how) == (on_path, "toxiproxy-server on PATH")

    def test_a_broken_one_on_path_is_passed_over_and_named(self, toxiproxy_path: Path, cache: Path, empty_path: Path) -> None:
        cache.mkdir()
        shutil.copy(toxiproxy_path, cache / CACHED)
        script(empty_path / "toxiproxy-server", "echo segmentation fault; exit 139")
        found = find()
        assert (found.path, found.how) == (cache / CACHED, "the cache")
        assert len(found.refused) == 1
        assert "segmentation fault" in found.refused[0]

    def test_go_install_puts_the_pinned_version_into_the_cache(self, cache: Path) -> None:
        if shutil.which("go") is None:
            pytest.fail("this test builds Toxiproxy: install Go")
        found = find(install=True)
        if found.how == "toxiproxy-server on PATH":
            pytest.fail("a toxiproxy-server on PATH hides what this test is about: take it off PATH")
        assert (found.how, found.path, found.version) == ("go install at v2.12.0", cache / CACHED, "2.12.0")
        assert [file.name for file in cache.iterdir()] == [CACHED]
        assert find().how == "the cache"

    def test_a_running_one_is_used_as_a_guest_and_its_lack_of_metrics_is_named(self, guest_url: str) -> None:
        found = find(guest_url + "/")
        assert (found.kind, found.url, found.path) == ("guest", guest_url, None)
        assert len(found.lacks) == 1
        assert "-proxy-metrics" in found.lacks[0]
        assert httpx.get(f"{guest_url}/proxies", trust_env=False).json() == {}, "the scratch proxy is removed"


@pytest.mark.usefixtures("unconfigured", "cache")
class TestRefusals:
    def test_nothing_anywhere_says_all_that_was_tried_and_the_mend(
        self, empty_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CAPTCHAOS_TOXIPROXY_RELEASES", "http://127.0.0.1:9")
        said = sentence_of(install=True)
        for tried in ("on PATH", "the cache", "go is not on PATH", "release download", "CAPTCHAOS_TOXIPROXY"):
            assert tried in said

    def test_a_failing_go_is_quoted(self, empty_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CAPTCHAOS_TOXIPROXY_RELEASES", "http://127.0.0.1:9")
        script(empty_path / "go", "echo dial tcp: no route to host; exit 1")
        assert "dial tcp: no route to host" in sentence_of(install=True)

    def test_a_configured_path_that_does_not_exist(self, tmp_path: Path) -> None:
        assert "does not exist" in sentence_of(str(tmp_path / "nowhere"))

    def test_a_configured_path_that_may_not_be_executed(self, tmp_path: Path) -> None:
        (tmp_path / "plain").write_text("text")
        assert "chmod +x" in sentence_of(str(tmp_path / "plain"))

    def test_a_program_that_is_not_toxiproxy(self) -> None:
        assert "is it really a toxiproxy-server?" in sentence_of("/bin/false")

    def test_a_url_where_nobody_listens(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
            bound.bind(("127.0.0.1", 0))
            assert "nothing answers as Toxiproxy" in sentence_of(f"http://127.0.0.1:{bound.getsockname()[1]}")

    @pytest.mark.parametrize("url", ["http://127.0.0.1", "https://127.0.0.1:8474", "http://127.0.0.1:99999", "ftp://a:1/b"])
    def test_a_url_that_names_no_toxiproxy(self, url: str) -> None:
        assert "write http://127.0.0.1:8474" in sentence_of(url)

    def test_a_url_that_something_else_answers(self, http_folder: tuple[str, Path]) -> None:
        assert "is not Toxiproxy" in sentence_of(http_folder[0])

    @pytest.mark.parametrize(
        ("flaw", "words"),
        [
            ("no-patch", "cannot change a proxy by PATCH"),
            ("patch-ignored", "accepts a PATCH and does not act on it"),
            ("no-limit-data", "no downstream toxic 'limit_data'"),
            ("toxics-vanish", "toxic 'latency' cannot be read back"),
        ],
    )
    def test_a_server_that_cannot_do_all_is_refused_whatever_version_it_claims(
        self, flaw: str, words: str, tmp_path: Path
    ) -> None:
        fake = script(tmp_path / "toxiproxy-server", f'exec "{sys.executable}" "{FAKE}" {flaw} "$@"')
        said = sentence_of(str(fake))
        assert words in said
        assert "9.9.9" in said


class TestStartingAServer:
    def test_a_taken_port_is_left_to_its_owner_and_another_is_tried(
        self, toxiproxy_path: Path, guest_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        taken = httpx.URL(guest_url).port
        assert taken is not None
        real = toxiproxy_server._free_port
        ports = iter([taken, taken])
        monkeypatch.setattr(toxiproxy_server, "_free_port", lambda: next(ports, None) or real())

        async def start() -> tuple[str, dict[str, object]]:
            async with await ToxiproxyServer.start(toxiproxy_path) as server, httpx.AsyncClient(trust_env=False) as client:
                return server.url, (await client.get(f"{server.url}/version")).json()

        url, version = asyncio.run(start())
        assert url != guest_url
        assert version["version"]
        httpx.get(f"{guest_url}/version", trust_env=False).raise_for_status()

    def test_only_taken_ports_is_a_sentence(
        self, toxiproxy_path: Path, guest_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(toxiproxy_server, "_free_port", lambda: httpx.URL(guest_url).port)
        with pytest.raises(ToxiproxyError, match="5 ports in a row taken"):
            asyncio.run(ToxiproxyServer.start(toxiproxy_path))

    def test_bytes_per_proxy_are_counted(self, toxiproxy_path: Path) -> None:
        async def metrics() -> str:
            async with await ToxiproxyServer.start(toxiproxy_path) as server, httpx.AsyncClient(trust_env=False) as client:
                proxy = {"name": "edge", "listen": "127.0.0.1:0", "upstream": f"127.0.0.1:{server.port}"}
                made = (await client.post(f"{server.url}/proxies", json=proxy)).json()
                async with httpx.AsyncClient(trust_env=False) as through:
                    await through.get(f"http://{made['listen']}/version")
                while True:  # counted when the connection has ended, as the server sees it
                    text = (await client.get(f"{server.url}/metrics")).text
                    if "toxiproxy_proxy_" in text:
                        return text

        assert 'proxy="edge"' in asyncio.run(metrics())

    def test_a_stopped_server_is_gone(self, toxiproxy_path: Path) -> None:
        async def url_after_stop() -> str:
            server = await ToxiproxyServer.start(toxiproxy_path)
            await server.stop()
            assert not server.alive
            return server.url

        with pytest.raises(httpx.ConnectError):
            httpx.get(asyncio.run(url_after_stop()), trust_env=False)
