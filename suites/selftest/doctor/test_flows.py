"""Flows as people write them: recorded without await, as steps, behind a login, with two captchas; on a real browser."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.engine.ground import Ground, open_ground
from harness.explore.checkup import Step, check_up
from harness.plan.build import make_plan
from harness.target.loader import load_target
from suites.selftest.doctor.little_target import STEPS, little
from suites.selftest.target_files import refusal


@pytest.fixture(scope="module")
async def ground(anyio_backend: str) -> AsyncIterator[Ground]:
    async with open_ground() as opened:
        yield opened


async def healthy(ground: Ground, file: Path) -> Step:
    """The step that says how the healthy visit went."""
    target = load_target(file)
    steps = check_up(target, make_plan(target), tuple(target.flows), folder=file.parent / "pictures", ground=ground)
    async with contextlib.aclosing(steps):
        async for step in steps:
            if "healthy visit" in step.text:
                return step
    raise AssertionError("no step told of the healthy visit")


@pytest.mark.anyio
async def test_what_codegen_writes_works_after_a_header(ground: Ground, tmp_path: Path) -> None:
    step = await healthy(ground, little(tmp_path, flow="recorded"))
    assert step.mark == "ok", step


@pytest.mark.anyio
@pytest.mark.nightly
async def test_a_flow_that_clicks_by_itself_says_so_by_phase(ground: Ground, tmp_path: Path) -> None:
    step = await healthy(ground, little(tmp_path, flow="clicks"))
    assert step.mark == "ok", step


@pytest.mark.anyio
@pytest.mark.nightly
async def test_a_flow_without_await_that_hangs_is_told_with_its_line(ground: Ground, tmp_path: Path) -> None:
    step = await healthy(ground, little(tmp_path, flow="sleeps"))
    assert 'flow-hangs: it still waited at flows.py:54: page.wait_for_selector("#never-there")' in step.text


@pytest.mark.anyio
@pytest.mark.nightly
async def test_steps_of_a_plain_form_need_no_python(ground: Ground, tmp_path: Path) -> None:
    step = await healthy(ground, little(tmp_path, drive=STEPS))
    assert step.mark == "ok", step


@pytest.mark.anyio
@pytest.mark.nightly
async def test_a_flow_may_have_two_captchas(ground: Ground, tmp_path: Path) -> None:
    step = await healthy(ground, little(tmp_path, wrong="two", flow="two"))
    assert step.mark == "ok", step


@pytest.mark.anyio
@pytest.mark.nightly
async def test_a_captcha_that_does_not_say_what_follows_it_must_be_the_last(ground: Ground, tmp_path: Path) -> None:
    step = await healthy(ground, little(tmp_path, wrong="two", flow="two_at_once"))
    assert "flow-raises: flows.py:" in step.text
    assert "say until='#next' at each captcha but the last: behind a fallback ticket nothing else ends it" in step.text


@pytest.mark.anyio
@pytest.mark.nightly
async def test_who_must_sign_in_does_so_before_the_flow(ground: Ground, tmp_path: Path) -> None:
    drive = 'browser = "flows.py:go"\nbefore = "flows.py:sign_in"'
    assert (await healthy(ground, little(tmp_path / "signs-in", wrong="login", drive=drive))).mark == "ok"
    alone = await healthy(ground, little(tmp_path / "alone", wrong="login"))
    assert alone.mark == "bad", "without it the page is not reached"


@pytest.mark.anyio
@pytest.mark.nightly
async def test_visitors_may_come_with_cookies(ground: Ground, tmp_path: Path) -> None:
    cookie = {"name": "user", "value": "somebody", "domain": "127.0.0.1", "path": "/"}
    drive = 'browser = "flows.py:go"\nstorage = "signed-in.json"'
    (tmp_path / "signed-in.json").write_text(json.dumps({"cookies": [cookie], "origins": []}), encoding="utf-8")
    assert (await healthy(ground, little(tmp_path, wrong="login", drive=drive))).mark == "ok"


@pytest.mark.parametrize(
    ("steps", "complaint"),
    [
        ('[{ open = "/" }, { show = "#go" }]', "flows.go.steps never says solve: the click that asks"),
        ('[{ opne = "/" }]', "flows.go.steps[0].opne is not a known key; did you mean 'open'?"),
        ('[{ fill = "#name" }, { show = "#go" }, { solve = true }]', "flows.go.steps[0]: with is the text of fill and of"),
        ('[{ open = "/", show = "#go" }, { solve = true }]', "flows.go.steps[0] must do one thing: open, show stands there"),
        (
            '[{ fill = "#a", with = "{acount}" }, { show = "#go" }, { solve = true }]',
            "flows.go.steps[0] says {acount}, which the lab does not know; did you mean 'account'?",
        ),
    ],
)
def test_wrong_steps_are_refused_with_their_line(tmp_path: Path, steps: str, complaint: str) -> None:
    said = refusal(little(tmp_path, drive=f"steps = {steps}"), load_target)
    assert f"captchaos.toml:14: {complaint}" in said


def test_a_storage_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("[]", encoding="utf-8")
    file = little(tmp_path, drive='browser = "flows.py:go"\nstorage = "state.json"')
    assert "flows.go.storage names state.json, which has no list of cookies" in refusal(file, load_target)
