"""What a provider costs: its verdict API against an empty route of the same server, an idle one's memory, and its start."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from playwright.async_api import Browser, async_playwright

from bench.arithmetic import percentile
from bench.memory import held_bytes
from bench.served import APP_ID, server_of
from bench.signing import signed_request
from harness.certificates import Authority
from harness.errors import LaboratoryError
from harness.setup.browser import find_browser

REQUESTS = 480
ROUNDS = 9
CONNECTIONS = 8
STARTS = 15
EMPTY_ROUTE = b"GET /cap_monitor HTTP/1.1\r\nHost: turing.captcha.qcloud.com\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderCosts:
    """The verdict API's rate against an empty route's, its requests per second and p99; an idle process in MB; starts in ms.

    Both routes take turns, and each round has its ratio: the median of them does not mind who else uses the machine.
    """

    verdict_to_empty: float
    verdict_per_s: float
    verdict_p99_ms: float
    idle_mb: float
    start_ms: float
    context_ms: float


async def provider_costs(*, browser: str | None = None) -> ProviderCosts:
    """Measure a provider in a process of its own, so that who asks does not slow who answers."""
    async with _served() as (port, credentials, idle_mb):
        request = signed_request(credentials, app_id=APP_ID, host=f"127.0.0.1:{port}")
        await _must_be_judged(port, request)
        empty_s: list[float] = []
        verdict_s: list[float] = []
        taken_ms: list[float] = []
        for _ in range(ROUNDS):
            empty_s.append(await _asked(port, EMPTY_ROUTE, []))
            # The ticket is none of the vendor's; what is measured is the way there, signature and table included.
            verdict_s.append(await _asked(port, request, taken_ms))
    return ProviderCosts(
        verdict_to_empty=median(empty / verdict for empty, verdict in zip(empty_s, verdict_s, strict=True)),
        verdict_per_s=REQUESTS / median(verdict_s),
        verdict_p99_ms=percentile(taken_ms, 0.99),
        idle_mb=idle_mb,
        start_ms=await _start_ms(),
        context_ms=await _context_ms(browser),
    )


@contextlib.asynccontextmanager
async def _served() -> AsyncIterator[tuple[int, dict[str, str], float]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.served", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        told = json.loads(await process.stdout.readline())
        yield told["port"], told["credentials"], held_bytes(psutil.Process(process.pid)) / 1e6
    finally:
        process.stdin.close()
        await process.wait()


async def _must_be_judged(port: int, request: bytes) -> None:
    """Raise LaboratoryError when the request is turned away before its ticket is looked at: that would be no figure."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    if b'"CaptchaCode"' not in answer:
        raise LaboratoryError(f"the verdict API refused the bench's request: {answer[-300:].decode(errors='replace')}")


async def _asked(port: int, request: bytes, taken_ms: list[float]) -> float:
    """Send the request so many times over a few kept connections; returns the seconds in all, and notes each one's ms."""
    began = time.perf_counter()
    await asyncio.gather(*(_one_after_another(port, request, taken_ms) for _ in range(CONNECTIONS)))
    return time.perf_counter() - began


async def _one_after_another(port: int, request: bytes, taken_ms: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for _ in range(REQUESTS // CONNECTIONS):
            began = time.perf_counter()
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            taken_ms.append((time.perf_counter() - began) * 1000)
    finally:
        writer.close()
        await writer.wait_closed()


async def _start_ms() -> float:
    taken = []
    with tempfile.TemporaryDirectory(prefix="captchaos-bench-") as folder:
        authority = Authority(Path(folder))
        for _ in range(STARTS):
            began = time.perf_counter()
            server = server_of(authority)
            await server.start()
            taken.append((time.perf_counter() - began) * 1000)
            await server.stop()
    return median(taken)


async def _context_ms(configured: str | None) -> float:
    found = await find_browser(configured)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(found.path))
        try:
            return median([await _one_context_ms(browser) for _ in range(STARTS)])
        finally:
            await browser.close()


async def _one_context_ms(browser: Browser) -> float:
    began = time.perf_counter()
    context = await browser.new_context()
    await context.new_page()
    taken_ms = (time.perf_counter() - began) * 1000
    await context.close()
    return taken_ms
