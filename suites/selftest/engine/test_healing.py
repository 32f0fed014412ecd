"""A process of the target that has served a scenario meets the next one healed, or not at all."""

from __future__ import annotations

import asyncio
import itertools
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.catalog import Warmth
from harness.engine.healing import Healing, needs_fresh, ran
from harness.errors import TargetError
from harness.journal.model import Evidence, Proof, Record, SharedProcess, Verdict
from harness.judge.repeat import rests_on_shared
from harness.judge.verdict import judge
from harness.lab.keeping import Keeping, Started
from harness.lab.slot import stay
from harness.providers.base import PROVIDERS
from harness.report.processes import process_lines
from harness.target import resetting
from harness.target.loader import find_target, load_target
from harness.target.resetting import reset
from harness.target.spec import ProviderUse, Target
from suites.selftest.judge.records import (
    call,
    client_fault,
    control,
    forgery,
    server_fault,
    sick_control,
    with_evidence,
    with_scenario,
)

FAULT = client_fault().scenario
STRAY = with_evidence(control(), verdict_calls=(call("control"), call("control", "21", "of an earlier scenario")))


class Kept(SimpleNamespace):
    """A process that counts how often it is ended."""

    def __init__(self, last: str, *, died: str = "") -> None:
        super().__init__(last=last, uses=2, proven="", stays_used="", process=SimpleNamespace(epitaph=died), ended=0)

    async def end(self) -> None:
        self.ended += 1


def healed(*controls: Record, kept: Kept | None = None, scenario: Any = FAULT, alone: bool = False) -> Any:
    """Prepare a slot that keeps a process, with what its controls record, one after the other, each on a process."""

    async def run() -> Any:
        keeping, told, lone = Keeping(itertools.count(1)), [], []
        keeping.keep(first := kept or Kept("the-last-one"))  # type: ignore[arg-type]  # all that is used of a process here
        left = iter(controls)

        async def control(by_itself: bool) -> Record:
            lone.append(by_itself)
            if keeping.now is None:
                keeping.keep(Kept(""))  # type: ignore[arg-type]
            return next(left)

        slot: Any = SimpleNamespace(number=0, keeping=keeping)
        why = await Healing(told.append).prepare(slot, scenario, control, alone=alone)
        return SimpleNamespace(why=why, told=told, keeping=keeping, first=first, lone=lone, left=list(left))

    return asyncio.run(run())


def test_a_control_that_goes_through_lets_the_process_serve_on() -> None:
    seen = healed(control())
    assert (seen.why, seen.told, seen.first.ended) == ("", [], 0)
    assert seen.keeping.now is seen.first


def test_what_a_control_has_just_proven_is_not_proven_again() -> None:
    kept = Kept("login-control-classic")
    kept.proven = FAULT.flow
    assert healed(kept=kept).first.ended == 0
    kept.proven = "another flow"
    assert healed(control(), kept=kept).left == []


@pytest.mark.parametrize(
    ("first", "died", "said"),
    [
        ((sick_control(), sick_control()), "", "; seen "),
        ((with_evidence(control(), lab_error="the target was not ready"),) * 2, "", "the target was not ready"),
        ((STRAY,), "", "still asks the captcha's API for what an earlier scenario left"),
        ((), "the target died in mid-run (exit status 3).\nIt printed nothing.", "died in mid-run (exit status 3). It"),
    ],
)
def test_one_that_has_not_healed_is_ended_told_of_and_replaced(first: tuple[Record, ...], died: str, said: str) -> None:
    seen = healed(*first, control(), kept=Kept("the-last-one", died=died))
    assert (seen.why, seen.first.ended, seen.left) == ("", 1, [])
    assert seen.lone[-1], "the fresh one is judged with the machine to itself"
    (told,) = seen.told
    assert said in told
    assert "after the-last-one" in told
    facts = seen.keeping.facts()
    assert (facts.number, facts.unhealed) == (2, True)
    assert said in facts.started_because


def test_a_control_that_fails_once_on_a_busy_machine_is_tried_again_alone() -> None:
    seen = healed(sick_control(), control())
    assert (seen.why, seen.told, seen.first.ended, seen.left) == ("", [], 0, [])
    assert seen.keeping.now is seen.first
    assert seen.lone == [False, True]


def test_the_controls_before_a_scenario_are_kept_with_it_and_with_no_other() -> None:
    seen = healed(sick_control(), sick_control(), control())
    slot: Any = SimpleNamespace(number=0, keeping=seen.keeping)
    kept = ran(client_fault(), slot).process
    assert kept is not None
    assert [(one.control, bool(one.why), one.alone, one.process) for one in kept.proofs] == [
        (sick_control().scenario.id, True, False, 1),
        (sick_control().scenario.id, True, True, 1),
        (control().scenario.id, False, True, 2),
    ]
    assert "; seen " in kept.proofs[0].why
    again = ran(client_fault(), slot).process
    assert again is not None
    assert again.proofs == (), "a repeat has not been preceded by them"
    asyncio.run(Healing([].append).prepare(slot, FAULT, none_is_due, alone=True))
    assert seen.keeping.proofs == []


async def none_is_due(_by_itself: bool) -> Record:
    raise AssertionError("a scenario that is alone in its run has a fresh process, and no control before it")


def test_where_nothing_puts_it_back_each_scenario_has_a_process_of_its_own() -> None:
    kept = Kept("the-last-one")
    kept.stays_used = "target.reset ended with exit status 1"
    seen = healed(with_evidence(control(), lab_error=kept.stays_used), kept=kept)
    assert seen.why == ""
    assert seen.told == [f"slot 0: each scenario has a fresh process from here on, for {seen.keeping.hopeless}"]
    assert seen.keeping.hopeless == f"nothing puts back what has served others: {kept.stays_used}"


def test_where_not_even_a_fresh_one_is_healthy_nothing_is_run() -> None:
    seen = healed(sick_control(), sick_control(), sick_control())
    assert "not even a fresh process of the target completes a healthy" in seen.why
    assert "; seen " in seen.why
    assert seen.keeping.now is None, "nobody meets that one either"


@pytest.mark.parametrize(
    ("record", "fresh"),
    [
        (client_fault(), False),
        (with_scenario(server_fault(), warmth=Warmth.WARM), False),
        (with_scenario(server_fault(), warmth=Warmth.COLD), True),
        (forgery(client_fault().scenario.expect.policy), True),
        (with_scenario(client_fault(), kind="load"), True),
        (with_scenario(client_fault(), kind="storm"), True),
    ],
)
def test_what_counts_or_is_cold_at_the_server_has_a_process_of_its_own(record: Record, fresh: bool) -> None:
    assert bool(needs_fresh(record.scenario)) is fresh
    seen = healed(*(() if fresh else (control(),)), scenario=record.scenario)
    assert (seen.first.ended, seen.keeping.now is None) == (int(fresh), fresh)


def test_a_scenario_that_is_run_alone_has_one_of_its_own() -> None:
    seen = healed(alone=True)
    assert (seen.first.ended, seen.keeping.now) == (1, None)


@pytest.mark.parametrize(
    ("process", "evidence", "again"),
    [
        (SharedProcess(number=1, labs_before=2), {"visits": ()}, True),
        (SharedProcess(number=1, labs_before=0), {"visits": ()}, False),
        (None, {"visits": ()}, False),
        (SharedProcess(number=1, labs_before=2), {}, False),
    ],
)
def test_no_finding_rests_on_a_process_that_had_served_others(
    process: SharedProcess | None, evidence: dict[str, Any], again: bool
) -> None:
    record = replace(with_evidence(client_fault(), **evidence), process=process)
    judgement = judge(record, controls=(control(),))
    bad = replace(judgement, verdict=Verdict.FAIL) if evidence else judgement
    assert rests_on_shared(record, bad) is again
    broken = replace(record, evidence=Evidence(lab_error="the target died in mid-run"))
    assert rests_on_shared(broken, judge(broken, controls=())) is (process is not None and process.labs_before > 0)


def test_a_run_says_how_often_the_target_was_started_and_why() -> None:
    first = replace(client_fault(), process=SharedProcess(number=1, labs_before=1))
    assert process_lines([client_fault()]) == []
    assert process_lines([first]) == ["the target was started 1 × for 1 scenarios and controls"]
    later = replace(server_fault(), process=SharedProcess(number=2, labs_before=0, started_because="no", unhealed=True))
    tried = (Proof(control="c", why="late", process=1), Proof(control="c", alone=True, process=1))
    shaken = replace(first, process=SharedProcess(number=1, labs_before=1, proofs=tried))
    assert process_lines([shaken])[1] == "1 controls between two scenarios went through at the second try alone"
    assert process_lines([first, later])[1] == "1 of these since the process before had not healed, as: no"


def test_a_second_try_is_told_of_a_process_that_took_the_place_of_an_unhealed_one_too() -> None:
    process = SharedProcess(number=2, labs_before=0, started_because="no", unhealed=True)
    # What ended process 1 was no second try that went through: the control that did had process 2.
    replaced = tuple(Proof(control="c", why=why, process=number) for why, number in (("stuck", 1), ("stuck", 1), ("", 2)))
    first = replace(client_fault(), process=replace(process, proofs=replaced))
    assert not [line for line in process_lines([first]) if "second try" in line]
    shaken = (Proof(control="c", why="late", process=2), Proof(control="c", alone=True, process=2))
    tenth = replace(server_fault(), process=replace(process, labs_before=10, proofs=shaken))
    assert "1 controls between two scenarios went through at the second try alone" in process_lines([first, tenth])


def test_what_never_came_to_serve_has_no_number_among_the_proofs() -> None:
    unnumbered = (Proof(control="c", why="late"), Proof(control="c", alone=True))
    record = replace(client_fault(), process=SharedProcess(number=1, labs_before=1, proofs=unnumbered))
    assert len(process_lines([record])) == 1, "nor do journals that do not tell which process it was"


@pytest.mark.parametrize(
    ("use", "app_id"),
    [("tencent_web", "199999164"), ("tencent_mini", "199999210"), ("huawei", "2000000001"), ("geetest_v4", "0a1b2c3d" * 4)],
)
def test_the_account_that_a_process_was_told_of_is_still_its_own(use: str, app_id: str) -> None:
    chosen = ProviderUse(use=use, app_id=app_id)
    emulator = PROVIDERS.get(use).emulator(app_id=app_id, prefix=chosen.prefix, options=chosen.all_options)
    told = emulator.credentials.values()
    stay(emulator)
    emulator.reset(build=PROVIDERS.get(use).builds[0])
    assert emulator.credentials.values() == told


SERVES = """\
import http.server, os, sys
print('started with', os.environ['WORD'], flush=True)
class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header('content-length', '0'); self.end_headers()
        print('asked', flush=True)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Pages).serve_forever()
"""


@pytest.fixture
def target(tmp_path: Path) -> Target:
    (tmp_path / "serves.py").write_text(SERVES)
    back = "import os, pathlib, sys\npathlib.Path('back').write_text(f'{sys.argv[1]} {os.environ}')\n"
    (tmp_path / "back.py").write_text(back)
    shop = load_target(find_target(None))
    env = {"WORD": "{port}", "http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    words = {"start": "{python} serves.py {port}", "reset": "{python} back.py {port}", "ready": "/"}
    return replace(shop, cwd=tmp_path, env=env, flows={}, **words)


def test_the_command_knows_the_targets_port_and_what_it_was_told_but_not_the_labs_proxy(target: Target, tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def story() -> None:
        (tmp_path / "lab").mkdir()
        started = await Started.start(target, folder=tmp_path / "lab", env=dict(target.env), marks={"MARK": "7"}, hide=())
        port = str(started.process.port)
        try:
            started.begin(heard.append)
            await started.put_back({}, ())
            assert not (tmp_path / "back").exists(), "a fresh process is as it should be"
            started.rest()
            before = started.process.printed_bytes
            heard.clear()
            started.begin(heard.append)
            await started.put_back({"MARK": "7"}, ())
            assert "started" not in started.process.output(since=before)
        finally:
            await started.end()
        said = (tmp_path / "back").read_text()
        assert said.startswith(f"{port} ")
        assert f"'WORD': '{port}'" in said
        assert "'MARK': '7'" in said
        assert "127.0.0.1:9" not in said
        assert b"started with" in heard[0], "what it printed at its start concerns each of its scenarios"
        assert not (tmp_path / "lab").exists()

    asyncio.run(story())


def _words(*parts: str) -> str:
    return " ".join(("{python}", *(f"'{part}'" for part in parts)))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (_words("-c", 'print(1); raise OSError("no\\ndatabase s3cret")'), "ended with exit status 1: .*: no database •••'"),
        (_words("-c", 'import time; print("waits", flush=True); time.sleep(60)'), "had not ended after 0.7 s: .* 'waits'"),
        ("no-such-program", "cannot be run: .*no-such-program"),
        ("'unclosed", "cannot be run: No closing quotation"),
    ],
)
def test_a_reset_that_fails_is_one_sentence_with_what_it_printed(
    target: Target, monkeypatch: pytest.MonkeyPatch, command: str, said: str
) -> None:
    monkeypatch.setattr(resetting, "RESET_LIMIT_S", 0.7)
    began = time.monotonic()
    with pytest.raises(TargetError, match=f"^target.reset {said}") as failed:
        asyncio.run(reset(replace(target, reset=command), port=1, hide=["s3cret"]))
    assert "\n" not in str(failed.value)
    assert time.monotonic() - began < 30


def test_what_a_reset_leaves_running_keeps_nobody_waiting(target: Target, tmp_path: Path) -> None:
    leaves = "import subprocess, sys; print(subprocess.Popen([sys.executable, \"-c\", \"import time; time.sleep(20)\"]).pid)"
    began = time.monotonic()
    asyncio.run(reset(replace(target, reset=_words("-c", leaves)), port=1))
    assert time.monotonic() - began < 15
