"""`captchaos doctor --target` on a little application that does one thing wrong: real browser, router and Toxiproxy."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from harness.engine.ground import Ground, open_ground
from harness.explore.checkup import Step, check_up
from harness.plan.build import make_plan
from harness.target.loader import load_target
from suites.selftest.doctor.little_target import STEPS, little

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def ground(anyio_backend: str) -> AsyncIterator[Ground]:
    async with open_ground() as opened:
        yield opened


async def checked(ground: Ground, file: Path) -> list[Step]:
    """Every step of a target's check-up."""
    target = load_target(file)
    steps = check_up(target, make_plan(target), tuple(target.flows), folder=file.parent / "pictures", ground=ground)
    return [step async for step in steps]


def bad(steps: list[Step]) -> str:
    """The one step that is bad, with what it says to do."""
    (found,) = [step for step in steps if step.mark == "bad"]
    assert found.mends, "a failing step says what to do"
    return "\n".join((found.text, *found.mends))


async def test_a_right_target_passes_every_step(ground: Ground, tmp_path: Path) -> None:
    """A flow of steps, a submit of multipart with a token of its page, and effects that are counted in a log."""
    fields = 'name = "{account}", token = "{csrf}", ticket = "{ticket}", randstr = "{randstr}"'
    submit = f'{{ path = "/submit", multipart = {{ {fields} }}, csrf = {{ get = "/", field = "token" }} }}'
    effects = '{ log = "^order taken from .*@" }'
    steps = await checked(ground, little(tmp_path, wrong="csrf", drive=STEPS, submit=submit, effects=effects))
    assert [step.mark for step in steps] == ["ok"] * 7, steps
    said = "\n".join(step.text for step in steps)
    for told in ("ready at /healthz", "verified by the provider", "verdict 1", "{links.verdict.url}, without TLS", "exactly 1"):
        assert told in said
    assert "the degraded signal was seen" in steps[-1].text


EMPTY = "import sys, urllib.request\nurllib.request.urlopen(f'http://127.0.0.1:{sys.argv[1]}/empty', b'')\n"
# Fails from the run on that its argument names.
WORN = """import pathlib, sys
runs = pathlib.Path("runs")
runs.write_text((runs.read_text() if runs.exists() else "") + "x")
sys.exit(f"run {runs.stat().st_size}" if runs.stat().st_size >= int(sys.argv[1]) else 0)
"""


@pytest.mark.parametrize(
    ("reset", "wrong", "mark", "said"),
    [
        ("{python} empty.py {port}", "once", "ok", "reset: it is put back, and ready again after "),
        ("{python} -c pass", "once", "bad", "reset-leaves-effects: the target was put back after one submit, and 1 effects"),
        ("{python} -c 'raise SystemExit(7)'", "nothing", "bad", "reset: target.reset ended with exit status 7"),
        # It finds what it removes once, as the data of an application that writes them when it starts.
        ("rm data.db", "nothing", "bad", "reset: target.reset ended with exit status 1: rm data.db printed "),
        ("{python} worn.py 3", "nothing", "bad", "reset: target.reset ended with exit status 1: "),
        ("{python} worn.py 4", "nothing", "bad", "reset: target.reset ended with exit status 1: "),
    ],
)
async def test_a_target_that_is_to_serve_many_scenarios_is_put_back_at_once(
    ground: Ground, tmp_path: Path, reset: str, wrong: str, mark: str, said: str
) -> None:
    async with contextlib.aclosing(kept(ground, tmp_path, reset=reset, wrong=wrong)) as steps:
        assert (await anext(steps)).text.startswith("start: it is ready")
        told = await anext(steps)
        assert told.mark == mark
        assert told.text.startswith(said)
        assert bool(told.mends) is (mark == "bad")
        if mark == "bad":
            assert [step async for step in steps] == [], "what follows would fail for the same reason"


def kept(ground: Ground, folder: Path, *, reset: str, wrong: str = "nothing") -> AsyncGenerator[Step, None]:
    """The check-up of a target that serves many scenarios, and is put back by ``reset``."""
    file = little(folder, wrong=wrong)
    (folder / "empty.py").write_text(EMPTY)
    (folder / "worn.py").write_text(WORN)
    (folder / "data.db").write_text("")
    text = file.read_text(encoding="utf-8").replace("[target]\n", f'[target]\nisolation = "slot"\nreset = "{reset}"\n', 1)
    file.write_text(text, encoding="utf-8")
    target = load_target(file)
    return check_up(target, make_plan(target), tuple(target.flows), folder=folder / "pictures", ground=ground)


async def test_a_counter_that_only_grows_is_noted_and_what_follows_is_checked(ground: Ground, tmp_path: Path) -> None:
    async with contextlib.aclosing(kept(ground, tmp_path, reset="{python} -c pass")) as steps:
        assert [(await anext(steps)).mark for _ in range(2)] == ["ok", "ok"]
        noted = await anext(steps)
        assert (noted.mark, noted.text.partition(":")[0]) == ("note", "reset-leaves-effects")
        assert noted.mends
        assert (await anext(steps)).text.startswith("healthy visit: completed")


async def test_a_reset_after_which_fewer_are_counted_leaves_nothing(ground: Ground, tmp_path: Path) -> None:
    async with contextlib.aclosing(kept(ground, tmp_path, reset="{python} empty.py {port}", wrong="drains")) as steps:
        said = [(await anext(steps)).text.partition(":")[0] for _ in range(3)]
    assert said == ["start", "reset", "healthy visit"]


REAL = "https://captcha.tencentcloudapi.com"
# What a server that is not led asks goes past the lab: here to a port on which nobody listens, and to no network.
NOBODY = "https://127.0.0.1:9"
# Whom its server asks and how it is led there, or not: lines of [target] and [target.env], what must be named, and what to do.
LED = {
    "by nothing": (
        NOBODY, "", "",
        ("provider-not-reached: ", "say what it runs on by target.runtime, or where it finds the provider"),
    ),
    "by a runtime whose variables its client leaves unread": (
        NOBODY, 'runtime = "python"', 'NO_PROXY = "*"',
        ("provider-not-reached: ", 'target.runtime = "python" leads clients that look'),
    ),
    "by the proxy alone": (
        REAL, "", 'HTTPS_PROXY = "{lab.proxy}"',
        ("provider-not-trusted: the server came to captcha.tencentcloudapi", "{lab.ca_file}"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("led", LED)
async def test_a_server_that_is_not_led_to_the_provider_is_told_what_leads_it(
    ground: Ground, tmp_path: Path, led: str
) -> None:
    api, runtime, env, words = LED[led]
    file = little(tmp_path)
    text = file.read_text(encoding="utf-8").replace('CAPTCHA_API = "{links.verdict.url}"', f"CAPTCHA_API = \"{api}\"\n{env}")
    file.write_text(text.replace("[target]\n", f"[target]\n{runtime}\n", 1), encoding="utf-8")
    said = bad(await checked(ground, file))
    for word in words:
        assert word in said


# One application each, wrong in one way; what must be named, and a word of what to do.
WRONG = {
    "https": ("redirects-to-https: GET / was answered 301 to https://127.0.0.1:", "switch its redirect to https off"),
    "unmapped": ("unmapped-host: nothing maps cdn.nowhere.example:443", "[third_party]"),
    "csp": ("csp-forbids-captcha: ", "forbids https://turing.captcha.qcloud.com", "in script-src"),
    "backwards": ("effects-count-backwards: the effects went down by 1", "something that only grows"),
    "twice": ("effect-counted-twice: one visit had 2 effects", "one visit must be one effect"),
    "clock": ("clock-sensitive: ", "--real-time"),
    "domain": ("cookies-of-another-host: the cookie sid is for Domain=shop.example", "without a Domain"),
    "silent": ("the degraded signal was not seen", "print 'captcha.degraded'"),
    "port": ("wrong-port: it listens at 127.0.0.1:", "hand {port} over"),
}


@pytest.mark.nightly
@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_is_named_with_what_to_do(ground: Ground, tmp_path: Path, wrong: str) -> None:
    more = ",session" if wrong == "domain" else ""
    drive = 'browser = "flows.py:go"'
    # What over HTTP would need a session of its own is no part of this.
    steps = await checked(ground, little(tmp_path, wrong=wrong + more, drive=drive))
    said = bad(steps)
    for told in WRONG[wrong]:
        assert told in said


FLOWS = {
    "raises": ('flow-raises: flows.py:22: raise ValueError("the basket is empty"): ValueError: the basket is empty',),
}
FLOWS_AT_NIGHT = {
    "only_clicks": ("captcha-left-alone: the flow ended, and had nobody solve its captcha", "flow.solve()"),
    "forgets": ("captcha-left-alone: the flow ended, and had nobody solve its captcha", "await flow.captcha(page)"),
    "hangs": ('flow-hangs: it still waited at flows.py:27: await page.wait_for_selector("#never-there")',),
    "leaves": ("flow-leaves-page: the page stood at about:blank in the end",),
    "closes": ("flow-leaves-page: the flow closed its page",),
    "lost": ("wrong-path: GET /shop/start was answered 404", "flows.py:16"),
}


@pytest.mark.parametrize("flow", [*FLOWS, *(pytest.param(name, marks=pytest.mark.nightly) for name in FLOWS_AT_NIGHT)])
async def test_a_flow_that_goes_wrong_is_told_with_its_line(ground: Ground, tmp_path: Path, flow: str) -> None:
    steps = await checked(ground, little(tmp_path, flow=flow))
    said = bad(steps)
    for told in (FLOWS | FLOWS_AT_NIGHT)[flow]:
        assert told in said
    assert steps[-1].mark == "bad", "nothing is asked of a flow that does not work"


async def test_a_selector_that_is_none_is_told_instead_of_waited_for(ground: Ground, tmp_path: Path) -> None:
    file = little(tmp_path)
    text = file.read_text(encoding="utf-8").replace('selector = "#done"', 'selector = "#done..now["')
    file.write_text(text, encoding="utf-8")
    assert "healthy visit: '#done..now[' is no selector" in bad(await checked(ground, file))


async def test_who_has_signed_in_before_has_not_sent_a_wrong_submit(ground: Ground, tmp_path: Path) -> None:
    drive = 'browser = "flows.py:raises"\nbefore = "flows.py:sign_in"'
    said = bad(await checked(ground, little(tmp_path, wrong="login", drive=drive)))
    assert "flow-raises: flows.py:22" in said
    assert "wrong-path" not in said


@pytest.mark.nightly
async def test_a_submit_that_names_another_path_is_told_with_the_one_that_was_sent(ground: Ground, tmp_path: Path) -> None:
    submit = '{ path = "/submitt", json = { ticket = "{ticket}" } }'
    said = bad(await checked(ground, little(tmp_path, submit=submit)))
    assert "wrong-path: flows.go.submit says POST /submitt, and the page sent none such; did you mean '/submit'?" in said


@pytest.mark.nightly
async def test_effects_that_are_not_there_are_a_wrong_path(ground: Ground, tmp_path: Path) -> None:
    effects = '{ get = "/admin/effects.json", count = "$.count" }'
    said = bad(await checked(ground, little(tmp_path, effects=effects)))
    assert "flows.go.effects.get: " in said
    assert "answered 404" in said
    assert "wrong-path" in said


@pytest.mark.nightly
async def test_a_ready_path_that_is_not_there_is_a_wrong_path(ground: Ground, tmp_path: Path) -> None:
    said = bad(await checked(ground, little(tmp_path, ready="/nowhere")))
    assert "GET /nowhere answered 404" in said
    assert "wrong-path: target.ready = '/nowhere'" in said
