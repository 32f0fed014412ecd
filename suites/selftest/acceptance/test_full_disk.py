"""A disk that is full when evidence is to be written: a sentence, exit code 4, and nothing left running."""

from __future__ import annotations

import resource

import psutil

from suites.selftest.acceptance.command import SCENARIO, House, one_sentence, records, slim_shop


def test_a_journal_that_cannot_even_be_begun(house: House) -> None:
    target = slim_shop(house.root / "target")
    house.out.mkdir()
    (house.out / "journal.jsonl").symlink_to("/dev/full")
    done = house.run("run", target, "-k", SCENARIO, "--jobs", "1", "--out", house.out, "--quiet")
    assert "journal.jsonl cannot be written: No space left on device" in one_sentence(done.stderr)
    assert done.returncode == 4
    assert house.left_behind() == []


def test_a_disk_that_fills_up_in_mid_run_leaves_a_journal_that_can_be_read(house: House) -> None:
    target = slim_shop(house.root / "target")
    journal = house.out / "journal.jsonl"
    with house.started("run", target, "-k", "login-1004", "--jobs", "1", "--out", house.out) as run:
        run.until(lambda: records(journal) >= 1)
        # From here on this process can write no file longer than the journal is: what a full disk does, to this run alone.
        size = journal.stat().st_size + 100
        psutil.Process(run.process.pid).rlimit(resource.RLIMIT_FSIZE, (size, size))
        assert run.wait() == 4
    assert "Traceback" not in run.said
    assert f"captchaos: the journal {journal} cannot be written: File too large" in run.said
    assert "make room and run again" in run.said
    assert f"the report in {house.out} cannot be written: File too large; the journal is kept" in run.said
    assert house.left_behind() == []

    built = house.run("report", "build", house.out)
    assert built.returncode == 0, built.stderr
    assert "The run was cut short" in (house.out / "summary.md").read_text(encoding="utf-8")
