"""pytest collects the cases that a search has kept, and nobody else's files."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.explore.cases import Case, Rerun, save
from harness.explore.finding import Failure
from harness.pytest_plugin import cases as items

pytest_plugins = ["pytester"]

CASE = Case(
    kind="ticket", target="../captchaos.toml", flow="login", health="health", input={"tickets": [{"text": "x"}]},
    finding=Failure(rule="never-5xx", cause="any-text", expected="below 500", seen="500"), seed=1, found_unix_s=1,
)  # fmt: skip


@pytest.fixture
def kept(pytester):
    return save(CASE, pytester.path / "captchaos-cases")


def test_a_case_is_one_test_that_is_called_as_its_file(pytester, kept):
    said = pytester.runpytest_subprocess("--collect-only", "-q")
    said.stdout.fnmatch_lines([f"*{kept.name}::{kept.name.removesuffix('.case.json')}"])


def test_a_case_whose_target_is_gone_fails_in_a_sentence(pytester, kept):
    said = pytester.runpytest_subprocess()
    said.assert_outcomes(failed=1)
    said.stdout.fnmatch_lines(["*mend `target`, or remove the case*"])
    assert "Traceback" not in said.stdout.str()


def test_a_case_that_cannot_be_judged_fails_with_the_reason(pytester, kept, monkeypatch):
    monkeypatch.setattr(items, "rerun", lambda *_case, **_options: Rerun(seen=0, of=1, unknown=1, because=("no control",)))
    said = pytester.runpytest_inprocess("-p", "no:playwright")
    said.assert_outcomes(failed=1)
    said.stdout.fnmatch_lines(["*1 of 1 tries could not be judged*", "*because   no control*"])


def test_a_case_of_another_version_is_an_error_of_collection(pytester, kept):
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "captchaos_case": 9}))
    said = pytester.runpytest_subprocess()
    said.assert_outcomes(errors=1)
    said.stdout.fnmatch_lines(["*a case of version 9, and this captchaos reads version 1*"])


def test_files_of_others_that_end_alike_are_left_alone(pytester):
    (pytester.path / "theirs.case.json").write_text('{"case": "of somebody else"}')
    pytester.runpytest_subprocess().assert_outcomes()


# What a stranger may write into a case: a new line of the report, an end of the terminal's title, a reversal of the line.
HOSTILE = "x\n1 passed in 0.01s\r\n\x1b]0;owned\x07\x1b[2K\u202egnp"


def test_hostile_text_of_a_case_stays_in_its_line_and_moves_no_cursor(pytester):
    folder = pytester.path / "captchaos-cases"
    finding = Failure(rule=HOSTILE, cause=HOSTILE, expected=HOSTILE, seen=HOSTILE)
    hostile = replace(CASE, health=HOSTILE, input={"tickets": [{"text": HOSTILE}]}, finding=finding)
    save(replace(hostile, seed=1), folder)
    save(replace(hostile, seed=2, flow="checkout"), folder)
    save(replace(hostile, seed=3, flow="gone", target=f"../{HOSTILE}"), folder)
    save(replace(hostile, seed=3, flow="gone too", target=f"../{HOSTILE}/x"), folder)
    save(replace(hostile, seed=4, flow=HOSTILE, target=""), folder)
    pytester.makeconftest(
        "from harness.explore.cases import Rerun, rerun\n"
        "from harness.pytest_plugin import cases\n"
        "def told(case, **options):\n"
        "    if case.seed == 1:\n"
        "        return Rerun(seen=1, of=1, failures=(case.finding,))\n"
        "    if case.seed == 2:\n"
        "        return Rerun(seen=0, of=1, unknown=1, because=(case.finding.seen,))\n"
        "    return rerun(case, **options)\n"
        "cases.rerun = told\n"
    )
    said = pytester.runpytest_subprocess("-rA")
    said.assert_outcomes(failed=5)
    text = said.stdout.str() + said.stderr.str()
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "⟦U+001B⟧" in text
    assert not [line for line in text.splitlines() if line.startswith("1 passed")]
    said.stdout.fnmatch_lines_random(["x 1 passed*: seen again in 1 of 1 tries", "x 1 passed*: 1 of 1 tries could not *"])
