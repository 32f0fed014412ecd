"""Faults of the plan on the real edges of a lab: three calls share one host, and each fault is felt at its own link alone."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.certificates import Authority
from harness.faults.base import FAULTS
from harness.journal.model import Scenario
from harness.lab.edges import edge_of
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.lab.striker import Striker
from harness.plan.build import make_plan
from harness.setup.toxiproxy import find_toxiproxy
from harness.target.loader import load_target
from suites.selftest.huawei.target_file import write_target
from suites.selftest.huawei.tenant import AGENT, HOST, MOBILE, point, seen_gap
from suites.selftest.lab.slots import until
from suites.selftest.one_slot import open_toxiproxy, slot_of

pytestmark = pytest.mark.anyio

LINKS = ("picture", "verdict", "sms", "code")
TRANSPORT = ("2002-{}-refused", "2002-{}-reset", "2001-{}-hang")
PATIENCE_S = 1.0


class Backend:
    """A shop's server: every call through the lab's proxy over TLS, on a connection that is kept while it can be."""

    def __init__(self, slot: Slot) -> None:
        trust = ssl.create_default_context(cafile=slot.ca_file)
        proxy, base = f"http://127.0.0.1:{slot.router.port}", f"https://{HOST}"
        self.http = httpx.AsyncClient(base_url=base, proxy=proxy, verify=trust, timeout=PATIENCE_S, trust_env=False)
        self._emulator: Any = slot.provider.emulator
        client_id = self._emulator.credentials.more["client_id"]
        names = {"X-operating-sys-version": "Android 10", "X-device-fingerprint": "156aysdna213sac"}
        self.http.headers.update(names | {"X-agent": AGENT, "X-client-id": client_id})

    async def register(self) -> list[str]:
        """Register by SMS as far as it goes; returns the links that answered well."""
        went: list[str] = []
        with contextlib.suppress(httpx.HTTPError):
            shown = (await self.http.get("/api/v2/sdk/captcha")).raise_for_status().json()
            went.append("picture")
            drag = {"point_json": point(seen_gap(shown)), "token": shown["token"], "sender": MOBILE}
            passed = (await self._post("/api/v2/sdk/captcha/verify", drag)).json()
            went.append("verdict")
            await self._post("/api/v2/sdk/sms/send", {"mobile": MOBILE, "type": "REGISTER_SMS", **passed})
            went.append("sms")
            code = self._emulator.delivered(MOBILE)
            await self._post("/api/v2/sdk/register/mobile-verify-code", {"mobile": MOBILE, "verify_code": code})
            went.append("code")
        return went

    async def _post(self, path: str, fields: dict[str, Any]) -> httpx.Response:
        return (await self.http.post(path, json=fields)).raise_for_status()


@contextlib.asynccontextmanager
async def a_slot(tmp_path: Path) -> AsyncIterator[tuple[Slot, dict[str, Scenario], Any]]:
    target = load_target(write_target(tmp_path))
    plan, found = make_plan(target), await find_toxiproxy(install=False)
    assert found.path is not None, "these tests start servers of their own: configure a path, not a URL"
    use, links = target.use_named("sms"), plan.links_by_provider["sms"]
    async with open_toxiproxy(found.path) as toxiproxy, slot_of(toxiproxy, Authority(tmp_path), use, links, name="sms") as slot:
        yield slot, {scenario.id: scenario for scenario in plan.scenarios}, target.flows["register"]


def striker_of(scenario: Scenario, slot: Slot, flow: Any) -> Striker:
    assert scenario.fault is not None
    link = slot.links[scenario.link]
    edge = edge_of(slot, link, scenario.parameters)
    return Striker(scenario, FAULTS.get(scenario.fault.name), edge, link, slot, Recorder(), flow)


@pytest.mark.parametrize(
    ("link", "warmth"),
    # No connection stands before the first picture.
    [("picture", "cold"), *((link, warmth) for link in LINKS[1:] for warmth in ("cold", "warm"))],
)
async def test_a_broken_connection_ends_the_registration_at_its_own_link(tmp_path: Path, link: str, warmth: str) -> None:
    async with a_slot(tmp_path) as (slot, scenarios, flow):
        for name in TRANSPORT:
            await slot.reset(build="classic")
            backend = Backend(slot)
            striker = striker_of(scenarios[f"register-{name.format(link)}-{warmth}"], slot, flow)
            await striker.before_load()
            assert await backend.register() == list(LINKS[: LINKS.index(link)])
            # The connection may end a moment before the fault has been read back.
            await until(lambda standing=striker: standing.applied)
            assert slot.provider.emulator.sent == [] or link in ("sms", "code")
            await striker.heal()
            await backend.http.aclose()
            again = Backend(slot)
            assert await again.register() == list(LINKS)
            await again.http.aclose()
            assert slot.provider.broken == []
            assert striker.error is None


async def test_nothing_broken_sends_one_sms_and_uses_every_link(tmp_path: Path) -> None:
    async with a_slot(tmp_path) as (slot, _scenarios, _flow):
        backend = Backend(slot)
        async with asyncio.timeout(20):
            assert await backend.register() == list(LINKS)
        await backend.http.aclose()
        assert [arrival.said for arrival in slot.provider.log] == ["picture shown", "code 1", "SMS sent", "registered"]
        assert len(slot.provider.emulator.sent) == 1
