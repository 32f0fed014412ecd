"""A search believes no refusal of a door that nobody gets through."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.catalog.recipes import Recipe
from harness.errors import TargetError
from harness.explore.door import HONEST, Door, over_http
from harness.explore.seen import Seen
from harness.target.loader import load_target
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
                await asyncio.to_thread(door.prove, target.flows.values())
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


def test_a_target_that_dies_of_a_ticket_leaves_its_last_words_and_the_next_knock_meets_a_fresh_one(toxiproxy_path, tmp_path):
    shop = tmp_path / "shop"
    shutil.copytree(FIXTURES / "shop", shop, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    gate = shop / "shop" / "gate.py"
    judged = "        kind = self._client.shape("
    dies = '        if "undefined" in submission.ticket:\n            print("last words", flush=True), os._exit(3)\n'
    assert judged in gate.read_text()
    gate.write_text(gate.read_text().replace(judged, dies + judged).replace("import time\n", "import os\nimport time\n", 1))
    target = load_target(shop / "captchaos.toml")
    login = target.flows["login"]

    async def knocked() -> tuple[Seen, Seen]:
        async with one_slot(replace(target, flows={"login": login}), toxiproxy_path, tmp_path) as here:
            workshop = SimpleNamespace(target=target, bench_of=lambda _flow: here.bench)
            door = Door(asyncio.get_running_loop(), cast(Any, workshop), {"": here.slot})
            try:
                died = await asyncio.to_thread(door.knock, login, Recipe(text="terror_undefined_{app}_{now}"))
                return died, await asyncio.to_thread(door.knock, login, HONEST)
            finally:
                await asyncio.to_thread(door.close)

    died, after = asyncio.run(knocked())
    assert (died.became, died.status) == ("died", None)
    assert "exit status 3" in died.died
    assert "last words" in died.died
    assert (after.became, after.gained, after.passed) == ("let in", 1, True)
