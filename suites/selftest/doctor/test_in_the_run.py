"""What `captchaos doctor` has a name for has the same one in a run and in pytest: a run of each wrong target, on real parts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.cli.run import report_of, summary
from harness.engine.engine import open_engine
from harness.engine.ground import Ground, open_ground
from harness.engine.options import Options
from harness.errors import LaboratoryError
from harness.plan.build import make_plan
from harness.target.loader import load_target
from suites.selftest.acceptance.conftest import build_house
from suites.selftest.doctor.little_target import little
from suites.selftest.engine.conftest import Silence

pytestmark = pytest.mark.nightly
SCENARIO = "go-1004-frame-refused-cold"
# On a busy machine, too, whoever can come through does.
PATIENT_MS = 60_000
# Why nothing could be judged, and a word of what to do.
WRONG = {
    "https": ("redirects-to-https: GET / was answered 301 to https://127.0.0.1:", "switch its redirect to https off"),
    "csp": ("csp-forbids-captcha: ", "in script-src"),
    "backwards": ("effects-count-backwards: the effects went down by 1", "something that only grows"),
    "unmapped": ("unmapped-host: nothing maps cdn.nowhere.example:443", "[third_party]"),
}
FLOWS = {
    "raises": ('flow-raises: flows.py:22: raise ValueError("the basket is empty")', "mend that line"),
    "only_clicks": ("captcha-left-alone: the flow ended", "flow.solve()"),
    "hangs": ("flow-hangs: it still waited at flows.py:27", "look at the selector"),
    "leaves": ("flow-leaves-page: the page stood at about:blank", "stay on the application's own pages"),
    "lost": ("wrong-path: GET /shop/start was answered 404", "mend the path"),
}
# What never comes to a control ends the run.
NEVER = {
    "port": ({"wrong": "port"}, ("wrong-port: it listens at 127.0.0.1:", "hand {port} over")),
    "ready": ({"ready": "/nowhere"}, ("wrong-path: target.ready = '/nowhere' must be", "GET /nowhere answered 404")),
    "effects": (
        {"effects": '{ get = "/admin/effects.json", count = "$.count" }'},
        ("wrong-path: flows.go.effects.get: ", "answered 404"),
    ),
}


@pytest.fixture(scope="module")
async def ground(anyio_backend: str) -> AsyncIterator[Ground]:
    async with open_ground() as opened:
        yield opened


async def ran(ground: Ground, file: Path, scenario: str = SCENARIO) -> str:
    """Run one scenario of a target; returns what `captchaos run` says in the end."""
    target = load_target(file)
    plan = make_plan(target)
    chosen = [one for one in plan.scenarios if one.id == scenario]
    options = Options(out=file.parent / "out", jobs=1, controls_fail=frozenset(target.flows), closing_controls=False)
    async with open_engine(target, plan, options, Silence(), ground) as engine:
        engine.begin(chosen)
        await engine.finish()
    return "\n".join(summary(*report_of(options.out, "en")))


def named(said: str, *words: str) -> None:
    """The run says why nothing is known, and what to do."""
    assert "go-control-classic is not healthy: " in said, said
    assert "0 pass, 0 fail, 1 unknown; controls not healthy: go-control-classic" in said
    for word in words:
        assert word in said, said


@pytest.mark.anyio
@pytest.mark.parametrize("wrong", WRONG)
async def test_a_wrong_application_is_named_by_the_run(ground: Ground, tmp_path: Path, wrong: str) -> None:
    named(await ran(ground, little(tmp_path, wrong=wrong, business=6000)), *WRONG[wrong])


@pytest.mark.anyio
async def test_what_a_policy_forbids_is_named_in_firefox_too(tmp_path: Path) -> None:
    async with open_ground(engine="firefox") as ground:
        said = await ran(ground, little(tmp_path, wrong="csp", business=15_000))
    named(said, *WRONG["csp"], "forbids https://turing.captcha.qcloud.com")


@pytest.mark.anyio
@pytest.mark.parametrize("flow", FLOWS)
async def test_a_wrong_flow_is_named_by_the_run_with_its_line(ground: Ground, tmp_path: Path, flow: str) -> None:
    named(await ran(ground, little(tmp_path, flow=flow, business=6000)), *FLOWS[flow])


@pytest.mark.anyio
@pytest.mark.parametrize("what", NEVER)
async def test_what_ends_a_run_is_named_as_well(ground: Ground, tmp_path: Path, what: str) -> None:
    changes, words = NEVER[what]
    with pytest.raises(LaboratoryError) as ended:
        await ran(ground, little(tmp_path, **changes))
    for word in words:
        assert word in str(ended.value)


@pytest.mark.anyio
async def test_cookies_marked_secure_come_back_where_chromium_sends_them(ground: Ground, tmp_path: Path) -> None:
    """On 127.0.0.1 it does; were it otherwise, the visit would be refused and secure-cookies-on-http told."""
    said = await ran(ground, little(tmp_path, wrong="secure", business=PATIENT_MS))
    assert "all controls healthy" in said, said
    assert "secure-cookies-on-http" not in said


def test_pytest_names_it_in_the_item_and_at_the_end(tmp_path: Path, toxiproxy_path: Path) -> None:
    house = build_house(tmp_path, toxiproxy_path)
    file = little(tmp_path / "app", wrong="https", business=6000)
    words = (sys.executable, "-m", "pytest", str(file), "-k", SCENARIO, "-p", "no:cacheprovider", "-q")
    done = subprocess.run(
        words, cwd=file.parent, env=house.environment(PATH=os.environ["PATH"]), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout
    why = "the control of slot 0 was not healthy: go-control-classic (redirects-to-https: "
    assert f"{SCENARIO} is unknown: " in done.stdout
    assert why in done.stdout
    assert "go-control-classic is not healthy: redirects-to-https: GET / was answered 301" in done.stdout
    assert "  → the lab speaks plain http" in done.stdout
