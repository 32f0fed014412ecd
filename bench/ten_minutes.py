"""``python -m bench.ten_minutes FOLDER``: from an application's checkout to its first report, as a user types it, with times.

The folder is new, and so are the environment and the caches of captchaos and Go in it; the wheel is built from this source,
where users have a package index.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = "express"
# What stands there because captchaos has been there already.
_OURS = ("captchaos*", "flows.py", "node_modules")
WAY = (
    "npm ci --silent",
    "python3 -m venv .venv && . .venv/bin/activate",
    "pip install -q captchaos",
    "captchaos setup",
    "captchaos init --flow sign-in --yes",
    "captchaos doctor --target .",
    "sed -i 's/^# \\[observe\\]/[observe]/; s/^# log/log/' captchaos.toml",
    "captchaos run . --budget 3m",
)
_MOST_LINES = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One command: when it was typed and when it was done, in seconds from the first one on, and what came of it."""

    command: str
    at_s: float
    done_s: float
    code: int
    said: str


def go_the_way(folder: Path, way: Sequence[str] = WAY) -> Iterator[Typed]:
    """Type one command after the other in a copy of the example; ends behind one that nobody could go on from."""
    app = folder / "desk"
    shutil.copytree(ROOT / "examples" / EXAMPLE, app, ignore=shutil.ignore_patterns(*_OURS))
    env = _environment(folder)
    began = time.monotonic()
    for command in way:
        at_s = time.monotonic() - began
        done = _shell(command, app, env)
        yield Typed(
            command=command, at_s=at_s, done_s=time.monotonic() - began, code=done.returncode, said=done.stdout.rstrip("\n")
        )
        # A run that has findings, or does not know everything, is a first report as well.
        if done.returncode and not (command.startswith("captchaos run") and done.returncode in (1, 2)):
            return


def _shell(command: str, app: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    activate = ". .venv/bin/activate; " if (app / ".venv").is_dir() else ""
    return subprocess.run(
        ["bash", "-c", f"{activate}{command}"], cwd=app, env=env, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip


def _environment(folder: Path) -> dict[str, str]:
    wheels = folder / "wheels"
    words = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(ROOT))
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    # This interpreter's own environment would stand before the user's.
    path = os.environ["PATH"].replace(f"{Path(sys.executable).parent}{os.pathsep}", "")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAPTCHAOS_", "VIRTUAL_ENV", "PYTHON"))}
    links = f"{wheels} {kept.get('PIP_FIND_LINKS', '')}".rstrip()
    new = {"CAPTCHAOS_CACHE": folder / "cache", "GOPATH": folder / "go", "PIP_FIND_LINKS": links, "PATH": path, "NO_COLOR": 1}
    return kept | {name: str(value) for name, value in new.items()}


def transcript(typed: Sequence[Typed]) -> str:
    """The way as a page shows it: each command with the time at which it was typed, and the end of what it said."""
    lines = []
    for one in typed:
        said = one.said.splitlines()
        shown = said if len(said) <= _MOST_LINES else ["…", *said[-_MOST_LINES:]]
        lines += [f"$ {one.command}  # {_clock(one.at_s)}", *shown]
    return "\n".join([*lines, f"# {_clock(typed[-1].done_s)}, exit code {typed[-1].code}"])


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def main() -> int:
    """Go the way and print it; the exit code is that of the last command."""
    parser = argparse.ArgumentParser(prog="python -m bench.ten_minutes", description=__doc__)
    parser.add_argument("folder", type=Path, help="a new folder")
    folder = parser.parse_args().folder.resolve()
    folder.mkdir(parents=True)
    typed = list(go_the_way(folder))
    sys.stdout.write(f"{transcript(typed)}\n")
    return typed[-1].code


if __name__ == "__main__":
    sys.exit(main())
