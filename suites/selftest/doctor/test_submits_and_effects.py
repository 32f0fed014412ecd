"""The flow over HTTP in each way that forms are sent, effects in each way that they are counted; on a real application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from harness.engine.ground import Ground, open_ground
from harness.explore.checkup import Step, check_up
from harness.plan.build import make_plan
from harness.target.counters import LineTally
from harness.target.loader import load_target
from suites.selftest.doctor.little_target import SUBMIT, little
from suites.selftest.target_files import refusal

FIELDS = 'name = "{account}", token = "tok-4711", ticket = "{ticket}", randstr = "{randstr}"'
SUBMITS = {
    "json": f"json = {{ {FIELDS} }}",
    "form": f"form = {{ {FIELDS} }}",
    "multipart": f"multipart = {{ {FIELDS} }}",
    "graphql": f'graphql = {{ query = "mutation buy {{id}}", variables = {{ {FIELDS} }} }}',
}
EFFECTS = {
    "sql": '{ sql = "select count(*) from orders", database = "sqlite:///{lab.dir}/orders.db" }',
    "command": "{ command = \"{python} count.py {lab.dir}/orders.db\" }",
    "log": '{ log = "^order taken from .*@" }',
}
COUNT = "import sqlite3, sys\nprint(sqlite3.connect(sys.argv[1]).execute('select count(*) from orders').fetchone()[0])\n"


@pytest.fixture(scope="module")
async def ground(anyio_backend: str) -> AsyncIterator[Ground]:
    async with open_ground() as opened:
        yield opened


async def submitted(ground: Ground, file: Path) -> Step:
    """The step that says how the same flow went over HTTP; the flow has no browser, so nothing else is tried before."""
    target = load_target(file)
    steps = check_up(target, make_plan(target), tuple(target.flows), folder=file.parent / "pictures", ground=ground)
    return next(step for step in [step async for step in steps] if step.text.startswith("submit"))


def by_http(folder: Path, *, wrong: str = "nothing", submit: str = SUBMIT, effects: str = "") -> Path:
    """A target file whose one flow is done over HTTP alone, with a database of its own for what it counts."""
    given = {"effects": effects} if effects else {}
    file = little(folder, wrong=wrong, drive="# no browser", submit=submit, **given)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("[target.env]", '[target.env]\nLITTLE_DB = "{lab.dir}/orders.db"'), encoding="utf-8")
    (folder / "count.py").write_text(COUNT, encoding="utf-8")
    return file


@pytest.mark.anyio
@pytest.mark.nightly
@pytest.mark.parametrize("body", SUBMITS)
async def test_a_submit_is_sent_as_the_page_sends_it(ground: Ground, tmp_path: Path, body: str) -> None:
    step = await submitted(ground, by_http(tmp_path, submit=f'{{ path = "/submit", {SUBMITS[body]} }}'))
    assert step.mark == "ok", step


@pytest.mark.anyio
@pytest.mark.nightly
async def test_a_token_is_taken_from_its_page_with_the_cookies_that_go_with_it(ground: Ground, tmp_path: Path) -> None:
    fields = FIELDS.replace("tok-4711", "{csrf}")
    csrf = f'{{ path = "/submit", json = {{ {fields} }}, csrf = {{ get = "/", field = "token" }} }}'
    assert (await submitted(ground, by_http(tmp_path / "with", wrong="csrf,session,secure", submit=csrf))).mark == "ok"


@pytest.mark.anyio
async def test_who_must_sign_in_first_does_so_over_http_as_well(ground: Ground, tmp_path: Path) -> None:
    fields = FIELDS.replace("tok-4711", "{csrf}")
    submit = f'{{ path = "/submit", json = {{ {fields} }}, csrf = {{ get = "/", field = "token" }} MORE }}'
    before = ', before = { path = "/login", form = { name = "{account}" } }'
    step = await submitted(ground, by_http(tmp_path / "in", wrong="csrf,login", submit=submit.replace(" MORE", before)))
    assert step.mark == "ok", step
    step = await submitted(ground, by_http(tmp_path / "out", wrong="csrf,login", submit=submit.replace(" MORE", "")))
    assert "flows.go.submit.csrf.get: / answered 302 to /login, expected 200: where it is shown to who" in step.text
    assert "say that request in flows.go.submit.before" in step.text
    wrong = submit.replace(" MORE", before.replace("/login", "/logon"))
    step = await submitted(ground, by_http(tmp_path / "wrong", wrong="csrf,login", submit=wrong))
    assert "flows.go.submit.before: POST /logon answered 404, expected less than 400" in step.text


@pytest.mark.anyio
@pytest.mark.nightly
async def test_without_token_or_cookie_the_doctor_says_what_was_answered(ground: Ground, tmp_path: Path) -> None:
    without = f'{{ path = "/submit", json = {{ {FIELDS.replace("tok-4711", "")} }} }}'
    step = await submitted(ground, by_http(tmp_path / "a", wrong="csrf", submit=without))
    assert (step.mark, "answered 403" in step.text, "CSRF token" in step.mends[0]) == ("bad", True, True)
    cookies = f'{{ path = "/submit", json = {{ {FIELDS} }}, cookies = {{ sid = "abc123" }} }}'
    assert (await submitted(ground, by_http(tmp_path / "b", wrong="session", submit=cookies))).mark == "ok"
    named = f'{{ path = "/submit", json = {{ {FIELDS}, csrf = "{{csrf}}" }}, csrf = {{ get = "/", field = "tokn" }} }}'
    step = await submitted(ground, by_http(tmp_path / "c", submit=named))
    assert "flows.go.submit.csrf.field: no 'tokn' in /; did you mean 'token'?" in step.text


@pytest.mark.anyio
@pytest.mark.nightly
@pytest.mark.parametrize("way", EFFECTS)
async def test_effects_are_counted_where_the_owner_can_see_them(ground: Ground, tmp_path: Path, way: str) -> None:
    step = await submitted(ground, by_http(tmp_path, wrong="database", effects=EFFECTS[way]))
    assert step.mark == "ok", step
    twice = await submitted(ground, by_http(tmp_path / "none", effects='{ log = "never printed" }')) if way == "log" else None
    assert twice is None or twice.mark == "bad", "an effect that nobody counts is none"


@pytest.mark.anyio
@pytest.mark.nightly
@pytest.mark.parametrize(
    ("effects", "complaint"),
    [
        ('{ sql = "select 1", database = "sqlte:///x.db" }', "flows.go.effects.sql: the database URL is none"),
        ('{ sql = "select name from nowhere", database = "sqlite://" }', "no such table: nowhere"),
        ('{ command = "{python} -c 4711/0" }', "flows.go.effects.command: expected a whole number and status 0"),
        ('{ command = "no-such-program" }', "flows.go.effects.command: no-such-program cannot be started"),
    ],
)
async def test_a_counter_that_cannot_be_read_is_told_by_its_key(
    ground: Ground, tmp_path: Path, effects: str, complaint: str
) -> None:
    step = await submitted(ground, by_http(tmp_path, effects=effects))
    assert step.mark == "bad"
    assert complaint in step.text


@pytest.mark.parametrize(
    ("effects", "submit", "complaint"),
    [
        ('{ get = "/a", count = "$", log = "x" }', SUBMIT, "flows.go.effects says get and log: effects are counted by one of"),
        ("{ }", SUBMIT, "flows.go.effects says nothing: effects are counted by one of get"),
        ('{ sql = "select 1" }', SUBMIT, "flows.go.effects has no database, without which sql counts nothing"),
        ('{ log = "(" }', SUBMIT, "flows.go.effects.log is no regular expression"),
        ('{ lg = "x" }', SUBMIT, "flows.go.effects.lg is not a known key; did you mean 'log'?"),
        ('{ log = "x" }', '{ path = "/s", json = { t = "{ticket}", c = "{csrf}" } }', "says {csrf}, but no csrf says"),
        (
            '{ log = "x" }', '{ path = "/s", form = { t = "{ticket}" }, multipart = { a = "b" } }',
            "flows.go.submit.multipart stands beside flows.go.submit.form: a request has one body",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(tmp_path: Path, effects: str, submit: str, complaint: str) -> None:
    assert complaint in refusal(little(tmp_path, effects=effects, submit=submit), load_target)


def test_a_line_that_comes_in_pieces_counts_once() -> None:
    tally = LineTally()
    tally.watch("^order .* done$")
    for piece in (b"order 1 do", b"ne\norder 2 done\nno ord", b"er 3 done\n"):
        tally.feed(piece)
    assert tally.count("^order .* done$") == 2
