"""How the searches for bugs of two faults are told: in how many each was found, and after how many schedules."""

from __future__ import annotations

from collections.abc import Iterator

from bench.schedules import Searched, searches_table


def searched(how: str, *after: int | None) -> Iterator[Searched]:
    return (Searched(animal="second-try", how=how, seed=seed, after=one) for seed, one in enumerate(after))


def cells(*some: Searched) -> list[str]:
    return [cell.strip() for cell in searches_table(some, 40).splitlines()[-1].strip("|").split("|")]


def test_each_way_is_told_by_what_was_found_and_after_how_many() -> None:
    told = cells(*searched("blind", 12, None, 31), *searched("guided", 9, 4, 20))
    assert told == ["second-try", "2 of 3", "31 (12 to 31)", "3 of 3", "9 (4 to 20)"]


def test_what_most_runs_did_not_find_took_more_than_were_tried() -> None:
    told = cells(*searched("blind", None, None, 31), *searched("guided", None, None, None))
    assert told == ["second-try", "1 of 3", "over 40 (31 to 31)", "0 of 3", "·"]
