"""The examples, which know nothing of captchaos: their servers reach the provider by the route of their runtime.

Each night a submit goes over HTTP through a whole slot (Toxiproxy, emulator, router), and a page of each through a browser; the
first of them is run every day, from the wheel (suites/selftest/acceptance/test_wheel_on_examples.py). The codes that servers
mint (2001–2006) are those of the project's notes.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import pytest

from harness.faults.base import FAULTS
from harness.lab.submitting import Strike, SubmitLab, Submitted
from harness.target.loader import load_target
from suites.selftest.acceptance.command import House
from suites.selftest.examples.made_ready import EXAMPLES, made_ready
from suites.selftest.probes.conftest import OneSlot, one_slot

NAMES = ("flask", "express", "go", "java")
TOOLS = {"express": "npm", "go": "go", "java": "javac"}
# What every server's wait must end within: the default budget of a target file.
BUDGET_MS = 5000
STRUCK = {"refused": 2002, "reset": 2002, "hang": 2001, "internal-error": 2003, "html": 2005, "unknown-ca-certificate": 2002}
# Where a machine has no JDK the other three are tried all the same.
NO_JDK = pytest.mark.skipif(shutil.which("javac") is None, reason="this machine has no JDK")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_in_its_code_knows_of_captchaos(name: str) -> None:
    ours = {"captchaos.toml", "flows.py", "README.md"}
    code = [file for file in (EXAMPLES / name).rglob("*") if file.is_file() and file.name not in ours | {"package-lock.json"}]
    code = [file for file in code if not {"node_modules", "classes", "__pycache__"} & set(file.parts)]
    assert len(code) >= 4
    told = re.compile(r"captchaos|toxiproxy|proxy|127\.0\.0\.1:\d|emulat|chaos", re.IGNORECASE)
    assert {file.name: found.group() for file in code if (found := told.search(file.read_text(errors="replace")))} == {}
    page = "".join(file.read_text() for file in code if file.suffix == ".js")
    assert "https://turing.captcha.qcloud.com/TCaptcha.js" in page, "the vendor's real host stands in the page"
    assert "{links." not in (EXAMPLES / name / "captchaos.toml").read_text(), "no setting for the endpoint"


@pytest.mark.nightly
@pytest.mark.parametrize("name", [pytest.param(name, marks=NO_JDK if name == "java" else ()) for name in NAMES])
def test_its_server_is_led_to_the_provider_and_degrades_as_the_link_breaks(
    name: str, toxiproxy_path: Path, tmp_path: Path
) -> None:
    healthy, struck = asyncio.run(_submits(made_ready(name, tmp_path), toxiproxy_path, tmp_path))
    assert (healthy.error, healthy.completed, healthy.unverified, healthy.used) == ("", True, "", True), healthy
    for fault, code in STRUCK.items():
        met = struck[fault]
        assert met.error == ""
        assert met.offered if name == "flask" else met.completed, f"{fault}: {met}"
        assert f"terror_{code}_199999164_" in met.said, f"{fault}: {met}"
        assert met.real_ms < BUDGET_MS, f"{fault}: {met}"


async def _submits(folder: Path, toxiproxy_path: Path, work: Path) -> tuple[Submitted, dict[str, Submitted]]:
    target = load_target(folder / "captchaos.toml")
    (flow,) = target.flows.values()
    async with one_slot(target, toxiproxy_path, work) as here:
        lab = SubmitLab(here.bench, here.slot, flow, build="classic", patience_s=15)
        healthy = await lab.run()
        return healthy, {fault: await lab.run(_strike(here, fault)) for fault in STRUCK}


def _strike(here: OneSlot, fault: str) -> Strike:
    return Strike(link=here.bench.links["verdict"], fault=FAULTS.get(fault), parameters=())


@pytest.mark.nightly
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "part", ["1004-frame-refused-cold", "1001-entry-hang-cold", "2002-verdict-refused-cold", "2001-verdict-hang-cold", "forged"]
)
def test_it_passes_in_a_browser(name: str, part: str, house: House, tmp_path: Path) -> None:
    # Flask is never left out.
    if name in TOOLS and shutil.which(TOOLS[name]) is None:
        pytest.skip(f"this machine has no {TOOLS[name]}")
    folder = made_ready(name, tmp_path)
    (flow,) = load_target(folder / "captchaos.toml").flows
    done = house.run("run", str(folder), "-k", f"{flow}-{part}", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 pass, 0 fail, 0 unknown; all controls healthy" in done.stdout
