"""A target file may say only in what it differs from another one of its folder; a mistake is told where it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.target.loader import find_target, load_target

Write = Callable[..., Path]
Complaint = Callable[[Path], str]


def beside(base: Path, text: str) -> Path:
    file = base.with_name("other.toml")
    file.write_text(text, encoding="utf-8")
    return file


def test_what_it_says_takes_the_place_of_what_stands_there_and_all_else_stays(write: Write) -> None:
    file = beside(write(), 'extends = "captchaos.toml"\n[target]\nname = "other"\n[flows.login]\nwatchdog_ms = 900\n')
    other, base = load_target(file), load_target(file.with_name("captchaos.toml"))
    assert (other.name, other.file, other.start, other.env) == ("other", file, base.start, base.env)
    assert (other.flows["login"].watchdog_ms, base.flows["login"].watchdog_ms) == (900, None)
    assert (other.flows["login"].submit, other.flows["checkout"]) == (base.flows["login"].submit, base.flows["checkout"])


def test_its_own_mistake_is_told_with_its_own_line(write: Write, complaint: Complaint) -> None:
    file = beside(write(), 'extends = "captchaos.toml"\n[flows.login]\npolcy = "block"\n')
    assert "other.toml:3: flows.login.polcy is not a known key; did you mean 'policy'?" in complaint(file)


def test_a_mistake_of_the_other_file_is_told_with_that_ones_line(write: Write, complaint: Complaint) -> None:
    file = beside(write(('policy = "accept"', 'polcy = "accept"')), 'extends = "captchaos.toml"\n')
    assert "captchaos.toml:17: flows.login.polcy is not a known key" in complaint(file)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ('"captchaos.tom"', "names 'captchaos.tom', and there is no such file; did you mean 'captchaos.toml'?"),
        ('"../captchaos.toml"', "must name a file of the same folder"),
        ('"other.toml"', "names this very file"),
        ("7", "must be the name of a target file in quotes"),
    ],
)
def test_a_file_that_cannot_be_extended_is_refused(write: Write, complaint: Complaint, named: str, said: str) -> None:
    assert f"other.toml:1: extends {said}" in complaint(beside(write(), f"extends = {named}\n"))


def test_there_is_no_third_file(write: Write, complaint: Complaint) -> None:
    second = beside(write(), 'extends = "captchaos.toml"\n')
    third = second.with_name("third.toml")
    third.write_text('extends = "other.toml"\n', encoding="utf-8")
    assert "third.toml:1: extends names 'other.toml', which extends another file itself" in complaint(third)


def test_the_shop_on_postgresql_is_the_shop_and_started_alike() -> None:
    shop = load_target(find_target(None))
    other = load_target(shop.folder / "postgres.toml")
    assert other.start == f"{{python}} on_postgres.py {shop.start}"
    assert (other.flows, other.env, other.providers) == (shop.flows, shop.env, shop.providers)
