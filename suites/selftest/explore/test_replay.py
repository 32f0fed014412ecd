"""A recorded scenario is run again as it was, and it is said whether the verdict is the same; bad words are one sentence."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.catalog import Behaviour, Policy, Side, Stroke, Waiver
from harness.cli import replay
from harness.cli.main import main
from harness.engine.options import Options
from harness.errors import ConfigurationError
from harness.explore import cases, replaying
from harness.explore.cases import Case, Rerun
from harness.explore.finding import Failure
from harness.explore.kinds import CaseKind
from harness.explore.still_there import demand_parts
from harness.journal.model import Judgement, Record, RunInfo, Scenario, Scheduled
from harness.journal.writer import FILE_NAME, JournalWriter
from harness.judge.waiving import waive
from harness.plan.build import facts_of, make_plan
from harness.target.loader import find_target, load_target
from suites.selftest.judge.records import (
    attempt,
    client_fault,
    control,
    forgery,
    judged,
    with_evidence,
    with_scenario,
    with_visit,
)

ID = "login-frame-refused"
ON_A_LINK_THAT_IS_GONE = Scheduled(stroke=Stroke(link="configs", fault="refused"), fault=facts_of("refused"), side=Side.BROWSER)
WITH_A_PARAMETER_THAT_IS_GONE = Scheduled(
    stroke=Stroke(link="frame", fault="refused", parameters=(("softly", 1),)), fault=facts_of("refused"), side=Side.BROWSER
)
LEFT_BEHIND = with_visit(client_fault(), outcome="nothing", effects=0, business_ms=None)
RUN = RunInfo(
    run_id="r", captchaos_version="1", target="shop", seed=77, began_unix_s=1.0, browser="b", toxiproxy="t", planned=1, jobs=4,
    real_time=True,
)  # fmt: skip


def run_of(folder: Path, *records: Record, run: RunInfo = RUN) -> Path:
    folder.mkdir()
    with JournalWriter(folder / FILE_NAME) as journal:
        journal.run(run)
        for record in (control(), *records):
            journal.record(record)
            journal.judgement(record.scenario.id, judged(record, with_scenario(control(), build=record.scenario.build)))
        journal.end()
    return folder


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Scenario, Options]]:
    """Let the laboratory say what is planned for it, and keep what it was asked; the target file is the shop's."""
    asked: list[tuple[Scenario, Options]] = []
    monkeypatch.chdir(tmp_path)
    return asked


def laboratory(monkeypatch: pytest.MonkeyPatch, asked: list[tuple[Scenario, Options]], *results: Record) -> Callable[..., Any]:
    """A laboratory that brings these records, one after the other."""
    left = list(results)

    @contextlib.asynccontextmanager
    async def opened(_target: object, _plan: object, options: Options, _tell: object = None) -> AsyncIterator[Any]:
        class Trials:
            count = 0

            async def run(self, scenario: Scenario) -> tuple[Record, Judgement]:
                asked.append((scenario, options))
                self.count += 1
                record = left.pop(0)
                return record, judged(record)

        with JournalWriter(options.out / FILE_NAME) as journal:
            journal.run(RUN)
            yield Trials()
            journal.end()

    monkeypatch.setattr(replaying, "open_trials", opened)
    return opened


def test_the_scenario_that_was_recorded_is_run_with_its_seed_and_clock(
    at_work: list[tuple[Scenario, Options]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laboratory(monkeypatch, at_work, LEFT_BEHIND, LEFT_BEHIND)
    folder = run_of(Path("run"), LEFT_BEHIND)
    assert main(["replay", str(folder), ID, "--times", "2", "--out", "again"]) == 0
    assert [scenario for scenario, _options in at_work] == [LEFT_BEHIND.scenario] * 2
    assert {(options.seed, options.real_time) for _scenario, options in at_work} == {(77, True)}
    assert f"the same verdict in 2 of 2: {ID}, fail" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("again", "code"),
    [
        ((LEFT_BEHIND, client_fault()), 2),
        ((client_fault(), client_fault()), 1),
        # A fail, and for another reason.
        ((with_visit(client_fault(), "new-visitor", outcome="nothing"),) * 2, 1),
    ],
)
def test_another_verdict_is_told_by_the_exit_code(
    again: tuple[Record, ...],
    code: int,
    at_work: list[tuple[Scenario, Options]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    laboratory(monkeypatch, at_work, *again)
    folder = run_of(Path("run"), LEFT_BEHIND)
    assert main(["replay", str(folder), ID, "--times", "2", "--out", "again"]) == code
    assert "not the same" in capsys.readouterr().err


def test_a_repeat_that_could_not_be_judged_is_never_the_same(
    at_work: list[tuple[Scenario, Options]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    not_felt = with_evidence(client_fault(), sightings=())
    laboratory(monkeypatch, at_work, not_felt)
    assert main(["replay", str(run_of(Path("run"), not_felt)), ID, "--out", "again"]) == 2
    said = capsys.readouterr()
    assert "1/1 not judged: unknown (the fault refused was not felt" in said.err
    assert "the same verdict in 0 of 1" in said.out


def test_what_its_owner_waives_still_comes_while_it_is_made_small(
    at_work: list[tuple[Scenario, Options]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waiver = Waiver(finding="business-completes", reason="known", until="2999-12-31")

    @contextlib.asynccontextmanager
    async def opened(*_words: object) -> AsyncIterator[Any]:
        class Trials:
            count = 0

            async def run(self, scenario: Scenario) -> tuple[Record, Judgement]:
                return LEFT_BEHIND, waive(scenario, judged(LEFT_BEHIND), [waiver])

        yield Trials()

    monkeypatch.setattr(replaying, "open_trials", opened)
    monkeypatch.setattr(replay, "_report", lambda out: out)
    assert main(["replay", str(run_of(Path("run"), LEFT_BEHIND)), ID, "--minimise", "--out", "small"]) == 0
    assert "business-completes still" in capsys.readouterr().out


def test_what_is_made_small_keeps_its_client_build_and_its_user_who_waits(
    at_work: list[tuple[Scenario, Options]], monkeypatch: pytest.MonkeyPatch
) -> None:
    laboratory(monkeypatch, at_work, LEFT_BEHIND, LEFT_BEHIND)
    waited = with_scenario(LEFT_BEHIND, build="newer", behaviour=Behaviour(pause_before_show_ms=26_000))
    assert main(["replay", str(run_of(Path("run"), waited)), ID, "--minimise", "--out", "small"]) == 0
    assert {(one.build, one.behaviour.pause_before_show_ms) for one, _options in at_work} == {("newer", 26_000)}
    assert [one.schedule[0].stroke.lasts_ms for one, _options in at_work] == [None, 200]


def test_a_case_that_could_not_be_judged_is_not_called_mended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    case = Case(
        kind="schedule", target="", flow="login", health="outage", input={},
        finding=Failure(rule="recovers", cause="frame refused", expected="e", seen="s"), seed=1, found_unix_s=1,
    )  # fmt: skip
    monkeypatch.setattr(cases, "rerun", lambda *_words, **_more: Rerun(seen=0, of=1, unknown=1, because=("the control fails",)))
    assert main(["replay", str(cases.save(case, tmp_path))]) == 2
    assert "not judged: the control fails" in capsys.readouterr().out


def say(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["replay", *words]) == 3
    said = capsys.readouterr().err.removeprefix("captchaos: ").strip()
    assert "\n" not in said
    return said


NO_JSON = {"text": "{", "structured": True}


@pytest.mark.parametrize(
    ("kind", "said", "sentence"),
    [
        ("ticket", {"tickets": [NO_JSON]}, "its text must be JSON, and '{' is none"),
        (
            "callback",
            {"presses": [{"calls": [{"value": {"$ticket": NO_JSON}, "after_ms": 0}], "throws": False, "finishes": False}]},
            "its text must be JSON, and '{' is none",
        ),
        (
            "schedule",
            {"schedule": {"strokes": [{"link": "frame", "fault": "hang"}, {"link": "configs", "fault": "hang"}]}},
            "the target has no link 'configs'; did you mean 'config'?",
        ),
        (
            "schedule",
            {"schedule": {"strokes": [{"link": "frame", "fault": "latency", "parameters": [["latency", 1]]}]}},
            "the fault 'latency' has no parameter 'latency'; did you mean 'latency_ms'?",
        ),
    ],
)
def test_a_case_that_says_what_cannot_be_is_refused_with_its_file_before_anything_is_started(
    kind: CaseKind, said: dict[str, object], sentence: str, at_work: object, capsys: pytest.CaptureFixture[str]
) -> None:
    case = a_case(kind, said)
    file = cases.save(case, Path("kept"))
    # No Toxiproxy is there: whoever opened a laboratory would say so.
    refused = say(capsys, str(file), "--toxiproxy", "nowhere")
    assert refused.startswith(f"{file}: ")
    assert sentence in refused


# One case of each kind, which can be tried.
TRIED: dict[CaseKind, dict[str, object]] = {
    "ticket": {"tickets": [{"text": "terror_1001_{app}_{now}"}]},
    "answer": {"answer": {"text": "{}", "meaning": "no-verdict"}},
    "callback": {"presses": [{"calls": [], "throws": True, "finishes": False}]},
    "behaviour": {"acts": [{"deed": "reloads", "phase": "before-show", "after_ms": 0}]},
    "schedule": {"schedule": {"strokes": [{"link": "frame", "fault": "refused"}]}},
}
# A rule of each, as docs/fuzz.md and docs/schedules.md have them.
RULES: dict[CaseKind, str] = {
    "ticket": "limits-hold",
    "answer": "verdict-is-a-verdict",
    "callback": "told-what-is",
    "behaviour": "one-effect",
    "schedule": "recovers",
}


def a_case(kind: CaseKind, said: dict[str, object], *, rule: str = "", health: str = "") -> Case:
    own = "outage" if kind == "schedule" else "health"
    return Case(
        kind=kind, target="", flow="login", health=health or own, input=said,
        finding=Failure(rule=rule or RULES[kind], cause="c", expected="e", seen="s"), seed=1, found_unix_s=1,
    )  # fmt: skip


@pytest.mark.parametrize("kind", TRIED)
@pytest.mark.parametrize(
    ("part", "word", "key"),
    [("rule", "{}s", "finding.rule"), ("rule", "fallback-ticket", "finding.rule"), ("health", "{}s", "health")],
)
def test_a_case_whose_rule_or_health_is_not_there_is_no_case_that_is_gone(
    part: str, word: str, key: str, kind: CaseKind, at_work: object, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = a_case(kind, TRIED[kind])
    right = whole.finding.rule if part == "rule" else whole.health
    wrong = word.format(right)
    file = cases.save(a_case(kind, TRIED[kind], **{part: wrong}), Path("kept"))
    # No Toxiproxy is there: whoever opened a laboratory would say so.
    refused = say(capsys, str(file), "--toxiproxy", "nowhere")
    assert refused.startswith(f"{file}: ")
    assert f"has no {part} {wrong!r}" in refused
    assert f"mend `{key}`, or remove the case; " in refused
    assert (f"did you mean {right!r}?" in refused) is (word == "{}s")


@pytest.mark.parametrize("kind", TRIED)
def test_a_case_whose_rule_and_health_are_there_is_tried(
    kind: CaseKind, at_work: object, capsys: pytest.CaptureFixture[str]
) -> None:
    file = cases.save(a_case(kind, TRIED[kind]), Path("kept"))
    assert main(["replay", str(file), "--toxiproxy", "nowhere"]) != 0
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("rnu", ID), "no run with a journal.jsonl is at 'rnu'"),
        (("run", "login-frame-refusd"), f"has no scenario 'login-frame-refusd'; did you mean {ID!r}?"),
        (("run",), f"say which scenario of run is to be run again, such as {ID}"),
        (("run", "control-login"), "is a control: it is run at both ends of every replay"),
        (("run", ID, "--times", "0"), "'0' is not a number of times: use 1 to 1000"),
        (("run", "passes", "--minimise"), "passes is no fail (its verdict is pass): there is nothing to make small"),
        (("run", "forgery", "--minimise"), "(kind forgery) has no faults that could be made fewer or shorter"),
        (("a.case.json", ID), "a case is small and complete"),
        (("b.case.json",), "b.case.json: the case cannot be read"),
    ],
)
def test_bad_words_are_one_sentence(
    words: tuple[str, ...], sentence: str, at_work: object, capsys: pytest.CaptureFixture[str]
) -> None:
    free = forgery(Policy.STEP_UP, attempt("well-formed:1001", effects=1, status=201))
    run_of(Path("run"), LEFT_BEHIND, with_scenario(client_fault(), id="passes"), free)
    assert sentence in say(capsys, *words)
    assert not Path("reports").exists()


def test_a_target_that_is_another_by_now_is_refused(at_work: object, capsys: pytest.CaptureFixture[str]) -> None:
    run_of(Path("run"), LEFT_BEHIND, run=replace(RUN, target="bookshop"))
    said = say(capsys, "run", ID)
    assert "this is the target 'shop', and the run was of 'bookshop': name the run's own with --target" in said


def test_a_flow_that_is_gone_is_refused_with_the_closest_one(at_work: object, capsys: pytest.CaptureFixture[str]) -> None:
    run_of(Path("run"), with_scenario(LEFT_BEHIND, flow="logins"))
    gone = "the flow 'logins' of the recorded scenario is not there any more: put it back, or take the run anew"
    assert f"{gone}; did you mean 'login'?" in say(capsys, "run", ID)


@pytest.mark.parametrize(
    ("changed", "what", "near"),
    [
        ({"link": "fram"}, "link 'fram'", "'frame'"),
        ({"fault": replace(facts_of("refused"), name="refusd")}, "fault 'refusd'", "'refused'"),
        ({"build": "classical"}, "client build 'classical'", "'classic'"),
        ({"provider": "tencent-web"}, "provider 'tencent-web'", "'tencent_web'"),
        ({"kind": "schedule", "schedule": (ON_A_LINK_THAT_IS_GONE,)}, "link 'configs'", "'config'"),
    ],
)
def test_a_part_that_is_gone_is_refused_with_the_closest_one(
    changed: dict[str, object], what: str, near: str, at_work: object, capsys: pytest.CaptureFixture[str]
) -> None:
    run_of(Path("run"), with_scenario(LEFT_BEHIND, **changed))
    gone = f"the {what} of the recorded scenario is not there any more: put it back, or take the run anew"
    said = say(capsys, "run", ID)
    assert said.endswith(f"captchaos.toml: {gone}; did you mean {near}?")
    assert not Path("reports").exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"fault": facts_of("latency"), "parameters": (("latency", 700),)},
            "the fault 'latency' has no parameter 'latency'; did you mean 'latency_ms'?",
        ),
        (
            {"fault": facts_of("latency"), "parameters": (("latency_ms", -1),)},
            "latency_ms of the fault 'latency' must be a whole number from 0, not -1",
        ),
        (
            {"kind": "schedule", "schedule": (WITH_A_PARAMETER_THAT_IS_GONE,)},
            "the fault 'refused' has no parameter 'softly'; it takes none",
        ),
    ],
)
def test_a_parameter_that_a_fault_takes_no_more_is_refused_with_the_closest_one(
    changed: dict[str, object], sentence: str, at_work: object, capsys: pytest.CaptureFixture[str]
) -> None:
    run_of(Path("run"), with_scenario(LEFT_BEHIND, **changed))
    assert say(capsys, "run", ID).endswith(f"the recorded scenario cannot be run any more: {sentence}: take the run anew")
    assert not Path("reports").exists()


@pytest.mark.parametrize(("kind", "key"), [("fault", "browser"), ("forgery", "submit"), ("load", "load")])
def test_a_flow_that_nobody_comes_through_in_that_way_any_more_is_refused(kind: str, key: str) -> None:
    shop = load_target(find_target(None))
    plan = make_plan(shop)
    scenario = next(one for one in plan.scenarios if one.kind == kind and one.flow == "checkout")
    demand_parts(scenario, shop, plan)
    without = replace(shop.flows["checkout"], **{key: "" if key == "browser" else None})  # type: ignore[arg-type]  # by its name
    gone = replace(shop, flows={**shop.flows, "checkout": without})
    with pytest.raises(ConfigurationError, match=f"the key 'flows.checkout.{key}' of the recorded scenario is not there"):
        demand_parts(scenario, gone, make_plan(gone))


def test_a_journal_of_another_schema_is_refused(at_work: object, capsys: pytest.CaptureFixture[str]) -> None:
    journal = run_of(Path("run"), LEFT_BEHIND) / FILE_NAME
    first, *rest = journal.read_text(encoding="utf-8").splitlines()
    head = json.loads(first)
    head["run"]["schema"] = 9
    journal.write_text("\n".join([json.dumps(head), *rest]) + "\n", encoding="utf-8")
    assert main(["replay", "run", ID]) == 4
    assert "the journal has schema 9, this captchaos reads 1: use the version that wrote it" in capsys.readouterr().err
