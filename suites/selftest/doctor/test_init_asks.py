"""`captchaos init` at a real terminal: its questions, answers that are wrong, Ctrl-C and Ctrl-D."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.init import answers
from harness.target.loader import load_target
from suites.selftest.doctor.terminal import CTRL_C, CTRL_D, at_a_terminal

PAGE = """<form><input name="mail" type="email"><button id="go">Go</button></form><p id="thanks"></p>
<script src="https://turing.captcha.qcloud.com/TJCaptcha.js"></script>"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """An application of which nothing tells how it is started."""
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    return folder


def names(folder: Path) -> list[str]:
    """Everything that stands in a folder."""
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*"))


def test_wrong_answers_are_asked_again_with_a_sentence_and_what_was_typed_is_written(desk: Path) -> None:
    with at_a_terminal("init", desk, cwd=desk) as terminal:
        terminal.until("path of the page with the captcha [/]: ")
        terminal.type("http://127.0.0.1:8000/buy\n")
        assert "  a path, not an address: /buy\r\n" in terminal.until("captcha [/]: ")
        terminal.type("/buy\n")
        terminal.until("command that starts it, with {port} in it []: ")
        terminal.type("\n")
        assert "how the application is started was not seen" in terminal.until("with {port} in it []: ")
        terminal.type("python app.py --port 8000\n")
        assert "  {port} must stand in it" in terminal.until("with {port} in it []: ")
        terminal.type("PORT={port} node server.js\n")
        terminal.until("name of the flow [checkout]: ")
        terminal.type("Buy tea\n")
        assert "small letters, digits" in terminal.until("name of the flow [checkout]: ")
        terminal.type("buy-tea\n")
        terminal.until("as JSON [/CHANGE-ME.json]: ")
        terminal.type("/orders.json\n")
        terminal.until("is counted there [$[*]]: ")
        terminal.type("$.orders[\n")
        assert "  no JSONPath (" in terminal.until("is counted there [$[*]]: ")
        terminal.type("$.orders[*]\n")
        assert terminal.end() == 0, terminal.shown
    target = load_target(desk / "captchaos.toml")
    flow = target.flows["buy-tea"]
    assert (target.start, target.env["PORT"], target.runtime, target.ready) == ("node server.js", "{port}", "node", "/buy")
    assert (flow.browser, flow.effects.get, flow.effects.count) == ("flows.py:buy_tea", "/orders.json", "$.orders[*]")
    assert 'page.goto(flow.url("/buy")' in (desk / "flows.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("key", "code", "said"),
    [
        pytest.param(CTRL_C, 130, "captchaos: interrupted", id="Ctrl-C"),
        pytest.param(CTRL_D, 3, "captchaos: nothing is written", id="Ctrl-D", marks=pytest.mark.nightly),
    ],
)
def test_whoever_leaves_in_the_middle_has_nothing_half_written(desk: Path, key: str, code: int, said: str) -> None:
    with at_a_terminal("init", desk, cwd=desk) as terminal:
        terminal.until("path of the page with the captcha [/]: ")
        terminal.type("/buy\n")
        terminal.until("command that starts it")
        terminal.press(key)
        assert terminal.end() == code, terminal.shown
        assert f"\r\n{said}" in terminal.shown, "on a line of its own"
        assert "Traceback" not in terminal.shown
    assert names(desk) == ["index.html"]


# What people type there; a word of the sentence, "" where it is right.
STARTS = {
    "{python} app.py {port}": "",
    "PORT={port} node server.js": "",
    "A='1 2' B={port} ./run": "",
    "node server.js": "{port} must stand in it",
    "cd app && node server.js {port}": "no shell reads it, so 'cd' means nothing",
    "node server.js {port} > log.txt": "no shell reads it, so '>'",
    "node server.js {prt}": "did you mean 'port'?",
    'node "server.js {port}': "cannot be split into words",
    "PORT={port}": "no command",
}


@pytest.mark.parametrize("typed", STARTS)
def test_a_start_is_one_command_that_is_told_the_port(typed: str) -> None:
    said = answers.start(typed)
    assert STARTS[typed] in said
    assert bool(said) == bool(STARTS[typed])


def test_variables_before_a_command_go_into_its_environment() -> None:
    assert answers.command("A='1 2' PORT={port} ./run --x") == ({"A": "1 2", "PORT": "{port}"}, "./run --x")
    assert answers.command("{python} app.py {port} a=b") == ({}, "{python} app.py {port} a=b")
