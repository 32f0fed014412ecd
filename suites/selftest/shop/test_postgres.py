"""The project's own PostgreSQL: it ends whatever happens to who asked for it, and without one there is a sentence."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
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
# What ignores a signal hands no signal on, and a test may run where SIGINT or SIGHUP is ignored.
AS_EVER = "import os, signal, sys; [signal.signal(n, signal.SIG_DFL) for n in (1, 2, 15)]; os.execv(sys.argv[1], sys.argv[1:])"
# A command that says its folder, and that and why it ends.
TIDY = """
import os, signal, sys, threading
def end(number, _):
    print(number, flush=True)
    sys.exit(9)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, end)
print(os.environ["SHOP_POSTGRES"], os.getpid(), flush=True)
threading.Event().wait(60)
"""


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run([*PROGRAM, *words], capture_output=True, text=True, timeout=60, env=env, check=False)


def test_a_command_has_a_database_of_its_own_and_its_exit_status_is_handed_on() -> None:
    told = run(sys.executable, str(SHOP / "on_postgres.py"), sys.executable, "-c", ASKS)
    assert (told.returncode, told.stdout.strip()) == (7, "UTF8"), told.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_the_command_whose_end_is_waited_for_and_nothing_is_left(number: signal.Signals) -> None:
    words = [sys.executable, "-c", AS_EVER, *PROGRAM, sys.executable, "-c", TIDY]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as asked:
        assert asked.stdout is not None
        folder, command = asked.stdout.readline().split()
        server = _server(Path(folder))
        asked.send_signal(number)
        assert asked.stdout.read().strip() == str(int(number))
        assert asked.wait(30) == 9
    assert not [one for one in (server, int(command)) if Path(f"/proc/{one}").exists()]
    assert not Path(folder).exists()


def test_a_command_that_a_signal_ends_has_the_status_that_a_shell_gives_it() -> None:
    words = [sys.executable, "-c", AS_EVER, *PROGRAM, "sh", "-c", "echo $SHOP_POSTGRES; exec sleep 60"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as asked:
        assert asked.stdout is not None
        assert asked.stdout.readline()
        asked.send_signal(signal.SIGINT)
        assert asked.wait(30) == 128 + signal.SIGINT


@pytest.fixture
def scratch() -> Iterator[Path]:
    """A folder that whoever runs PostgreSQL for root can reach, which is not so of pytest's own."""
    with tempfile.TemporaryDirectory(prefix="test-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_signal_while_postgresql_is_set_up_ends_that_too(scratch: Path) -> None:
    programs, folder, begun = scratch / "bin", scratch / "tmp", scratch / "tmp" / "begun"
    programs.mkdir()
    folder.mkdir()
    folder.chmod(0o777)
    for name in ("initdb", "postgres"):
        (programs / name).write_text(f"#!/bin/sh\necho > {begun}\nexec tail -f {begun}\n")
        (programs / name).chmod(0o755)
    env = {**os.environ, "TMPDIR": str(folder), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    with subprocess.Popen([*PROGRAM, "sleep", "60"], env=env, start_new_session=True) as asked:
        until_s = time.monotonic() + 20
        while not begun.exists() and time.monotonic() < until_s:
            time.sleep(0.01)  # nobody is told when another's child has come so far
        assert len(list(folder.glob("shop-postgres-*"))) == 1
        asked.terminate()
        assert asked.wait(30) == 128 + signal.SIGTERM
    assert list(folder.iterdir()) == [begun]
    assert not [line for line in _command_lines() if str(scratch) in line]


def test_a_command_that_there_is_not_is_named() -> None:
    told = run("no-such-command")
    assert (told.returncode, told.stderr.strip()) == (3, "no-such-command cannot be run: there is no such command")


@pytest.mark.parametrize(
    ("initdb", "postgres", "limit", "said"),
    [
        ("exec sleep 60", "true", "SET_UP_LIMIT_S", "PostgreSQL cannot be set up: initdb is not done after 0.2 s; is "),
        ("true", "echo starting; exec sleep 60", "READY_LIMIT_S", "PostgreSQL is not ready after 0.2 s: starting"),
        ("true", "exec sleep 60", "READY_LIMIT_S", "PostgreSQL is not ready after 0.2 s: it has said nothing"),
        ("true", "echo FATAL: no room; exit 1", "STOP_LIMIT_S", "PostgreSQL does not start: FATAL: no room"),
    ],
)
def test_a_postgresql_that_hangs_or_fails_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, initdb: str, postgres: str, limit: str, said: str
) -> None:
    for name, does in (("initdb", initdb), ("postgres", postgres)):
        (tmp_path / name).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / name).chmod(0o755)
    program = runpy.run_path(PROGRAM[1])
    ours = program["main"].__globals__
    monkeypatch.setitem(ours, "binaries", lambda: tmp_path)
    monkeypatch.setitem(ours, "_unprivileged", lambda: None)
    # Where these tests are run in the background, what they start ignores interrupts, and is killed after a while.
    monkeypatch.setitem(ours, "STOP_LIMIT_S", 1.0)
    monkeypatch.setitem(ours, limit, 0.2)
    with pytest.raises(program["NoPostgresError"], match=re.escape(said)), program["instance"]():
        raise AssertionError("it started")
    assert not [line for line in _command_lines() if str(tmp_path) in line]


def test_it_is_gone_when_who_asked_for_it_is_killed() -> None:
    words = [*PROGRAM, "sh", "-c", "echo $SHOP_POSTGRES; exec sleep 60"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as asked:
        assert asked.stdout is not None
        folder = Path(asked.stdout.readline().strip())
        server = _server(folder)
        command = int(Path(f"/proc/{asked.pid}/task/{asked.pid}/children").read_text(encoding="utf-8").split()[-1])
        asked.kill()
        os.kill(command, signal.SIGKILL)
    assert not _left(server, folder)


def _server(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])


def _command_lines() -> list[str]:
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            lines.append(file.read_text(encoding="utf-8", errors="replace").replace("\0", " "))
    return lines


def _left(server: int, folder: Path) -> bool:
    """Whether it is still there 20 s later; nobody is told when another's child has ended."""
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s:
        if not Path(f"/proc/{server}").exists() and not folder.exists():
            return False
        time.sleep(0.05)  # as its docstring says
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
