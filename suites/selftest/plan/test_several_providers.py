"""A target may depend on several captchas: each flow on its own, with its own links, app id and values."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.engine.workshop import Slots, Workshop, idle_values
from harness.lab.bench import Bench
from harness.lab.slot import Slot
from harness.lab.stage import NOBODY, environment
from harness.plan.build import Plan, make_plan
from harness.providers.base import PROVIDERS, Credentials
from harness.target.loader import load_target
from harness.target.spec import Target
from suites.selftest.target_files import Write, refusal, written

TOML = """\
[target]
name = "bank"
start = "{python} app.py {port}"

[target.env]
APP_ID = "{provider.app_id}"
API = "{links.verdict.url}"
OTHER_ID = "{providers.second.app_id}"
OTHER_SECRET = "{providers.second.app_secret}"
OTHER_API = "{providers.second.url}"

[provider]
app_id = "199999164"

[providers.second]
use = "tencent_web"
app_id = "2000000001"

[flows.login]
browser = "flows.py:login"
completed = { selector = "#done" }
effects = { get = "/sessions.json", count = "$" }
policy = "accept"

[flows.register]
provider = "second"
browser = "flows.py:login"
completed = { selector = "#done" }
effects = { get = "/accounts.json", count = "$" }
policy = "accept"
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return partial(written, tmp_path, TOML)


def planned(file: Path) -> Plan:
    return make_plan(load_target(file))


def test_each_flow_is_planned_with_the_app_id_of_its_own_provider(write: Write) -> None:
    plan = planned(write())
    of = {scenario.flow: scenario.expect.app_id for scenario in (*plan.scenarios, *plan.controls)}
    assert of == {"login": "199999164", "register": "2000000001"}
    assert set(plan.links_by_provider) == {"", "second"}


def test_every_build_is_controlled_on_the_flows_that_use_it(write: Write) -> None:
    plan = planned(write())
    used = {(scenario.flow, scenario.build) for scenario in plan.scenarios}
    assert {(control.flow, control.build) for control in plan.controls} == used


def slot_of(target: Target, name: str) -> Slot:
    """What a slot shows of itself to the target."""
    credentials = Credentials(app_id=target.use_named(name).app_id, app_secret=f"secret of {name or 'main'}")
    plan = make_plan(target)
    return cast(Slot, SimpleNamespace(
        router=SimpleNamespace(port=1080), ca_file="ca.pem", provider_name=name, plain_url="http://127.0.0.1:4711",
        provider=SimpleNamespace(emulator=SimpleNamespace(credentials=credentials)), links=plan.links_by_provider[name],
    ))  # fmt: skip


@pytest.mark.parametrize("served", ["", "second"])
def test_the_target_is_told_where_the_served_provider_is_and_nobodys_address_for_the_other(
    write: Write, tmp_path: Path, served: str
) -> None:
    target = load_target(write())
    told = environment(target, slot_of(target, served), tmp_path, idle_values(target, make_plan(target)))
    assert (told["APP_ID"], told["OTHER_ID"]) == ("199999164", "2000000001")
    at = {"": told["API"], "second": told["OTHER_API"]}
    assert at.pop(served) == "http://127.0.0.1:4711"
    assert list(at.values()) == [NOBODY]
    assert (told["OTHER_SECRET"] == "secret of second") == (served == "second")
    assert told["OTHER_SECRET"]


def test_a_worker_opens_one_slot_for_each_provider_when_its_first_flow_comes(write: Write) -> None:
    target = load_target(write())
    opened: list[tuple[int, str]] = []

    async def open_slot(number: int, flow: str) -> Any:
        opened.append((number, flow))
        return object()

    async def scene() -> None:
        slots = Slots(3, cast(Any, SimpleNamespace(target=target, open_slot=open_slot)))
        main = await slots.of("login")
        assert await slots.of("login") is main
        assert await slots.of("register") is not main
        assert await slots.of("login") is main

    asyncio.run(scene())
    assert opened == [(3, "login"), (3, "register")]


@pytest.mark.parametrize(
    ("old", "new", "answer"),
    [
        ('provider = "second"', 'provider = "secnd"',
         "flows.register.provider is 'secnd', but there is no [providers.secnd]; did you mean"),
        ('use = "tencent_web"', 'use = "tencent_wb"', "no provider is called 'tencent_wb'; did you mean 'tencent_web'?"),
        ("{providers.second.app_id}", "{providers.secnd.app_id}", "but there is no [providers.secnd]"),
        ("{providers.second.app_id}", "{providers.second.app_idd}", "does not show; did you mean 'providers.second.app_id'?"),
        (
            "{provider.app_id}", "{links.verdit.url}",
            "{links.verdit.url}, which is no link of a server's; did you mean 'links.verdict.url'?",
        ),
        ("{provider.app_id}", "{links.entry.url}", "{links.entry.url}, which is no link of a server's"),
        ("{provider.app_id}", "{provider.app_ib}", "does not show; did you mean 'provider.app_id'?"),
        ('app_id = "2000000001"', 'app_id = "2000000001"\noptions = { packge = 1 }',
         "tencent_web has no option 'packge'; did you mean 'package'?"),
    ],
)  # fmt: skip
def test_what_a_file_says_wrongly_of_providers_is_answered_with_its_line(write: Write, old: str, new: str, answer: str) -> None:
    said = refusal(write((old, new)), planned)
    assert answer in said
    assert said.startswith("captchaos.toml:")


def test_a_bench_serves_the_provider_of_its_flow(write: Write) -> None:
    target = load_target(write())
    plan = make_plan(target)
    bench = Bench(
        target=target, provider=PROVIDERS.get("tencent_web"), browser=cast(Any, None), links=plan.links, faults={},
        meters=cast(Any, None), run_folder=Path(), work_folder=Path(),
    )  # fmt: skip
    other = replace(plan, links_by_provider={**plan.links_by_provider, "second": {}})
    shop = cast(Workshop, SimpleNamespace(target=target, plan=other, bench=bench))
    assert Workshop.bench_of(shop, "register").links == {}
    assert Workshop.bench_of(shop, "login").links == plan.links
