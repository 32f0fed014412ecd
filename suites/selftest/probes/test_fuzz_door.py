"""The fuzz suite believes no refusal of a door that nobody gets through."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.errors import TargetError
from harness.target.loader import load_target
from suites.fuzz.door import Door, over_http
from suites.selftest.probes.conftest import FIXTURES, one_slot


def prove(toxiproxy_path, folder, **fields):
    """Prove the shop's login, with other words in the submit of its target file."""
    shop = load_target(FIXTURES / "shop" / "captchaos.toml")
    login = shop.flows["login"]
    submit = replace(login.submit, json={**login.submit.json, **fields})
    target = replace(shop, flows={"login": replace(login, submit=submit)})

    async def proven() -> None:
        async with one_slot(target, toxiproxy_path, folder) as here:
            workshop = SimpleNamespace(target=target, bench_of=lambda _flow: here.bench)
            door = Door(asyncio.get_running_loop(), cast(Any, workshop), {"": here.slot})
            try:
                await asyncio.to_thread(door.prove)
            finally:
                await asyncio.to_thread(door.close)

    asyncio.run(proven())


def test_a_door_that_a_good_ticket_opens_is_proven(toxiproxy_path, tmp_path):
    prove(toxiproxy_path, tmp_path)


def test_a_door_behind_a_wrong_password_is_refused_with_its_name(toxiproxy_path, tmp_path):
    with pytest.raises(
        TargetError, match=r"flows\.login\.submit does not work even with a good ticket \(status 401, 0 effects"
    ):
        prove(toxiproxy_path, tmp_path, password="wrong horse")


def test_it_knocks_at_every_flow_that_goes_over_http_whichever_provider_it_depends_on():
    knocked = {(flow.name, flow.provider) for flow in over_http(load_target(FIXTURES / "shop" / "captchaos.toml"))}
    assert knocked == {
        ("login", ""), ("checkout", ""), ("app-checkout", ""), ("mini-profile", "tencent_mini"), ("register", "oneaccess"),
    }  # fmt: skip
