"""The project's own PostgreSQL: it ends whatever happens to who asked for it, and without one there is a sentence."""

from __future__ import annotations

import os
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from suites.selftest.shop.parts import FIXTURES, FakeApi, running

SHOP = FIXTURES / "shop"
ASKS = """
import os, sqlalchemy as sa
with sa.create_engine(os.environ["SHOP_DATABASE_URL"]).connect() as connection:
    print(connection.scalar(sa.text("SHOW server_encoding")))
raise SystemExit(7)
"""
PROGRAM = [sys.executable, str(SHOP / "postgres.py")]


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=60, env=env, check=False)


def test_a_command_has_a_database_of_its_own_and_its_exit_status_is_handed_on() -> None:
    told = run(sys.executable, str(SHOP / "on_postgres.py"), sys.executable, "-c", ASKS)
    assert (told.returncode, told.stdout.strip()) == (7, "UTF8"), told.stderr


def test_it_is_gone_when_who_asked_for_it_is_killed() -> None:
    words = [*PROGRAM, "sh", "-c", "echo $SHOP_POSTGRES; exec sleep 60"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as asked:
        assert asked.stdout is not None
        folder = Path(asked.stdout.readline().strip())
        server = int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        command = int(Path(f"/proc/{asked.pid}/task/{asked.pid}/children").read_text(encoding="utf-8").split()[-1])
        asked.kill()
        os.kill(command, signal.SIGKILL)
    assert not _left(server, folder)


def _left(server: int, folder: Path) -> bool:
    """Whether it is still there 20 s later; nobody is told when another's child has ended."""
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        if not Path(f"/proc/{server}").exists() and not folder.exists():
            return False
        time.sleep(0.05)
    return True


def test_without_postgresql_there_is_a_sentence_and_nothing_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    main = runpy.run_path(PROGRAM[1])["main"]
    monkeypatch.setitem(main.__globals__, "_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["--find"]) == 3
    assert "sudo apt-get install postgresql" in capfd.readouterr().err


def test_a_shop_outside_of_it_says_what_is_missing() -> None:
    env = {name: value for name, value in os.environ.items() if name != "SHOP_POSTGRES"}
    words = [sys.executable, str(SHOP / "on_postgres.py"), "true"]
    told = subprocess.run(words, capture_output=True, text=True, env=env, check=False)
    assert told.returncode == 1
    assert "run this within `python postgres.py …`" in told.stderr


@pytest.mark.parametrize("url", ["mysql://shop", "postgresql://shop@/shop", "shop.db"])
def test_another_database_is_refused_at_the_start(tmp_path: Path, url: str) -> None:
    said = "SHOP_DATABASE_URL must begin with sqlite:/// or postgresql"
    with pytest.raises(AssertionError, match=said), running(SHOP, FakeApi(), tmp_path, SHOP_DATABASE_URL=url):
        raise AssertionError("it started")
