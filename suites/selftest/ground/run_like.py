"""A process that does what a run does: own a Toxiproxy, a target, a browser, a guest's proxy; then wait to be killed.

Prints one JSON line with what it started.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import httpx
from playwright.async_api import async_playwright

from harness.lab.ownership import Ownership
from harness.lab.toxiproxy_server import ToxiproxyServer


async def main(toxiproxy: str, browser: str, guest: str) -> None:
    own = Ownership.begin()
    server = await ToxiproxyServer.start(toxiproxy)
    target = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "http.server", "--bind", "127.0.0.1", "0"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    name = f"{own.run_id}-page"
    own.own_proxy(guest, name)
    async with httpx.AsyncClient(trust_env=False) as client:
        proxy = {"name": name, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}
        (await client.post(f"{guest}/proxies", json=proxy)).raise_for_status()
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=browser)
        await (await chromium.new_page()).goto("data:text/html,hello")
        told = {"run": own.run_id, "folder": str(own.folder), "toxiproxy": server.pid, "target": target.pid, "proxy": name}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
