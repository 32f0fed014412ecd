"""What a hand-written suite sets up once: provider, Toxiproxy server, a proxy per host, browser; and a shop per test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests
import toxiproxy
import toxiproxy.api
from playwright.sync_api import Browser, sync_playwright

from harness.certificates import Authority, CertificateBook
from harness.providers.serving import ProviderServer
from harness.providers.tencent_web.emulator import TencentEmulator

API = "turing.captcha.qcloud.com"
CDN = "turing.captcha.gtimg.com"
CDN_2 = "global.turing.captcha.gtimg.com"
VERDICT = "verdict"
_LIMIT_S = 30.0


class Provider:
    """Our emulator, served by a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.emulator = TencentEmulator(app_id="199999164", prefix="terror")
        self.server = ProviderServer(self.emulator, CertificateBook(Authority(folder)))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(_LIMIT_S)

    def reset(self) -> None:
        """Forget everything before the next test."""

        async def reset() -> None:
            self.server.reset(build="classic")

        asyncio.run_coroutine_threadsafe(reset(), self._loop).result(_LIMIT_S)

    def stop(self) -> None:
        """Stop listening."""
        asyncio.run_coroutine_threadsafe(self.server.stop(), self._loop).result(_LIMIT_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_LIMIT_S)
        self._loop.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The session's things. ``proxies``: by vendor host, and ``verdict`` for the shop's own calls."""

    provider: Provider
    proxies: dict[str, toxiproxy.Proxy]
    browser: Browser
    shop_folder: Path


@contextlib.contextmanager
def ground(*, toxiproxy_path: str, browser_path: str, shop_folder: Path) -> Iterator[Ground]:
    """Set everything up, and take it down again."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="captchaos-plain-")))
        provider = Provider(folder)
        provider.start()
        stack.callback(provider.stop)
        proxies = stack.enter_context(_proxies(toxiproxy_path, provider.server))
        playwright = stack.enter_context(sync_playwright())
        rules = ", ".join(f"MAP {host} {proxy.listen}" for host, proxy in proxies.items() if host != VERDICT)
        browser = playwright.chromium.launch(executable_path=browser_path, args=[f"--host-resolver-rules={rules}"])
        stack.callback(browser.close)
        yield Ground(provider=provider, proxies=proxies, browser=browser, shop_folder=shop_folder)


@contextlib.contextmanager
def _proxies(path: str, server: ProviderServer) -> Iterator[dict[str, toxiproxy.Proxy]]:
    port = free_port()
    with running([path, "-host", "127.0.0.1", "-port", str(port)], f"http://127.0.0.1:{port}/version"):
        toxiproxy.api.APIConsumer.port = port
        client = toxiproxy.Toxiproxy()
        upstreams = {API: server.port, CDN: server.port, CDN_2: server.port, VERDICT: server.plain_port}
        for host, upstream in upstreams.items():
            client.create(upstream=f"127.0.0.1:{upstream}", name=host, listen="127.0.0.1:0", enabled=True)
        yield {host: client.get_proxy(host) for host in upstreams}


@contextlib.contextmanager
def shop(ground: Ground) -> Iterator[str]:
    """Start a shop of its own for one test; yields its address."""
    ground.provider.reset()
    keys = ground.provider.emulator.credentials
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="captchaos-plain-shop-") as folder:
        environment = os.environ | {
            "SHOP_DATABASE_URL": f"sqlite:///{folder}/shop.db",
            "CAPTCHA_API": f"http://{ground.proxies[VERDICT].listen}",
            "CAPTCHA_APP_ID": keys.app_id,
            "CAPTCHA_APP_SECRET": keys.app_secret,
            "CAPTCHA_SECRET_ID": keys.secret_id,
            "CAPTCHA_SECRET_KEY": keys.secret_key,
        }
        command = [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(port)]
        with running(command, f"http://127.0.0.1:{port}/healthz", environment=environment, folder=ground.shop_folder):
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def running(
    command: list[str], ready: str, *, environment: dict[str, str] | None = None, folder: Path | None = None
) -> Iterator[None]:
    """Keep a command running inside the block; enters it once ``ready`` answers."""
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + _LIMIT_S
        while not _answers(ready):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{command[0]} did not come up at {ready}")
            time.sleep(0.02)  # a process that others started tells nobody when it is ready
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
