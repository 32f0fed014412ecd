"""``kill -9`` of a real run: within 5 s nothing of it is left, nothing foreign is touched, and its journal can be read."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from harness.target.ports import free_port
from suites.selftest.acceptance.command import SCENARIO, House, lives, records, seconds_until, slim_shop

WITHIN_S = 5.0
FOREIGN = {"name": "somebody-elses", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:9"}
TOXIC = {"name": "theirs", "type": "latency", "stream": "upstream", "toxicity": 0.5, "attributes": {"latency": 70, "jitter": 3}}


@pytest.fixture
def guest(toxiproxy_path: Path) -> Iterator[str]:
    """The URL of a Toxiproxy that somebody else runs, with a proxy and a toxic of theirs on it."""
    port = free_port()
    command = [str(toxiproxy_path), "-host", "127.0.0.1", "-port", str(port), "-proxy-metrics"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            assert _furnished(server, url), "the guest did not start"
            yield url
        finally:
            server.terminate()


def _furnished(server: subprocess.Popen[bytes], url: str) -> bool:
    with httpx.Client(trust_env=False) as client:
        for _ in range(200):
            with contextlib.suppress(httpx.ConnectError):
                client.post(f"{url}/proxies", json=FOREIGN).raise_for_status()
                client.post(f"{url}/proxies/somebody-elses/toxics", json=TOXIC).raise_for_status()
                return True
            seconds_until(lambda: server.poll() is not None, 0.05)
    return False


def proxies(url: str) -> dict[str, object]:
    """Every proxy of a Toxiproxy, with its toxics."""
    found: dict[str, object] = httpx.get(f"{url}/proxies", trust_env=False).json()
    return found


def test_a_killed_run_leaves_nothing_but_a_journal_that_can_be_read(house: House) -> None:
    target = slim_shop(house.root / "target")
    journal = house.out / "journal.jsonl"
    with house.started("run", target, "-k", "login-1004", "--jobs", "2", "--out", house.out) as run:
        run.until(lambda: records(journal) >= 1)
        family = house.processes()
        names = " ".join(" ".join(process.cmdline()) for process in family if lives(process))
        for part in ("-proxy-metrics", "playwright", "headless"):
            assert part in names, f"{part} was not running: {names}"
        run.process.kill()
        run.process.wait()
        seconds_until(lambda: not house.left_behind(), WITHIN_S)
        assert house.left_behind() == []
        assert [process for process in family if lives(process)] == []

    built = house.run("report", "build", house.out)
    assert built.returncode == 0, built.stderr
    assert built.stdout == f"{house.out / 'index.html'}\n"
    assert "The run was cut short" in (house.out / "index.html").read_text(encoding="utf-8")
    results = json.loads((house.out / "results.json").read_text(encoding="utf-8"))
    assert results["run"]["ended"] is False


def test_a_guest_is_used_and_only_what_is_ours_is_removed_from_it(house: House, guest: str) -> None:
    target = slim_shop(house.root / "target")
    foreign = proxies(guest)
    assert list(foreign) == ["somebody-elses"]
    words = ("run", target, "--jobs", "1", "--toxiproxy", guest, "--out")

    done = house.run(*words, house.root / "whole", "-k", SCENARIO, CAPTCHAOS_TOXIPROXY="")
    assert done.returncode == 0, done.stderr
    assert f"running at {guest}" in done.stderr
    assert proxies(guest) == foreign

    journal = house.out / "journal.jsonl"
    with house.started(*words, house.out, "-k", "login-1004", CAPTCHAOS_TOXIPROXY="") as run:
        run.until(lambda: records(journal) >= 1)
        assert len(proxies(guest)) > 1, "the run has proxies on the guest"
        run.process.kill()
        run.process.wait()
        seconds_until(lambda: not house.left_behind() and proxies(guest) == foreign, WITHIN_S)
        assert proxies(guest) == foreign
        assert house.left_behind() == []
