"""The command's edge: verbs, exit codes, sentences instead of tracebacks, plain output where nobody looks."""

from __future__ import annotations

import argparse
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import doctor, main

REPOSITORY = Path(__file__).resolve().parents[3]
COLOUR = "\x1b["


def captchaos(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness.cli.main", *words],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, **env},
        timeout=120,
        check=False,
    )


def test_version_is_said() -> None:
    done = captchaos("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"captchaos \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("stup",), "no verb is called 'stup'; did you mean 'setup'?"),
        (("docter",), "did you mean 'doctor'?"),
        ((), "required: VERB"),
        (("setup", "--nope"), "--nope"),
        (("setup", "--toxiproxy"), "expected one argument"),
    ],
)
def test_a_wrong_word_is_one_sentence_and_exit_code_3(words: tuple[str, ...], sentence: str) -> None:
    done = captchaos(*words)
    assert done.returncode == 3
    assert done.stderr.startswith("captchaos: ")
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr


def test_setup_says_what_it_found(cache: Path, toxiproxy_path: Path) -> None:
    done = captchaos("setup", "--no-install", "--toxiproxy", str(toxiproxy_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^ok +Toxiproxy \S+, configured by argument: {re.escape(str(toxiproxy_path))}$", done.stdout, re.M)
    assert re.search(r"^ok +Chromium \d+\.\d+\.\d+\.\d+, ", done.stdout, re.M)


def test_setup_without_a_part_says_so_and_exits_4(cache: Path, tmp_path: Path) -> None:
    done = captchaos("setup", "--toxiproxy", str(tmp_path / "nowhere"))
    assert done.returncode == 4
    assert re.search(r"^bad +\S+nowhere .*does not exist", done.stdout, re.M)
    assert re.search(r"^ok +Chromium ", done.stdout, re.M), "the other part is looked for all the same"


def test_doctor_has_a_line_for_each_check_and_exits_0_when_all_is_well(cache: Path, toxiproxy_path: Path) -> None:
    done = captchaos("doctor", CAPTCHAOS_TOXIPROXY=str(toxiproxy_path))
    lines = done.stdout.splitlines()
    assert len(lines) == len(doctor.CHECKS)
    installed = "not installed for this Python" not in done.stdout
    assert sum(line.startswith("bad") for line in lines) == (0 if installed else 1)
    assert done.returncode == (0 if installed else 4)
    for word in ("Python", "package", "Toxiproxy", "Chromium", "fonts", "loopback", "cache", "dead run"):
        assert word in done.stdout
    assert COLOUR not in done.stdout


def test_doctor_names_what_is_bad_with_its_mend_and_exits_4(cache: Path, tmp_path: Path, toxiproxy_path: Path) -> None:
    crashing = tmp_path / "chromium"
    crashing.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Chromium 150.0.7871.46 && exit 0\necho boom >&2; exit 1\n')
    crashing.chmod(0o755)
    done = captchaos("doctor", CAPTCHAOS_TOXIPROXY=str(tmp_path), CAPTCHAOS_BROWSER=str(crashing))
    assert done.returncode == 4
    bad = [line for line in done.stdout.splitlines() if line.startswith("bad")]
    assert any("correct the path" in line for line in bad)
    assert any("boom" in line and "CAPTCHAOS_BROWSER" in line for line in bad)


def test_doctor_names_the_dead_run_that_left_something(cache: Path, toxiproxy_path: Path) -> None:
    (cache / "runs").mkdir(parents=True)
    (cache / "runs" / "20200101-000000-aaaa.json").write_text('{"proxies": {}, "folders": []}')
    before = captchaos("doctor", CAPTCHAOS_TOXIPROXY=str(toxiproxy_path)).stdout
    assert re.search(r"^note +dead runs left .*20200101-000000-aaaa", before, re.M)
    captchaos("setup", "--no-install", "--toxiproxy", str(toxiproxy_path))
    after = captchaos("doctor", CAPTCHAOS_TOXIPROXY=str(toxiproxy_path)).stdout
    assert "no dead run left anything" in after


def test_a_cache_that_cannot_be_written_is_a_sentence(tmp_path: Path, toxiproxy_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = captchaos("doctor", CAPTCHAOS_CACHE=str(tmp_path / "file"), CAPTCHAOS_TOXIPROXY=str(toxiproxy_path))
    assert done.returncode == 4
    assert re.search(r"^bad .*set CAPTCHAOS_CACHE", done.stdout, re.M)
    assert "Traceback" not in done.stdout + done.stderr


def test_an_unforeseen_error_is_a_sentence_and_its_traceback_a_file(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_(_args: argparse.Namespace) -> int:
        raise KeyError("nobody\nthought of this")

    monkeypatch.setattr(doctor, "run", break_)
    assert main.main(["doctor"]) == 4
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "KeyError" in said
    (kept,) = (cache / "tracebacks").iterdir()
    assert str(kept) in said
    assert "in break_" in kept.read_text()


def test_an_interruption_exits_with_130(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_args: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "run", interrupt)
    assert main.main(["doctor"]) == 130
    assert capsys.readouterr().err == "captchaos: interrupted\n"


def test_a_reader_that_went_away_is_no_error(cache: Path, toxiproxy_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m harness.cli.main doctor | head -n 1; :'],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "CAPTCHAOS_TOXIPROXY": str(toxiproxy_path)},
        timeout=120,
        check=False,
    )
    assert done.stdout.startswith("ok   Python")
    assert done.stderr == ""


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_a_terminal_gets_colour_unless_no_color_is_set(no_color: str, coloured: bool) -> None:
    ours, theirs = pty.openpty()
    program = "import sys; from harness.cli.style import Style; Style.of(sys.stdout).line('ok', 'said')"
    env = {**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", program], stdout=theirs, env=env, cwd=REPOSITORY, check=True)
    os.close(theirs)
    shown = os.read(ours, 1000).decode()
    os.close(ours)
    assert "said" in shown
    assert (COLOUR in shown) is coloured
