"""``captchaos fuzz`` as its user meets it: sentences for wrong words, exit codes, and a real bug found, made small and kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import fuzz
from harness.cli.main import main
from harness.errors import ExitCode
from harness.explore.cases import load, rerun
from harness.explore.finding import Discovery, Failure
from harness.explore.kinds import KINDS, Options, Outcome
from harness.explore.tickets import Tickets
from harness.target.loader import load_target
from harness.zoo.materialise import materialised

pytest_plugins = ["pytester"]

FOUND = Discovery(
    failure=Failure(rule="never-5xx", cause="nul", expected="below 500", seen="500\n\x1b[31mlast words"), flow="login",
    health="health", input={}, shown="'\\x00'", seen=3, of=3,
)  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["thickets"], "no kind of search is called 'thickets'; did you mean 'tickets'?"),
        (["--examples", "0"], "'0' is not a number of examples: use 1 or more"),
        (["--seconds", "nan"], "'nan' is not a number of seconds: use more than 0"),
        (["--in", "sickness"], "invalid choice: 'sickness'"),
        (["--flow", "logn"], "the flow 'logn' is not in the target; did you mean 'login'?"),
        (["answers", "--in", "outage"], "has no outages: the provider answers, and wrongly"),
        (["behaviour", "--in", "outage"], "has no outage: what users do is what is searched; leave --in out"),
        (["callbacks", "--in", "outage"], "has no outage: what the page does is what is searched; leave --in out"),
        (["--target", "nowhere.toml"], "there is no target file nowhere.toml"),
    ],
)
def test_wrong_words_are_answered_in_a_sentence(words, said, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["fuzz", *words]) == ExitCode.USAGE
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("discoveries", "whole", "code"),
    [
        ([], True, ExitCode.ALL_PASS),
        ([FOUND], True, ExitCode.SOME_FAIL),
        ([FOUND], False, ExitCode.SOME_FAIL),
        ([replace(FOUND, seen=1)], True, ExitCode.SOME_UNKNOWN),
        ([], False, ExitCode.SOME_UNKNOWN),
    ],
)
def test_the_exit_code_says_whether_something_was_found(discoveries, whole, code):
    assert fuzz.exit_code(Outcome(examples=9, discoveries=discoveries), whole=whole) is code


def test_a_search_that_asked_nothing_says_nothing():
    assert fuzz.exit_code(Outcome(), whole=True) is ExitCode.SOME_UNKNOWN


def test_what_a_target_prints_cannot_drive_the_terminal(monkeypatch, capsys):
    class Finds(Tickets):
        def explore(self, _target: object, options: Options, outcome: Outcome) -> None:
            outcome.count("nul", "5xx")
            outcome.discoveries.append(FOUND)
            options.found(FOUND)

    monkeypatch.setattr(KINDS, "get", lambda _name: Finds())
    assert main(["fuzz"]) == ExitCode.SOME_FAIL
    said = capsys.readouterr()
    assert "\x1b" not in said.out + said.err
    assert "last words" in said.out


def test_a_bug_is_found_by_the_command_itself_within_a_few_examples(tmp_path, capsys):
    with materialised("B5") as folder:
        words = ["--target", str(folder), "--flow", "login", "--in", "health", "--examples", "6", "--seed", "1"]
        assert main(["fuzz", "tickets", *words, "--cases", str(tmp_path)]) == ExitCode.SOME_FAIL
    assert "nothing-for-free at login (health)" in capsys.readouterr().out
    assert list(tmp_path.glob("ticket-login-nothing-for-free-*.case.json"))


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_believed_prefix_is_found_made_small_kept_and_found_again_by_pytest(pytester, capsys):
    with materialised("B5") as folder:
        assert main(["fuzz", "--target", str(folder), "--flow", "login", "--in", "health", "--examples", "60"]) == 1
        assert "terror_1001_{app}_{now}'" in capsys.readouterr().out
        (kept,) = (folder / "captchaos-cases").glob("ticket-login-nothing-for-free-*.case.json")
        ticket = json.loads(kept.read_text())["input"]["tickets"]
        assert [one["text"] for one in ticket] == ["terror_1001_{app}_{now}"]
        assert rerun(load(kept), times=2).seen == 2
        pytester.runpytest_subprocess(str(kept)).assert_outcomes(failed=1)


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("animal", "words", "rule", "sent"),
    [
        ("B3", ["tickets"], "business-completes", "terror_1001_{app}_{now}"),
        ("B4", ["tickets"], "business-completes", "trerror_1001_{app}_{now}"),
        ("B6", ["tickets", "--flow", "register", "--in", "outage"], "nothing-for-free", "{honest}"),
        ("B8", ["tickets", "--flow", "login", "--in", "outage"], "never-5xx", "{honest}"),
    ],
)
def test_a_bug_that_tickets_reach_is_found(animal, words, rule, sent, tmp_path):
    with materialised(animal) as folder:
        assert main(["fuzz", *words, "--target", str(folder), "--seconds", "60", "--cases", str(tmp_path)]) == 1
        written = [json.loads(kept.read_text()) for kept in tmp_path.iterdir()]
    found = {(one["finding"]["rule"], one["input"]["tickets"][0]["text"]) for one in written}
    assert (rule, sent) in found


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_verdict_that_is_read_by_its_text_is_found(tmp_path):
    with materialised("B9") as folder:
        assert main(["fuzz", "answers", "--target", str(folder), "--seconds", "60", "--cases", str(tmp_path)]) == 1
        written = [json.loads(kept.read_text()) for kept in tmp_path.iterdir()]
    assert any("code 8 whose text says OK" in one["input"]["answer"]["words"] for one in written)


@pytest.mark.nightly
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("kind", ["tickets", "answers"])
def test_the_shop_is_clean_for_ten_minutes(kind, tmp_path):
    assert main(["fuzz", kind, "--seconds", "600", "--cases", str(tmp_path)]) == ExitCode.ALL_PASS


def test_every_kind_is_known_by_its_cases():
    kinds = {kind.name: kind.case_kind for kind in KINDS}
    assert kinds["tickets"] == "ticket"
    assert kinds["answers"] == "answer"


def test_the_help_names_every_kind(capsys):
    with pytest.raises(SystemExit):
        main(["fuzz", "--help"])
    told = capsys.readouterr().out
    assert [kind.name for kind in KINDS if kind.name not in told.partition("KIND ")[2].partition("options:")[0]] == []


def test_the_shop_has_flows_to_search():
    assert load_target(Path("fixtures/shop/captchaos.toml")).flows["login"].submit is not None
