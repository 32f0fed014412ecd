"""Other people's hosts in a slot: each through a proxy of its own, from a folder, or to whom it belongs."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import httpx
import pytest

from harness.catalog import Link, Phase, Side
from harness.certificates import Authority
from harness.faults.base import FAULTS
from harness.lab.edges import edge_of
from harness.lab.slot import Slot, open_slot
from harness.providers.base import PROVIDERS
from harness.target.spec import ProviderUse
from harness.toxiproxy.client import ToxiproxyClient
from suites.selftest.one_slot import open_toxiproxy

# A name of loopback's: what is let through in this test stays on the machine.
CDN, ALLOWED = "code.cdn.example", "localhost"
LINKS = {
    host: Link(name=host, side=Side.BROWSER, hosts=(host,), phase=Phase.BEFORE_LOAD, control=False, third_party=True)
    for host in (CDN, ALLOWED)
}


async def slot_with(toxiproxy: ToxiproxyClient, authority: Authority, folder: Path) -> Slot:
    slot = await open_slot(
        0, run_id="selftest", use=ProviderUse(), provider=PROVIDERS.get("tencent_web"), authority=authority,
        toxiproxy=toxiproxy, links=LINKS, owned=lambda _server, _name: None,
        third_party={CDN: str(folder), ALLOWED: "allow"},
    )  # fmt: skip
    await slot.reset(build="classic")
    return slot


async def get(slot: Slot, url: str) -> httpx.Response:
    trusted = ssl.create_default_context(cafile=slot.ca_file)
    async with httpx.AsyncClient(proxy=f"http://127.0.0.1:{slot.router.port}", verify=trusted, timeout=10) as client:
        return await client.get(url)


def test_a_folder_is_served_by_name_and_broken_by_the_same_faults_as_the_captcha(
    toxiproxy_path: Path, authority: Authority, tmp_path: Path
) -> None:
    (tmp_path / "helpers.js").write_text("window.tea = {}", encoding="utf-8")

    async def go() -> None:
        async with open_toxiproxy(toxiproxy_path) as toxiproxy:
            slot = await slot_with(toxiproxy, authority, tmp_path)
            try:
                answer = await get(slot, f"https://{CDN}/helpers.js")
                assert (answer.status_code, answer.text) == (200, "window.tea = {}")
                assert [arrival.link for arrival in slot.provider.log] == [CDN]
                edge = edge_of(slot, LINKS[CDN])
                await FAULTS.get("html").apply(edge)
                assert "guest network" in (await get(slot, f"https://{CDN}/helpers.js")).text
                await FAULTS.get("refused").apply(edge)
                with pytest.raises(httpx.HTTPError):
                    await get(slot, f"https://{CDN}/helpers.js")
                with pytest.raises(httpx.ProxyError, match="403"):
                    await get(slot, "https://unknown.example/helpers.js")
                assert slot.router.refused_hosts() == ("unknown.example:443",)
            finally:
                await slot.close()

    asyncio.run(go())


def test_a_host_that_is_let_through_is_asked_itself(toxiproxy_path: Path, authority: Authority, tmp_path: Path) -> None:
    async def go() -> None:
        async with open_toxiproxy(toxiproxy_path) as toxiproxy:
            slot = await slot_with(toxiproxy, authority, tmp_path)
            try:
                assert (await slot.proxies[ALLOWED].state()).upstream == f"{ALLOWED}:443"
                with pytest.raises(httpx.HTTPError):
                    await get(slot, f"https://{ALLOWED}/")
                assert slot.router.refused_hosts() == ()
                assert slot.provider.log == []
            finally:
                await slot.close()

    asyncio.run(go())
