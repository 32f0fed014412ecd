"""What a run creates is gone when the run is, however it ended; nothing else is touched."""

from __future__ import annotations

import asyncio
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from harness.errors import LaboratoryError, UsageError
from harness.lab.ownership import Ownership, RunId, new_run_id, sweep_orphans
from harness.setup.browser import find_browser

RUN_LIKE = Path(__file__).with_name("run_like.py")
REPOSITORY = Path(__file__).resolve().parents[3]
WITHIN_S = 5.0


@pytest.fixture
def foreign_proxy(guest_url: str) -> str:
    """A proxy that the guest server's owner made."""
    foreign = {"name": "somebody-elses", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}
    httpx.post(f"{guest_url}/proxies", json=foreign, trust_env=False).raise_for_status()
    return "somebody-elses"


def proxies_of(url: str) -> set[str]:
    return set(httpx.get(f"{url}/proxies", trust_env=False).json())


def marked(run_id: str) -> set[int]:
    """Every process with the run's marker, found without the code under test."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("CAPTCHAOS_RUN") == run_id:
                found.add(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def descendants(pid: int) -> set[int]:
    return {child.pid for child in psutil.Process(pid).children(recursive=True)}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE}


def seconds_until(true: Callable[[], bool], limit_s: float) -> float:
    """Poll; there is no event to await when strangers' processes end."""
    began = time.monotonic()
    while not true() and time.monotonic() - began < limit_s:
        select.select([], [], [], 0.05)
    return time.monotonic() - began


def start_run_like(toxiproxy: Path, guest: str) -> tuple[subprocess.Popen[str], dict[str, object]]:
    browser = asyncio.run(find_browser())
    process = subprocess.Popen(
        [sys.executable, str(RUN_LIKE), str(toxiproxy), str(browser.path), guest],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        start_new_session=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the run-like process ended with status {process.wait()}"
    return process, json.loads(line)


def test_a_killed_run_leaves_nothing_behind_within_five_seconds(
    cache: Path, toxiproxy_path: Path, guest_url: str, foreign_proxy: str
) -> None:
    run, told = start_run_like(toxiproxy_path, guest_url)
    run_id = str(told["run"])
    family = descendants(run.pid) | marked(run_id)
    assert {told["toxiproxy"], told["target"]} <= family
    assert len(family) >= 5, "Toxiproxy, target, Playwright's driver and the browser's processes"
    assert proxies_of(guest_url) == {foreign_proxy, told["proxy"]}

    run.kill()
    run.wait()
    state = cache / "runs" / f"{run_id}.json"
    took_s = seconds_until(lambda: not alive(family) and not state.exists(), 3 * WITHIN_S)

    assert took_s < WITHIN_S, f"still alive: {alive(family)}"
    assert not alive(family)
    assert not marked(run_id)
    assert proxies_of(guest_url) == {foreign_proxy}
    assert not Path(str(told["folder"])).exists()
    assert list((cache / "runs").iterdir()) == []
    assert run.stdout is not None
    run.stdout.close()


def test_the_next_run_sweeps_up_when_the_janitor_was_killed_as_well(
    cache: Path, toxiproxy_path: Path, guest_url: str, foreign_proxy: str
) -> None:
    run, told = start_run_like(toxiproxy_path, guest_url)
    family = descendants(run.pid) | marked(str(told["run"]))
    janitors = [child for child in psutil.Process(run.pid).children() if "janitor" in " ".join(child.cmdline())]
    assert len(janitors) == 1
    assert sweep_orphans() == (), "a run that lives is no orphan"
    assert alive(family) == family

    janitors[0].kill()
    run.kill()
    run.wait()
    swept = sweep_orphans()

    assert [(orphan.run_id, orphan.troubles) for orphan in swept] == [(told["run"], ())]
    assert not alive(family)
    assert proxies_of(guest_url) == {foreign_proxy}
    assert not Path(str(told["folder"])).exists()
    assert sweep_orphans() == ()
    assert run.stdout is not None
    run.stdout.close()


def test_a_process_of_another_run_is_not_touched(cache: Path) -> None:
    other = subprocess.Popen(["sleep", "60"], env={**os.environ, "CAPTCHAOS_RUN": "20200101-000000-ffff"})
    try:
        with Ownership.begin() as own:
            ours = subprocess.Popen(["sleep", "60"])
            assert own.end() == ("1 processes",)
            ours.wait(WITHIN_S)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_process_that_ignores_the_polite_signal_is_killed(cache: Path) -> None:
    own = Ownership.begin()
    stubborn = subprocess.Popen(["sh", "-c", "trap '' TERM; echo deaf; while :; do sleep 1; done"], stdout=subprocess.PIPE)
    assert stubborn.stdout is not None
    stubborn.stdout.readline()
    own.end()
    stubborn.stdout.close()
    stubborn.wait(WITHIN_S)


def test_a_run_that_ends_well_leaves_neither_state_nor_janitor_nor_marker(cache: Path) -> None:
    with Ownership.begin() as own:
        state = json.loads((cache / "runs" / f"{own.run_id}.json").read_text())
        assert state["pid"] == os.getpid()
        assert os.environ["CAPTCHAOS_RUN"] == own.run_id == own.env()["CAPTCHAOS_RUN"]
        assert own.folder.is_dir()
        janitors = [child for child in psutil.Process().children() if "janitor" in " ".join(child.cmdline())]
        assert len(janitors) == 1
    assert "CAPTCHAOS_RUN" not in os.environ
    assert not own.folder.exists()
    assert not janitors[0].is_running()
    assert list((cache / "runs").iterdir()) == []


def test_a_proxy_that_the_run_forgot_is_removed_and_named(cache: Path, guest_url: str, foreign_proxy: str) -> None:
    own = Ownership.begin()
    for name in ("kept", "forgotten"):
        own.own_proxy(guest_url, name)
        proxy = {"name": name, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}
        httpx.post(f"{guest_url}/proxies", json=proxy, trust_env=False).raise_for_status()
    own.disown_proxy(guest_url, "kept")
    assert own.end() == (f"proxy 'forgotten' on {guest_url}",)
    assert proxies_of(guest_url) == {foreign_proxy, "kept"}


def test_a_proxy_name_that_toxiproxy_cannot_delete_is_refused(cache: Path) -> None:
    with Ownership.begin() as own, pytest.raises(UsageError, match="slash"):
        own.own_proxy("http://127.0.0.1:8474", "run/page")


def test_one_id_cannot_be_used_by_two_runs_at_once(cache: Path) -> None:
    with Ownership.begin(RunId("20261121-012530-ab12")) as own, pytest.raises(LaboratoryError, match="under way already"):
        Ownership.begin(own.run_id)


def test_a_run_that_lost_its_janitor_is_told_so_before_it_makes_more(cache: Path) -> None:
    own = Ownership.begin()
    janitors = [child for child in psutil.Process().children() if "janitor" in " ".join(child.cmdline())]
    janitors[0].kill()
    janitors[0].wait()
    with pytest.raises(LaboratoryError, match=r"janitor of run .* is gone"):
        own.own_proxy("http://127.0.0.1:1", "x")
    own.end()


def test_a_state_file_that_cannot_be_read_still_names_its_run(cache: Path) -> None:
    state = cache / "runs" / "20200101-000000-eeee.json"
    state.parent.mkdir(parents=True)
    state.write_text("{ half a fi")
    orphan = subprocess.Popen(["sleep", "60"], env={**os.environ, "CAPTCHAOS_RUN": state.stem})
    assert [swept.run_id for swept in sweep_orphans()] == [state.stem]
    orphan.wait(WITHIN_S)
    assert not state.exists()


def test_ids_are_readable_and_differ() -> None:
    first, second = new_run_id(), new_run_id()
    assert first != second
    assert len(first) == len("20261121-012530-ab12")
    assert time.strptime(first[:15], "%Y%m%d-%H%M%S")
