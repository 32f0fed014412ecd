"""``[[waivers]]``: read whole when right, and otherwise refused with the line, what was expected and the closest match."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.catalog import Waiver
from harness.errors import ConfigurationError
from harness.plan.build import make_plan
from harness.target.loader import load_target

TARGET = """\
[target]
name = "bank"
start = "app {port}"
[flows.login]
submit = { path = "/login", json = { ticket = "{ticket}" } }
completed = { status = 200 }
effects = { get = "/sessions.json", count = "$" }
policy = "accept"
[[waivers]]
"""
FIRST = 10  # the line of the first key of the first waiver
SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
TWIN = ('finding = "recovers"', 'reason = "x"', f"until = {SOON}")
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a target file whose waiver has these lines."""

    def write(*lines: str) -> Path:
        file = tmp_path / "captchaos.toml"
        file.write_text(TARGET + "\n".join(lines) + "\n", encoding="utf-8")
        return file

    return write


def refused(file: Path) -> str:
    with pytest.raises(ConfigurationError) as told:
        make_plan(load_target(file))
    return str(told.value).replace(f"{file.parent}/", "")


def test_a_right_one_is_read_with_its_day_in_either_form(write: Write) -> None:
    for day in (f'"{SOON}"', SOON):
        file = write('finding = "nothing-for-free"', 'scenarios = "login-forged*"', 'reason = "limits come"', f"until = {day}")
        target = load_target(file)
        waiver = Waiver(finding="nothing-for-free", scenarios="login-forged*", reason="limits come", until=SOON)
        assert target.waivers == (waiver,)
        assert make_plan(target).scenarios


def test_a_text_and_a_severity_are_read_and_tell_two_of_one_finding_apart(write: Write) -> None:
    lines = (*TWIN, "[[waivers]]", *TWIN, 'text = "never"', 'severity = "major"')
    one, other = load_target(write(*lines)).waivers
    assert ((one.text, one.severity), (other.text, other.severity)) == (("", ""), ("never", "major"))


def test_one_whose_day_is_past_is_read(write: Write) -> None:
    """It is told of in the report: refused, it would stop the run that shows whether the finding is still there."""
    assert load_target(write('finding = "nothing-for-free"', 'reason = "x"', "until = 2020-02-29")).waivers


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (
            ('finding = "nothing-for-fre"', 'reason = "x"', f"until = {SOON}"),
            f":{FIRST}: waivers[0].finding is 'nothing-for-fre', but no oracle is called so; did you mean 'nothing-for-free'?",
        ),
        (
            ('reason = "x"', 'finding = "healthy-control"', f"until = {SOON}"),
            f":{FIRST + 1}: waivers[0].finding is 'healthy-control', which is never waived",
        ),
        (('finding = "recovers"', f"until = {SOON}"), f":{FIRST - 1}: waivers[0].reason is missing. It says: Why it may"),
        (
            ('finding = "recovers"', 'reason = "  "', f"until = {SOON}"),
            f":{FIRST + 1}: waivers[0].reason must be a text in quotes that says why, but '  ' stands there",
        ),
        (('finding = "recovers"', 'reason = "x"'), f":{FIRST - 1}: waivers[0].until is missing. It says: The last day (UTC)"),
        (
            ('finding = "recovers"', 'reason = "x"', 'until = "31.12.2026"'),
            f":{FIRST + 2}: waivers[0].until must be a date such as 2026-06-30, but '31.12.2026' stands there",
        ),
        (
            ('finding = "recovers"', 'reason = "x"', 'until = "2026-02-30"'),
            f":{FIRST + 2}: waivers[0].until is '2026-02-30', which is no day of the calendar",
        ),
        (('finding = "recovers"', 'reason = "x"', "until = 2026-02-30"), f":{FIRST + 2}: this is not TOML"),
        (
            ('finding = "recovers"', 'reason = "x"', "until = 2026-02-03T04:05:06Z"),
            f":{FIRST + 2}: waivers[0].until must be a date such as 2026-06-30, but the date 2026-02-03T04:05:06",
        ),
        (
            ('finding = "recovers"', 'reason = "x"', "until = 2999-01-01"),
            f":{FIRST + 2}: waivers[0].until is '2999-01-01', more than a year away: say ",
        ),
        (
            ('finding = "recovers"', 'scenarios = "login-froged"', 'reason = "x"', f"until = {SOON}"),
            f":{FIRST + 1}: waivers[0].scenarios is 'login-froged', which is no scenario of the plan; did you mean 'login",
        ),
        (
            ('finding = "recovers"', 'scenarios = "[ab]*"', 'reason = "x"', f"until = {SOON}"),
            f":{FIRST + 1}: waivers[0].scenarios must be a scenario's id, in which * and ? may stand for letters",
        ),
        (
            ('finding = "recovers"', 'scenario = "login-*"', 'reason = "x"', f"until = {SOON}"),
            f":{FIRST + 1}: waivers[0].scenario is not a known key; did you mean 'scenarios'?",
        ),
        (
            (*TWIN, 'severity = "mayor"'),
            f":{FIRST + 3}: waivers[0].severity must be 'blocker', 'major' or 'minor', but 'mayor' stands there; did you mean",
        ),
        (
            (*TWIN, 'text = " "'),
            f":{FIRST + 3}: waivers[0].text must be a text in quotes that stands in the finding, but ' ' stands there",
        ),
        (
            (*TWIN, "[[waivers]]", *TWIN),
            f":{FIRST + 3}: waivers[1] waives what waivers[0] waives already: leave one of them"
            f" (waivers[0] stands at captchaos.toml:{FIRST - 1})",
        ),
    ],
)
def test_a_wrong_one_is_refused_with_its_line(write: Write, lines: tuple[str, ...], answer: str) -> None:
    assert f"captchaos.toml{answer}" in refused(write(*lines))


def test_a_year_is_as_far_as_a_day_may_be(write: Write) -> None:
    """The last day that is allowed is taken; the one after it is not."""
    today = datetime.now(UTC).date()
    good = write('finding = "recovers"', 'reason = "x"', f"until = {today + timedelta(days=366)}")
    assert load_target(good).waivers
    assert "more than a year away" in refused(
        write('finding = "recovers"', 'reason = "x"', f"until = {today + timedelta(days=368)}")
    )
