"""GeeTest's verdict is asked at a host that browsers use as well: a fault on one's link leaves the other's alone."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from harness.catalog import Side
from harness.certificates import Authority
from harness.faults.base import FAULTS
from harness.lab.edges import edge_of
from harness.lab.slot import Slot
from harness.providers.base import PROVIDERS
from harness.target.spec import ProviderUse
from suites.selftest.lab.sockets import by_socks
from suites.selftest.one_slot import open_toxiproxy, slot_of

pytestmark = pytest.mark.anyio
CAPTCHA_ID = "647f5ed2ed8acb4be36784e01556bb71"
API = "gcaptcha4.geetest.com"


@contextlib.asynccontextmanager
async def geetest(toxiproxy_path: Path, authority: Authority) -> AsyncIterator[Slot]:
    use = ProviderUse(use="geetest_v4", app_id=CAPTCHA_ID)
    links = {link.name: link for link in PROVIDERS.get(use.use).links}
    async with open_toxiproxy(toxiproxy_path) as toxiproxy, slot_of(toxiproxy, authority, use, links) as slot:
        yield slot


async def reaches(slot: Slot, side: Side) -> bool:
    """Whether a new connection of that side gets an answer from the host that both use."""
    if side is Side.BROWSER:
        async with by_socks(slot.router, API) as (granted, line):
            if granted != 0:
                return False
            await line.secure(slot.ca_file, API)
            return (await line.ask("GET", f"/load?callback=a&captcha_id={CAPTCHA_ID}", API))[0] == 200
    try:
        proxy = f"http://127.0.0.1:{slot.router.port}"
        trust = ssl.create_default_context(cafile=slot.ca_file)
        async with httpx.AsyncClient(proxy=proxy, verify=trust, trust_env=False) as client:
            return (await client.post(f"https://{API}/validate")).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize(("link", "struck"), [("verdict", Side.SERVER), ("load", Side.BROWSER), ("verify", Side.BROWSER)])
async def test_a_fault_on_a_shared_host_strikes_the_side_of_its_link(
    link: str, struck: Side, toxiproxy_path: Path, authority: Authority
) -> None:
    async with geetest(toxiproxy_path, authority) as slot:
        edge = edge_of(slot, slot.links[link])
        await FAULTS.get("refused").apply(edge)
        assert {side: await reaches(slot, side) for side in Side} == {side: side is not struck for side in Side}
        await FAULTS.get("refused").heal(edge)
        assert [await reaches(slot, side) for side in Side] == [True, True]


async def test_a_reset_mends_the_proxies_of_both_sides(toxiproxy_path: Path, authority: Authority) -> None:
    async with geetest(toxiproxy_path, authority) as slot:
        for link in ("verdict", "load"):
            await FAULTS.get("hang").apply(edge_of(slot, slot.links[link]))
        await slot.reset(build="classic")
        assert [await reaches(slot, side) for side in Side] == [True, True]
