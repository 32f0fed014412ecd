"""A target that does not start, is never ready, or dies in mid-run: its last output, exit code 4, the report of what was done.

All of them are run at once, each in a house of its own: most of the time they wait.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from suites.selftest.acceptance.command import SCENARIO, House, slim_shop
from suites.selftest.acceptance.conftest import build_house

DIES_ON_POST = """
import os

async def shop(scope, receive, send, inner=app):
    if scope["type"] == "http" and scope["method"] == "POST":
        print("the disk of the shop is on fire", flush=True)
        os._exit(7)
    await inner(scope, receive, send)

app = shop
"""
# An app that finds its port taken says so and ends; the second time it is started it finds a free one.
PORT_TAKEN_ONCE = """
from pathlib import Path
tries = Path(__file__).with_name("tries.txt")
tries.write_text(tries.read_text() + "x" if tries.exists() else "x")
if tries.read_text() == "x":
    sys.exit("ERROR: [Errno 98] error while attempting to bind on address ('127.0.0.1', 1): address already in use")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A run of one of the targets."""

    code: int
    said: str
    house: House


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, toxiproxy_path: Path) -> Iterator[Mapping[str, Ended]]:
    """Every broken target's run, by name."""
    python = '"{python} -c \'print(4711); raise SystemExit(3)\' {port}"'
    targets: dict[str, dict[str, str]] = {
        "never-ready": {"ready": '"/nowhere"'},
        "ends": {"start": python},
        "no-program": {"start": '"no-such-program --port {port}"'},
        "dies": {"app": DIES_ON_POST},
        "port-taken": {"app": PORT_TAKEN_ONCE},
    }
    with contextlib.ExitStack() as stack:
        runs = {}
        for name, changes in targets.items():
            house = build_house(tmp_path_factory.mktemp(name), toxiproxy_path)
            target = slim_shop(house.root / "target", **changes)
            words = ("run", target, "-k", SCENARIO, "--jobs", "1", "--out", house.out)
            runs[name] = stack.enter_context(house.started(*words))
        yield {name: Ended(code=run.wait(), said=run.said, house=run.house) for name, run in runs.items()}


@pytest.mark.parametrize(
    ("name", "sentences"),
    [
        ("never-ready", ("was not ready within 30 s: GET /nowhere answered 404", "It was started with: {python} -m uvicorn")),
        ("ends", ("died before it was ready (exit status 3)", "Its last output:\n4711\n")),
        ("no-program", ("cannot start: no-such-program in ", "No such file or directory")),
        ("dies", ("the target died in mid-run (exit status 7). Its last output:\nthe disk of the shop is on fire\n",)),
    ],
)
def test_a_broken_target_is_named_with_its_last_output(
    ended: Mapping[str, Ended], name: str, sentences: tuple[str, ...]
) -> None:
    run = ended[name]
    assert run.code == 4, run.said
    assert "Traceback" not in run.said
    assert "\ncaptchaos: the control login-control-classic could not be run: " in run.said
    for sentence in sentences:
        assert sentence in run.said
    assert run.house.left_behind() == []


def test_what_was_done_before_the_target_died_is_reported(ended: Mapping[str, Ended]) -> None:
    run = ended["dies"]
    index = run.house.out / "index.html"
    assert f"report of what was done before: {index}" in run.said
    assert index.is_file()
    assert "The run was cut short" in (run.house.out / "summary.md").read_text(encoding="utf-8")


def test_a_target_that_finds_its_port_taken_is_given_another(ended: Mapping[str, Ended]) -> None:
    run = ended["port-taken"]
    assert run.code == 0, run.said
    tries = (run.house.root / "target" / "tries.txt").read_text()
    assert len(tries) >= 4, "one refused start, then two controls and the scenario"
    assert run.house.left_behind() == []
