"""A flow's file is its owner's: whatever is wrong with it is one sentence with its line, and ends no run."""

from __future__ import annotations

import pytest

from harness.errors import ConfigurationError
from harness.target.flowfile import flow_function
from harness.target.loader import load_target
from suites.selftest.target_files import Complaint, Write

LOGIN = "\n\ndef login(page, flow):\n    page.goto(flow.url('/'))\n"
CODEGEN = """\
import re
from playwright.sync_api import Playwright, sync_playwright, expect


def run(playwright: Playwright) -> None:
    page = playwright.chromium.launch(headless=False).new_context().new_page()
    page.goto("http://127.0.0.1:8000/")


with sync_playwright() as playwright:
    run(playwright)
"""
CODEGEN_ASYNC = "import asyncio\n\n\nasync def main() -> None:\n    ...\n\n\nasyncio.run(main())\n"


@pytest.mark.parametrize(("wrote", "line"), [(CODEGEN, 10), (CODEGEN_ASYNC, 8)])
def test_a_recording_that_starts_its_own_browser_is_told_what_to_keep(
    write: Write, complaint: Complaint, wrote: str, line: int
) -> None:
    said = complaint(write(flows=wrote + LOGIN))
    assert f"captchaos.toml:13: flows.login.browser names flows.py, which starts a browser of its own at line {line}: " in said
    assert "keep the lines that begin with page, under def login(page, flow):" in said


@pytest.mark.parametrize(
    ("first", "raised"),
    [
        ("import sys\nsys.exit('no browser here')", "flows.py:2: importing it raised SystemExit('no browser here')"),
        ("import no_such_module", "flows.py:1: importing it raised ModuleNotFoundError"),
        ("raise RuntimeError('empty')", "flows.py:1: importing it raised RuntimeError('empty')"),
    ],
)
def test_whatever_importing_it_raises_is_a_sentence(write: Write, first: str, raised: str) -> None:
    target = load_target(write(flows=first + LOGIN))
    with pytest.raises(ConfigurationError) as refused:
        flow_function(target, target.flows["login"])
    assert raised in str(refused.value)
