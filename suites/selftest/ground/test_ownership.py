"""What a run creates is gone when the run is, however it ended; nothing else is touched."""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from harness.errors import LaboratoryError, UsageError
from harness.lab.janitor import environment_of
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLike:
    """A started ``run_like.py``; ``family`` is every process that came of it but itself and its janitor."""

    process: subprocess.Popen[str]
    run_id: str
    folder: Path
    proxy: str
    family: set[int]
    janitor: psutil.Process

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def run_like(cache: Path, toxiproxy_path: Path, guest_url: str) -> Iterator[RunLike]:
    """A process that owns a Toxiproxy, a target, a browser and a guest's proxy; whatever a red test leaves is killed."""
    browser = asyncio.run(find_browser())
    command = [sys.executable, str(RUN_LIKE), str(toxiproxy_path), str(browser.path), guest_url]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env, start_new_session=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the run-like process ended with status {process.wait()}"
        told = json.loads(line)
        children = psutil.Process(process.pid).children()
        (janitor,) = [child for child in children if "janitor" in " ".join(child.cmdline())]
        family = (descendants(process.pid) | marked(told["run"])) - {janitor.pid}
        assert {told["toxiproxy"], told["target"]} <= family
        assert len(family) >= 5, "Toxiproxy, target, Playwright's driver and the browser's processes"
        try:
            yield RunLike(
                process=process,
                run_id=told["run"],
                folder=Path(told["folder"]),
                proxy=told["proxy"],
                family=family,
                janitor=janitor,
            )
        finally:
            process.kill()
            for pid in alive(family | {janitor.pid}):
                os.kill(pid, signal.SIGKILL)


def test_a_killed_run_leaves_nothing_behind_within_five_seconds(
    run_like: RunLike, cache: Path, guest_url: str, foreign_proxy: str
) -> None:
    assert proxies_of(guest_url) == {foreign_proxy, run_like.proxy}
    state = cache / "runs" / f"{run_like.run_id}.json"
    assert state.exists()

    run_like.kill()
    everything = run_like.family | {run_like.janitor.pid}
    took_s = seconds_until(lambda: not alive(everything), 3 * WITHIN_S)

    assert took_s < WITHIN_S, f"still alive: {alive(everything)}"
    assert not marked(run_like.run_id)
    assert proxies_of(guest_url) == {foreign_proxy}
    assert not run_like.folder.exists()
    assert list((cache / "runs").iterdir()) == []


def test_the_next_run_sweeps_up_when_the_janitor_was_killed_as_well(
    run_like: RunLike, guest_url: str, foreign_proxy: str
) -> None:
    assert sweep_orphans() == (), "a run that lives is no orphan"
    assert alive(run_like.family) == run_like.family

    run_like.janitor.kill()
    run_like.kill()
    swept = sweep_orphans()

    assert [(orphan.run_id, orphan.troubles) for orphan in swept] == [(run_like.run_id, ())]
    assert not alive(run_like.family)
    assert proxies_of(guest_url) == {foreign_proxy}
    assert not run_like.folder.exists()
    assert sweep_orphans() == ()


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


def test_a_process_that_has_only_just_been_started_is_known_by_its_marker() -> None:
    """Popen returns while the kernel still swaps the process's memory: on a busy machine its environment reads as empty."""
    busy = [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        for _ in range(60):
            new = subprocess.Popen(["sleep", "60"], env={"CAPTCHAOS_RUN": "20200101-000000-ffff"})
            try:
                assert environment_of(psutil.Process(new.pid)) == {"CAPTCHAOS_RUN": "20200101-000000-ffff"}
            finally:
                new.kill()
                new.wait()
    finally:
        for burner in busy:
            burner.kill()
            burner.wait()


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


@pytest.mark.parametrize("first_to_end", ["older", "newer"])
def test_of_two_runs_in_one_process_each_ends_without_the_others_marker(
    cache: Path, monkeypatch: pytest.MonkeyPatch, first_to_end: str
) -> None:
    monkeypatch.setenv("TMPDIR", "/before")
    monkeypatch.setattr("tempfile.tempdir", str(cache))
    older, newer = Ownership.begin(), Ownership.begin()
    assert (os.environ["CAPTCHAOS_RUN"], os.environ["TMPDIR"]) == (newer.run_id, str(newer.folder))
    first, last = (older, newer) if first_to_end == "older" else (newer, older)
    first.end()
    assert (os.environ["CAPTCHAOS_RUN"], os.environ["TMPDIR"]) == (last.run_id, str(last.folder))
    last.end()
    assert "CAPTCHAOS_RUN" not in os.environ
    assert os.environ["TMPDIR"] == "/before"


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


def test_a_ctrl_c_that_comes_while_the_janitor_starts_does_not_end_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen

    def start_and_interrupt(*words: Any, **settings: Any) -> subprocess.Popen[str]:
        process = start(*words, **settings)
        process.send_signal(signal.SIGINT)
        return process

    monkeypatch.setattr("harness.lab.ownership.subprocess.Popen", start_and_interrupt)
    own = Ownership.begin()
    own.own_proxy("http://127.0.0.1:1", "its janitor hears of this")
    own.disown_proxy("http://127.0.0.1:1", "its janitor hears of this")
    assert own.end() == ()


@pytest.mark.parametrize("suffix", [".lock", ".part"])
def test_a_cache_that_cannot_be_written_is_a_sentence(cache: Path, suffix: str) -> None:
    run_id = RunId("20261121-012530-ab12")
    (cache / "runs" / f"{run_id}{suffix}").mkdir(parents=True)
    with pytest.raises(LaboratoryError, match=r"cannot be written .* set CAPTCHAOS_CACHE"):
        Ownership.begin(run_id)
    assert "CAPTCHAOS_RUN" not in os.environ


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
