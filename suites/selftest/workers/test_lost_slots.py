"""A slot whose control cannot be run is taken out and the others do its work; a run breaks only when none is left."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.errors import JournalError, LaboratoryError
from harness.journal.model import Record, Verdict
from harness.journal.reader import read_journal
from suites.selftest.workers.made_up_run import BROKEN, Asked, Run, broken, error_of, scenarios, sound

TAKEN_OUT = f"slot 1 is taken out, nothing that ran in it counts: the control control-login could not be run: {BROKEN}"


async def everything_works(asked: Asked) -> Record:
    return sound(asked.scenario)


async def no_control_works(asked: Asked) -> Record:
    return broken(asked.scenario) if asked.is_control else sound(asked.scenario)


async def slot_1_is_broken(asked: Asked) -> Record:
    return broken(asked.scenario) if asked.is_control and asked.slot == 1 else sound(asked.scenario)


def passes(number: int) -> dict[str, Verdict]:
    return {scenario.id: Verdict.PASS for scenario in scenarios(number)}


def test_each_slot_begins_and_ends_with_its_control(tmp_path: Path) -> None:
    run = Run(everything_works)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(4))
            judgements = await engine.finish()
            assert {name: one.verdict for name, one in judgements.items()} == {**passes(4), "control-login": Verdict.PASS}

    asyncio.run(main())
    for slot in (0, 1):
        ran = [asked.is_control for asked in run.asked if asked.slot == slot]
        assert (ran[0], ran[-1], sum(ran)) == (True, True, 2)
    assert read_journal(tmp_path / "journal.jsonl").ended


def test_the_scenario_of_a_lost_slot_is_run_in_another_one(tmp_path: Path) -> None:
    run = Run(slot_1_is_broken)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(4))
            judgements = await engine.finish()
            assert {name: judgements[name].verdict for name in passes(4)} == passes(4)
            assert judgements["control-login"].verdict is Verdict.UNKNOWN

    asyncio.run(main())
    assert {slot for name in passes(4) for slot in run.slots_of(name)} == {0}
    assert [asked.attempt for asked in run.asked if asked.slot == 1] == [1, 2], "its control was tried again alone, once"
    assert run.said == [TAKEN_OUT]


def test_a_slot_with_nothing_left_to_do_takes_what_a_lost_one_gives_back(tmp_path: Path) -> None:
    """Slot 0 finds the queue empty before the control of slot 1 breaks."""
    idle = asyncio.Event()

    async def slot_1_breaks_late(asked: Asked) -> Record:
        if asked.slot == 1:
            await idle.wait()
        return await slot_1_is_broken(asked)

    run = Run(slot_1_breaks_late, on_done=lambda _: idle.set())

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(2))
            judgements = await engine.finish()
            assert {name: judgements[name].verdict for name in passes(2)} == passes(2)

    asyncio.run(main())
    assert {name: run.slots_of(name) for name in passes(2)} == {"scenario-0": [0], "scenario-1": [0]}
    assert [asked.is_control for asked in run.asked if asked.slot == 0] == [True, False, False, True]


def test_a_slot_that_waits_for_more_takes_what_a_lost_one_gives_back(tmp_path: Path) -> None:
    lost: set[int] = set()

    async def the_first_is_broken(asked: Asked) -> Record:
        lost.update({asked.slot} if not lost else ())
        return broken(asked.scenario) if asked.slot in lost else sound(asked.scenario)

    run = Run(the_first_is_broken)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin([], more_to_come=True)
            [one] = scenarios(1)
            engine.add(one)
            _, judgement = await engine.results[one.id]
            assert judgement.verdict is Verdict.PASS
            engine.no_more()
            await engine.finish()

    asyncio.run(main())
    assert run.slots_of("scenario-0") == [1 - lost.pop()]


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_run_breaks_when_no_slot_is_left(jobs: int, tmp_path: Path) -> None:
    run = Run(no_control_works, jobs=jobs)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(5))
            error = await error_of(engine)
            assert str(error) == f"the control control-login could not be run: {BROKEN}"
            assert all(future.exception() is error for future in engine.results.values())

    asyncio.run(main())
    assert run.done == []
    assert len(run.said) == jobs - 1
    assert not read_journal(tmp_path / "journal.jsonl").ended


def test_what_ran_in_a_slot_whose_last_control_cannot_be_run_is_unknown_and_the_rest_stands(tmp_path: Path) -> None:
    """Controls break in slot 1 once a scenario was run there; slot 0 is still at work then, and comes to its end."""
    over = asyncio.Event()

    async def slot_1_breaks_at_its_end(asked: Asked) -> Record:
        if asked.slot == 0 and not asked.is_control:
            await over.wait()
        if asked.slot == 1 and asked.is_control and any(o.slot == 1 and not o.is_control for o in run.asked):
            over.set()
            return broken(asked.scenario)
        return sound(asked.scenario)

    run = Run(slot_1_breaks_at_its_end)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(3))
            judgements = await engine.finish()
            for name in passes(3):
                expected = Verdict.UNKNOWN if run.slots_of(name) == [1] else Verdict.PASS
                assert judgements[name].verdict is expected, name
                assert (await engine.results[name])[1].verdict is Verdict.PASS

    asyncio.run(main())
    assert sorted(slot for name in passes(3) for slot in run.slots_of(name)) == [0, 1, 1]
    assert run.said == [TAKEN_OUT]
    assert read_journal(tmp_path / "journal.jsonl").ended


def test_the_run_breaks_when_the_only_slots_last_control_cannot_be_run_and_keeps_what_was_done(tmp_path: Path) -> None:
    async def breaks_at_the_end(asked: Asked) -> Record:
        over = len(run.done) == 2
        return broken(asked.scenario) if over else sound(asked.scenario)

    run = Run(breaks_at_the_end, jobs=1)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(2))
            assert BROKEN in str(await error_of(engine))
            assert [(await future)[1].verdict for future in engine.results.values()] == [Verdict.PASS] * 2

    asyncio.run(main())
    kept = read_journal(tmp_path / "journal.jsonl").records
    assert {record.scenario.id for record in kept} == {"scenario-0", "scenario-1", "control-login"}


def test_a_slot_that_cannot_be_opened_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    opened = asyncio.Event()

    async def one_port_is_taken(number: int) -> None:
        if number == 1:
            await opened.wait()
            raise LaboratoryError("port 1 is taken")

    async def waits_for_ever(asked: Asked) -> Record:
        opened.set()
        return sound(asked.scenario) if asked.is_control else await asyncio.get_running_loop().create_future()

    run = Run(waits_for_ever, open_slot=one_port_is_taken)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(2))
            assert str(await error_of(engine)) == "port 1 is taken"
            assert {str(future.exception()) for future in engine.results.values()} == {"port 1 is taken"}

    asyncio.run(main())


def test_a_control_that_cannot_be_written_down_ends_the_run_and_takes_no_slot_out(tmp_path: Path) -> None:
    run = Run(everything_works)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            engine.begin(scenarios(4))
            engine._journal.close()
            assert isinstance(await error_of(engine), JournalError)

    asyncio.run(main())
    assert run.said == []
    assert run.done == []


def test_what_has_not_begun_can_be_cancelled_while_what_has_begun_is_finished(tmp_path: Path) -> None:
    run = Run(everything_works, jobs=1)

    async def main() -> None:
        async with run.engine(tmp_path) as engine:
            run.on_done = lambda _: engine.cancel_waiting()
            engine.begin(scenarios(3))
            await engine.finish()
            assert [future.cancelled() for future in engine.results.values()] == [False, True, True]

    asyncio.run(main())
    assert run.done == [("scenario-0", Verdict.PASS)]
