"""A target is started on a port of its own, waited for, and ended with everything it started; how it died is told."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from harness.errors import ConfigurationError, TargetError
from harness.target import ports
from harness.target.flowfile import flow_function
from harness.target.loader import load_target
from harness.target.placeholders import fill
from harness.target.ports import free_port
from harness.target.process import OUTPUT_BYTES, TargetProcess, await_ready
from harness.target.spec import Target

Bank = Callable[..., Target]


@pytest.fixture
def bank(write: Callable[..., Path]) -> Bank:
    """A target that behaves at its start in the manner that is named."""

    def bank(manner: str = "serves", *rest: object, ready: str = "/healthz") -> Target:
        target = load_target(write())
        shutil.copy(Path(__file__).with_name("small_target.py"), target.folder / "app.py")
        start = " ".join(["{python} app.py {port}", manner, *(f"'{part}'" for part in rest)])
        return replace(target, start=start, ready=ready)

    return bank


async def _environment(process: TargetProcess) -> dict[str, str]:
    async with httpx.AsyncClient(trust_env=False) as client:
        told: dict[str, str] = (await client.get(f"{process.base_url}/environment")).json()
        return told


def _gone(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] == "Z"


async def _until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not seen():  # noqa: ASYNC110 - another program's doing raises no event here
            await asyncio.sleep(0.01)


def test_it_serves_on_its_own_port_until_it_is_stopped(bank: Bank) -> None:
    async def story() -> None:
        process = await TargetProcess.start(bank(), env={"PORT": "{port}", "LEVEL": "{level}"})
        assert process.alive
        told = await _environment(process)
        assert (told["PORT"], told["LEVEL"]) == (str(process.port), "{level}")
        await process.stop()
        assert not process.alive
        assert _gone(process.pid)
        await process.stop()

    asyncio.run(story())


def test_no_proxy_of_this_machine_reaches_it(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "*")

    async def story() -> None:
        process = await TargetProcess.start(bank(), env={"http_proxy": "lab"}, extra_env={"http_proxy": "extra", "MORE": "1"})
        told = await _environment(process)
        await process.stop()
        assert {name: told.get(name) for name in ("HTTPS_PROXY", "no_proxy", "http_proxy", "MORE")} == {
            "HTTPS_PROXY": None,
            "no_proxy": None,
            "http_proxy": "lab",
            "MORE": "1",
        }

    asyncio.run(story())


def test_a_death_at_start_is_told_with_the_last_output_and_without_secrets(bank: Bank) -> None:
    began = time.monotonic()
    with pytest.raises(TargetError) as died:
        asyncio.run(TargetProcess.start(bank("dies"), env={"DATABASE": "hush-hush"}, hide=["hush-hush"]))
    assert "target 'bank' died before it was ready (exit status 1)" in str(died.value)
    assert "no database at •••" in str(died.value)
    assert time.monotonic() - began < 10


def test_of_much_output_the_last_part_is_kept(bank: Bank) -> None:
    with pytest.raises(TargetError, match="the end"):
        asyncio.run(TargetProcess.start(bank("talks"), env={}))
    assert OUTPUT_BYTES == 64 * 1024


def test_a_death_in_mid_run_is_seen(bank: Bank) -> None:
    async def story() -> None:
        process = await TargetProcess.start(bank(), env={})
        os.kill(process.pid, 9)
        async with asyncio.timeout(5):
            assert await process.wait() == -9
        assert not process.alive
        await process.stop()

    asyncio.run(story())


def test_a_port_found_taken_is_left_for_another(bank: Bank, tmp_path: Path) -> None:
    async def story() -> None:
        first = tmp_path / "first-port"
        process = await TargetProcess.start(bank("taken-once", first), env={"PORT": "{port}"})
        told = await _environment(process)
        await process.stop()
        assert int(first.read_text()) != process.port == int(told["PORT"])

    asyncio.run(story())


def test_a_given_port_that_is_taken_is_a_sentence(bank: Bank) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(TargetError, match=f"target 'bank' cannot start: port {port} is taken by another program"):
            asyncio.run(TargetProcess.start(bank(), port=port, env={}))


@pytest.mark.parametrize(
    ("manner", "ready", "why"),
    [
        ("never-listens", "/healthz", r"was not ready within 0\.6 s: nothing listened on 127\.0\.0\.1:\d+"),
        ("serves", "/nowhere", r"was not ready within 0\.6 s: GET /nowhere answered 404"),
    ],
)
def test_a_target_that_is_never_ready_is_ended_and_told(bank: Bank, manner: str, ready: str, why: str) -> None:
    with pytest.raises(TargetError, match=why):
        asyncio.run(TargetProcess.start(bank(manner, ready=ready), env={}, ready_limit_s=0.6))


def test_a_command_that_is_not_there_is_a_sentence(bank: Bank) -> None:
    target = replace(bank(), start="no-such-program {port}")
    with pytest.raises(TargetError, match=r"target 'bank' cannot start: no-such-program in .*: No such file or directory"):
        asyncio.run(TargetProcess.start(target, env={}))


def test_what_the_target_started_ends_when_it_is_stopped(bank: Bank, tmp_path: Path) -> None:
    async def story() -> None:
        process = await TargetProcess.start(bank("with-child", tmp_path / "child"), env={})
        child = int((tmp_path / "child").read_text())
        assert not _gone(child)
        await process.stop()
        await _until(lambda: _gone(child))

    asyncio.run(story())


def test_what_the_target_started_ends_when_it_dies_by_itself(bank: Bank, tmp_path: Path) -> None:
    async def story() -> None:
        process = await TargetProcess.start(bank("with-child", tmp_path / "child"), env={})
        os.kill(process.pid, 9)
        await process.wait()
        await _until(lambda: _gone(int((tmp_path / "child").read_text())))
        await process.stop()

    asyncio.run(story())


def test_a_start_that_is_cancelled_leaves_nothing(bank: Bank, tmp_path: Path) -> None:
    note = tmp_path / "child"

    async def story() -> None:
        starting = asyncio.create_task(TargetProcess.start(bank("with-child", note, ready="/nowhere"), env={}))
        await _until(lambda: note.exists() and bool(note.read_text()))
        starting.cancel()
        await asyncio.wait({starting})
        await _until(lambda: _gone(int(note.read_text())))

    asyncio.run(story())


def test_many_targets_start_at_once_on_ports_of_their_own(bank: Bank) -> None:
    async def story() -> None:
        target = bank()
        processes = await asyncio.gather(*(TargetProcess.start(target, env={"PORT": "{port}"}) for _ in range(6)))
        told = await asyncio.gather(*(_environment(process) for process in processes))
        await asyncio.gather(*(process.stop() for process in processes))
        assert [int(one["PORT"]) for one in told] == [process.port for process in processes]
        assert len({process.port for process in processes}) == 6

    asyncio.run(story())


def test_free_ports_are_not_handed_out_twice_in_a_row() -> None:
    assert len({free_port() for _ in range(50)}) == 50


def test_a_reserved_port_is_passed_over_by_a_run_that_counts_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs side by side: before its target has bound the port, nothing but the reservation tells the other one."""
    monkeypatch.setattr(ports, "_sequence", itertools.count(7000))
    alike = (
        "import itertools; from harness.target import ports; ports._sequence = itertools.count(7000); print(ports.free_port())"
    )
    with ports.reserve_port() as ours:
        theirs = subprocess.run([sys.executable, "-c", alike], capture_output=True, text=True, check=True)
        assert int(theirs.stdout) != ours.port


def test_a_target_keeps_its_port_reserved_until_it_is_stopped(bank: Bank) -> None:
    async def story() -> None:
        process = await TargetProcess.start(bank(), env={})
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", process.port))
        await process.stop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", process.port))

    asyncio.run(story())


def test_a_target_that_runs_already_is_waited_for(bank: Bank) -> None:
    async def story() -> None:
        process = await TargetProcess.start(bank(), env={})
        await await_ready(process.base_url, "/healthz", limit_s=2)
        with pytest.raises(TargetError, match=r"was not ready within 0\.2 s: GET /nowhere answered 404"):
            await await_ready(process.base_url, "/nowhere", limit_s=0.2)
        await process.stop()

    asyncio.run(story())


def test_known_names_are_filled_and_other_braces_stand() -> None:
    values = {"lab.proxy": "http://127.0.0.1:1", "links.verdict.url": "http://v"}
    assert fill('{lab.proxy}|{links.verdict.url}|{port}|{"a": {}}|{level}', values) == (
        'http://127.0.0.1:1|http://v|{port}|{"a": {}}|{level}'
    )


def test_a_link_that_the_provider_does_not_have_is_answered_with_the_closest() -> None:
    with pytest.raises(
        ConfigurationError, match=r"\{links\.verdct\.url\} cannot be filled in; did you mean 'links\.verdict\.url'\?"
    ):
        fill("{links.verdct.url}", {"links.verdict.url": "http://v"})


def test_a_flow_function_is_loaded_from_the_owners_file(bank: Bank) -> None:
    target = bank()
    function = flow_function(target, target.flows["login"])
    assert function.__name__ == "login"
    assert function.__module__ in sys.modules
    assert flow_function(target, target.flows["login"]) is function


def test_a_flows_file_that_breaks_at_import_is_a_sentence_with_its_line(bank: Bank) -> None:
    target = bank()
    (target.folder / "flows.py").write_text("import os\nos.no_such_thing()\nasync def login(page, flow): ...\n")
    with pytest.raises(ConfigurationError, match=r"flows\.py:2: importing it raised AttributeError"):
        flow_function(target, target.flows["login"])
