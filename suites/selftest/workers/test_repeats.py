"""What must not stand at once is run again: beside others where load says nothing, alone where it may be the reason."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from harness.journal.model import Record, Scenario, SharedProcess, Verdict
from suites.selftest.judge import records
from suites.selftest.workers.made_up_run import Asked, Run, scenarios, sound, turns_of_the_loop

NONE: frozenset[str] = frozenset()


def given_up(scenario: Scenario) -> Record:
    """The honest visit came to nothing, and the lab went on 12 s after the click, of 10 s allowed."""
    assert scenario.expect.business_budget_ms == 10_000
    return records.with_visit(sound(scenario), business_ms=None, outcome="nothing", effects=0, ended=records.at(12_500))


def late(scenario: Scenario) -> Record:
    """The business completed after 12 s, of 10 s allowed."""
    return records.with_visit(sound(scenario), business_ms=12_000)


def advanced(scenario: Scenario) -> Record:
    """A visit that came to nothing at once, on a clock that was moved."""
    left = records.with_visit(sound(scenario), business_ms=None, outcome="nothing", effects=0, ended=records.at(90_000))
    return replace(left, evidence=replace(left.evidence, clock="advanced", advanced_ms=20_000))


def refused_by_what_served_others(scenario: Scenario) -> Record:
    """The business was refused, by a process that had served others before."""
    left = records.with_visit(sound(scenario), business_ms=None, outcome="refused", effects=0)
    return replace(left, process=SharedProcess(number=1, labs_before=3))


def neighbours_of_repeats(
    leave: Callable[[Scenario], Record], folder: Path, *rounds: int, late: frozenset[str] = NONE
) -> list[list[int]]:
    """Run scenarios that all must be repeated, so many at once: how many ran at most during each repeat, itself counted."""
    running: set[str] = set()
    most: Counter[str] = Counter()
    together = asyncio.Barrier(1)

    async def play(asked: Asked) -> Record:
        name = asked.scenario.id
        if asked.is_control:
            return sound(asked.scenario)
        if asked.attempt == 1:
            await together.wait()
            return leave(asked.scenario)
        running.add(name)
        for _ in range(10):
            await turns_of_the_loop()
            most[name] = max(most[name], len(running))
        running.remove(name)
        return sound(asked.scenario)

    run = Run(play, jobs=max(rounds), late=late)

    async def main() -> None:
        nonlocal together
        async with run.engine(folder) as engine:
            engine.begin([], more_to_come=True)
            waiting = scenarios(sum(rounds))
            for size in rounds:
                together = asyncio.Barrier(size)
                now = [waiting.pop(0) for _ in range(size)]
                for scenario in now:
                    engine.add(scenario)
                await asyncio.gather(*(engine.results[scenario.id] for scenario in now))
            engine.no_more()
            await engine.finish()

    asyncio.run(main())
    assert {verdict for _, verdict in run.done} == {Verdict.PASS}
    counted = [most[scenario.id] for scenario in scenarios(sum(rounds))]
    return [[counted.pop(0) for _ in range(size)] for size in rounds]


def test_what_failed_on_a_process_that_had_served_others_is_repeated_alone(tmp_path: Path) -> None:
    assert neighbours_of_repeats(refused_by_what_served_others, tmp_path, 3) == [[1, 1, 1]]


def test_the_first_five_visits_that_were_given_up_are_repeated_alone_and_later_ones_together(tmp_path: Path) -> None:
    assert neighbours_of_repeats(given_up, tmp_path, 4, 2, 2) == [[1] * 4, [1] * 2, [2] * 2]
    assert neighbours_of_repeats(given_up, tmp_path / "again", 5, 2) == [[1] * 5, [2] * 2]


def test_every_time_near_its_budget_is_repeated_alone(tmp_path: Path) -> None:
    assert neighbours_of_repeats(late, tmp_path, 7) == [[1] * 7]


def test_a_time_that_is_known_to_be_late_is_repeated_beside_others(tmp_path: Path) -> None:
    assert neighbours_of_repeats(late, tmp_path, 7, late=frozenset({"business-completes"})) == [[7] * 7]
    assert neighbours_of_repeats(late, tmp_path / "another", 7, late=frozenset({"page-usable"})) == [[1] * 7]


def test_what_failed_on_an_advanced_clock_is_repeated_beside_others(tmp_path: Path) -> None:
    assert neighbours_of_repeats(advanced, tmp_path, 7) == [[7] * 7]


def slow_page(scenario: Scenario) -> Record:
    """The page could be used after 5.4 s, of 4 s allowed."""
    return records.with_visit(sound(scenario), loaded_ms=5400)


def sick(scenario: Scenario) -> Record:
    """A control that does not pass."""
    return replace(records.sick_control(), scenario=scenario)


def hung(scenario: Scenario) -> Record:
    """A control whose visit was given up."""
    return records.with_visit(sick(scenario), "control", business_ms=None, outcome="nothing", effects=0)


def repeated_controls(
    folder: Path, leave: Callable[[Scenario], Record], *, controls_fail: frozenset[str] = NONE
) -> tuple[int, int]:
    """Let the controls of two slots fail beside each other: how many were repeated, and how many of these ran at once."""
    running: set[int] = set()
    repeats = most = 0

    async def play(asked: Asked) -> Record:
        nonlocal repeats, most
        if asked.is_control and asked.attempt == 2:
            repeats += 1
            running.add(asked.slot)
            for _ in range(10):
                await turns_of_the_loop()
                most = max(most, len(running))
            running.remove(asked.slot)
        return leave(asked.scenario) if asked.is_control else sound(asked.scenario)

    run = Run(play, jobs=2, controls_fail=controls_fail, closing_controls=False)

    async def main() -> None:
        async with run.engine(folder) as engine:
            engine.begin(scenarios(2))
            await engine.finish()

    asyncio.run(main())
    assert {verdict for _, verdict in run.done} == {Verdict.UNKNOWN}
    return repeats, most


def test_a_control_that_failed_is_repeated_alone(tmp_path: Path) -> None:
    assert repeated_controls(tmp_path, sick) == (2, 1)


def test_a_control_that_is_known_to_fail_is_repeated_where_it_was_given_up_alone(tmp_path: Path) -> None:
    known = frozenset({records.control().scenario.flow})
    assert repeated_controls(tmp_path, sick, controls_fail=known) == (0, 0)
    assert repeated_controls(tmp_path / "hung", hung, controls_fail=known) == (2, 1)
    assert repeated_controls(tmp_path / "another", sick, controls_fail=frozenset({"another flow"})) == (2, 1)


def attempts(
    folder: Path, *left: Callable[[Scenario], Record], late: frozenset[str] = NONE, controls: Sequence[bool] = ()
) -> tuple[int, Verdict]:
    """Let one scenario leave behind one after the other; how often it was run, and its verdict.

    ``late``: the oracles known to find something late; ``controls``: whether each of the first of them is healthy.
    """
    healthy = iter(controls)

    async def play(asked: Asked) -> Record:
        if asked.is_control:
            return sound(asked.scenario) if next(healthy, True) else sick(asked.scenario)
        return left[asked.attempt - 1](asked.scenario)

    run = Run(play, jobs=1, late=late)

    async def main() -> None:
        async with run.engine(folder) as engine:
            engine.begin(scenarios(1))
            await engine.finish()

    asyncio.run(main())
    [(_, verdict)] = run.done
    return len(run.slots_of("scenario-0")), verdict


def test_what_passes_stands_at_once(tmp_path: Path) -> None:
    assert attempts(tmp_path, sound) == (1, Verdict.PASS)


def test_only_the_repeat_counts(tmp_path: Path) -> None:
    assert attempts(tmp_path, advanced, sound) == (2, Verdict.PASS)


def test_a_time_near_its_budget_that_stays_is_a_fail(tmp_path: Path) -> None:
    assert attempts(tmp_path, late, late) == (2, Verdict.FAIL)


def test_a_visit_that_is_given_up_again_is_a_fail(tmp_path: Path) -> None:
    assert attempts(tmp_path, given_up, given_up) == (2, Verdict.FAIL)


def test_a_repeat_whose_time_is_near_its_budget_is_repeated_once_more(tmp_path: Path) -> None:
    assert attempts(tmp_path, advanced, late, sound) == (3, Verdict.PASS)


def test_what_runs_after_a_control_that_was_healthy_at_its_second_try_is_judged_like_all_else(tmp_path: Path) -> None:
    once_sick = (False, True)
    assert attempts(tmp_path, sound, controls=once_sick) == (1, Verdict.PASS)
    assert attempts(tmp_path / "late", late, sound, controls=once_sick) == (2, Verdict.PASS)


def test_what_is_known_to_be_late_is_repeated_once(tmp_path: Path) -> None:
    assert attempts(tmp_path, slow_page, slow_page, late=frozenset({"page-usable"})) == (2, Verdict.FAIL)


def test_what_another_oracle_finds_late_in_such_a_repeat_is_repeated_once_more(tmp_path: Path) -> None:
    assert attempts(tmp_path, late, slow_page, sound, late=frozenset({"business-completes"})) == (3, Verdict.PASS)
