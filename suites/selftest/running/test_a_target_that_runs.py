"""A target that others started, with a Toxiproxy of its own next to it: it is broken with consent only, and left as it was."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from harness.errors import ConfigurationError, ToxiproxyError, UsageError
from harness.lab.slot import Neighbour, be_guest, keep
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.plan.build import make_plan
from harness.providers.base import PROVIDERS
from harness.pytest_plugin.session import Run
from harness.target.loader import load_target
from harness.target.ports import reserve_port
from harness.target.running import refuse_unless_allowed
from harness.toxiproxy.client import ToxiproxyClient
from suites.selftest.acceptance.command import SHOP, House
from suites.selftest.acceptance.conftest import build_house
from suites.selftest.target_files import SHOPS_CHECKOUT

ACCOUNT = {
    "CAPTCHA_APP_SECRET": "a secret that staging was given",
    "CAPTCHA_SECRET_ID": "AKIDstaging",
    "CAPTCHA_SECRET_KEY": "a key that staging was given",
}
SHARED = '[target.shared]\nconsent = "captchaos may break this system"\nhosts = ["127.0.0.1"]\n'
TARGET = """\
[target]
name = "staging"
url = "http://127.0.0.1:{port}"
ready = "/healthz"

{shared}
[links.verdict]
toxiproxy = "{toxiproxy}"
listen = "127.0.0.1:{listen}"

[provider]
app_id = "199999164"
credentials = {{ app_secret = "CAPTCHA_APP_SECRET", secret_id = "CAPTCHA_SECRET_ID", secret_key = "CAPTCHA_SECRET_KEY" }}

"""


@pytest.fixture
def house(tmp_path: Path, toxiproxy_path: Path) -> House:
    root = tmp_path / "house"
    root.mkdir()
    return build_house(root, toxiproxy_path)


def written(
    folder: Path, *, port: int = 1, toxiproxy: str = "http://127.0.0.1:8474", listen: int = 8666, shared: str = SHARED
) -> Path:
    shutil.copy(SHOP / "flows.py", folder / "flows.py")
    file = folder / "captchaos.toml"
    file.write_text(TARGET.format(port=port, toxiproxy=toxiproxy, listen=listen, shared=shared) + SHOPS_CHECKOUT)
    return file


@contextlib.contextmanager
def running_shop(port: int, api: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The shop, started by somebody else, whose verdicts come over the address that a Toxiproxy will listen on."""
    env = {**os.environ, **ACCOUNT, "CAPTCHA_API": api, "CAPTCHA_APP_ID": "199999164"}
    env |= {"SHOP_DATABASE_URL": f"sqlite:///{folder}/shop.db"}
    words = [sys.executable, "-m", "uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    process = subprocess.Popen(words, cwd=SHOP, env=env)
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False)
                break
            assert time.monotonic() < until, "the shop did not start"
            time.sleep(0.1)  # another process's port tells nobody that it is open
        yield process
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.nightly
def test_both_its_edges_are_broken_and_everything_is_as_it_was_afterwards(
    house: House, toxiproxy_path: Path, tmp_path: Path
) -> None:
    async def run() -> None:
        async with await ToxiproxyServer.start(toxiproxy_path) as server, ToxiproxyClient(server.url) as client:
            theirs = await client.create_proxy("somebody-elses", "127.0.0.1:1")
            await theirs.add_toxic("latency", "downstream", {"latency": 7})
            before = await client.list()
            with reserve_port() as at, reserve_port() as listens:
                port, listen = at.port, listens.port
            file = written(house.root, port=port, toxiproxy=server.url, listen=listen)
            with running_shop(port, f"http://127.0.0.1:{listen}", tmp_path) as shop:
                for broken in ("2002-verdict-refused-cold", "1001-entry-refused-cold"):
                    words = ("run", str(file), "-k", f"checkout-{broken}", "--jobs", "4", "--out", str(house.out / broken))
                    done = await asyncio.to_thread(house.run, *words, **ACCOUNT)
                    assert done.returncode == 0, done.stdout + done.stderr
                    assert "1 pass, 0 fail, 0 unknown; all controls healthy" in done.stdout
                assert shop.poll() is None, "a target that captchaos has not started is not ended by it"
            assert await client.list() == before, "a guest leaves everything as it was"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("SHARED", ""), 'write [target.shared] with consent = "captchaos may break this system"'),
        (('hosts = ["127.0.0.1"]', 'hosts = ["127.0.0.2"]'), "names '127.0.0.1', which target.shared.hosts does not allow"),
        (
            ('"http://127.0.0.1:8474"\n', '"http://tox.example:8474"\n'),
            "names 'tox.example', but from there nobody comes to the emulator",
        ),
        (('hosts = ["127.0.0.1"]', "hosts = []"), "target.shared.hosts must be a list of one host or more"),
        (("may break this", "may brake this"), "target.shared.consent must be the sentence"),
        (('url = "http://', 'url = "https://'), "forward one (ssh -L, kubectl port-forward, a published port)"),
        (("[observe]", '[observe]\nlog = "degraded"'), "observe.log cannot be read of a target that captchaos did not start"),
        (("[links.verdict]", "[links.verdct]"), "[links.verdict] is missing"),
    ],
)
def test_without_consent_or_on_another_host_nothing_is_broken(tmp_path: Path, change: tuple[str, str], complaint: str) -> None:
    old, new = change
    file = written(tmp_path, shared="" if old == "SHARED" else SHARED)
    if old != "SHARED":
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))
    with pytest.raises(ConfigurationError) as refused:
        refuse_unless_allowed(load_target(file))
    assert complaint in str(refused.value)


def test_what_needs_a_name_or_a_certificate_on_its_way_is_left_out_and_said(tmp_path: Path) -> None:
    plan = make_plan(load_target(written(tmp_path)))
    faults = {scenario.fault.name for scenario in plan.scenarios if scenario.link == "verdict" and scenario.fault}
    assert {"refused", "reset", "hang"} <= faults
    assert not {"dns-failure", "unknown-ca-certificate"} & faults
    assert any("the Toxiproxy next to one that runs already" in said for said in plan.left_out)


def test_the_command_asks_for_consent_before_anything_is_opened(house: House) -> None:
    done = house.run("run", str(written(house.root, shared="")), "-k", "checkout-2002-verdict-refused-cold", **ACCOUNT)
    assert (done.returncode, done.stdout) == (3, "")
    assert "captchaos.toml: target.url names a system" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_account_that_the_environment_does_not_hold_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use = load_target(written(tmp_path)).provider
    for name, value in (ACCOUNT | {"CAPTCHA_SECRET_KEY": ""}).items():
        monkeypatch.setenv(name, value)
    emulator = PROVIDERS.get(use.use).emulator(app_id=use.app_id, prefix=use.prefix, options=use.all_options)
    with pytest.raises(ConfigurationError, match="names CAPTCHA_SECRET_KEY, which the environment does not hold"):
        keep(emulator, use)


def test_an_address_that_another_guest_has_is_named_and_left_to_them(toxiproxy_path: Path) -> None:
    async def refused() -> str:
        async with await ToxiproxyServer.start(toxiproxy_path) as server, ToxiproxyClient(server.url) as client:
            theirs = await client.create_proxy("somebody-elses", "127.0.0.1:1")
            before = await client.list()
            with pytest.raises(ConfigurationError) as told:
                await be_guest(Neighbour(toxiproxy=client, listen=theirs.listen), "captchaos-mine", "127.0.0.1:1")
            assert await client.list() == before
            return str(told.value).replace(theirs.listen, "theirs")

    assert "links.verdict.listen: theirs is taken at the Toxiproxy" in asyncio.run(refused())


def test_a_toxiproxy_that_is_not_there_is_named_by_its_key_in_one_sentence() -> None:
    async def refused() -> str:
        with reserve_port() as nobody:
            url = f"http://127.0.0.1:{nobody.port}"
        async with ToxiproxyClient(url) as client:
            with pytest.raises(ToxiproxyError) as told:
                await be_guest(Neighbour(toxiproxy=client, listen="127.0.0.1:8666"), "captchaos-mine", "127.0.0.1:1")
            return str(told.value).replace(url, "URL")

    assert asyncio.run(refused()) == (
        "links.verdict.toxiproxy: Toxiproxy at URL could not be told to create the proxy 'captchaos-mine' to 127.0.0.1:1: "
        "Connection refused; does it still run?"
    )


def test_workers_of_pytest_that_would_each_break_it_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"target\.url is one system that runs already, .*: leave -n out"):
        Run(cast(Any, None), tmp_path / "out", written(tmp_path), on_demand=True)
