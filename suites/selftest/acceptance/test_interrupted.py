"""Ctrl-C, twice, and a cancelled job: the report of what was done, an exit code that is never 0, nothing left running."""

from __future__ import annotations

import json
import signal

import pytest

from suites.selftest.acceptance.command import House, Started, records, seconds_until, slim_shop


def once(run: Started) -> None:
    """One Ctrl-C."""
    run.interrupt()


def twice(run: Started) -> None:
    """The Ctrl-C of somebody impatient: the second one comes while the run takes its lab down."""
    run.interrupt()
    seconds_until(lambda: run.process.poll() is not None, 0.15)
    if run.process.poll() is None:
        run.interrupt()


def cancelled(run: Started) -> None:
    """What a CI system does to a cancelled job."""
    run.process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("interrupt", [once, twice, cancelled])
def test_an_interrupted_run_reports_what_was_done(house: House, interrupt: object) -> None:
    assert callable(interrupt)
    target = slim_shop(house.root / "target")
    journal = house.out / "journal.jsonl"
    with house.started("run", target, "-k", "login-1004", "--jobs", "1", "--out", house.out) as run:
        run.until(lambda: records(journal) >= 1)
        interrupt(run)
        assert run.wait() == 2, run.said
        assert house.left_behind() == []
    assert "interrupted: this is the report of what was done\n" in run.said
    assert f"report: {house.out / 'index.html'}\n" in run.said
    assert "Exception" not in run.said
    assert "Traceback" not in run.said
    assert json.loads((house.out / "results.json").read_text(encoding="utf-8"))["run"]["ended"] is False
    assert "The run was cut short" in (house.out / "index.html").read_text(encoding="utf-8")


def test_a_run_that_is_interrupted_before_anything_is_recorded_says_so(house: House) -> None:
    target = slim_shop(house.root / "target")
    runs = house.cache / "runs"
    with house.started("run", target, "-k", "login-1004", "--jobs", "1", "--out", house.out) as run:
        run.until(lambda: runs.is_dir() and any(runs.iterdir()))
        run.interrupt()
        assert run.wait() == 2, run.said
        assert house.left_behind() == []
    assert "interrupted before anything was recorded" in run.said
    assert "Traceback" not in run.said
