"""What the plan asks of a provider, every provider that is shipped can do."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import ConfigurationError
from harness.plan.build import make_plan
from harness.providers.base import PROVIDERS
from harness.target.loader import load_target

NAMES = ("tencent_web", "tencent_mini", "huawei", "geetest_v4")
APP_IDS = {"geetest_v4": "0123456789abcdef0123456789abcdef"}


def file_on(provider: str, folder: Path, *more: str) -> Path:
    """A target on one provider, its flow in a browser and over HTTP."""
    (folder / "flows.py").write_text("async def login(page, flow):\n    pass\n", encoding="utf-8")
    file = folder / "captchaos.toml"
    lines = (
        "[target]", 'name = "bank"', 'start = "{python} app.py {port}"',
        "[provider]", f'use = "{provider}"', f'app_id = "{APP_IDS.get(provider, "199999164")}"', *more,
        "[flows.login]", 'browser = "flows.py:login"', 'submit = { path = "/login", json = { ticket = "{ticket}" } }',
        'completed = { selector = "#done", status = 200 }', 'effects = { get = "/sessions.json", count = "$" }',
        'policy = "accept"',
    )  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_these_are_all_that_are_shipped() -> None:
    assert set(NAMES) <= set(PROVIDERS.all())


@pytest.mark.parametrize("name", NAMES)
def test_its_emulator_serves_every_build_that_is_planned(name: str, tmp_path: Path) -> None:
    target = load_target(file_on(name, tmp_path))
    plan, use = make_plan(target), target.provider
    emulator = PROVIDERS.get(name).emulator(app_id=use.app_id, prefix=use.prefix, options=use.all_options)
    builds = {scenario.build for scenario in (*plan.scenarios, *plan.controls)}
    assert builds
    for build in builds:
        emulator.reset(build=build)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "tencent_web"])
def test_retired_hosts_are_asked_only_of_who_has_some(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"retired_hosts: {name} has none to serve"):
        make_plan(load_target(file_on(name, tmp_path, "retired_hosts = true")))
