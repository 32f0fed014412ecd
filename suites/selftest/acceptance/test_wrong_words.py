"""A wrong word or a broken file is answered with one sentence: what, where, and the closest match; exit code 3."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli.main import main
from suites.selftest.acceptance.command import SCENARIO, SHOP, House, one_sentence

WORDS = [
    ("plan --flow chekout", "flow 'chekout'; did you mean 'checkout'?"),
    ("plan --mode 1017", "mode '1017'; did you mean '10"),
    ("plan --link entyr", "link 'entyr'; did you mean 'entry'?"),
    ("plan --fault refusd", "fault 'refusd'; did you mean 'refused'?"),
    ("run --phase befor-load", "phase 'befor-load'; did you mean 'before-load'?"),
    ("run -k login-1004-frame-refusd-cold", f"'login-1004-frame-refusd-cold'; did you mean '{SCENARIO}'?"),
    ("run --flow login --mode 1004 --fault csp-blocked", "no scenario has them all"),
    ("rnu", "no verb is called 'rnu'; did you mean 'run'?"),
    ("plan --jsno", "`captchaos plan` does not know '--jsno'; did you mean '--json'?"),
    ("run --job 2", "`captchaos run` does not know '--job'; did you mean '--jobs'?"),
    ("run --jobs 0", "'0' is not a number of labs: use 1 or more"),
    ("run --jobs many", "'many' is not a number of labs: use 1 or more"),
    ("run --lang fr", "'fr' (choose from"),
    ("plan --engine webkti", "no engine is called 'webkti'; did you mean 'webkit'?"),
    ("run --engine firefx", "no engine is called 'firefx'; did you mean 'firefox'?"),
    ("run no-such-folder/captchaos.toml", "there is no folder no-such-folder"),
    ("report build 20200101-000000", "no run with a journal.jsonl is at '20200101-000000'"),
    ("report build . --lnag zh", "`captchaos report build` does not know '--lnag'; did you mean '--lang'?"),
]
# A verb's own words, a verb, and what only the plan knows.
AS_IN_A_SHELL = ("run --jobs 0", "rnu", "run -k login-1004-frame-refusd-cold")


@pytest.mark.parametrize(("words", "sentence"), WORDS)
def test_a_wrong_word_gets_one_sentence_and_exit_code_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 3
    said = capsys.readouterr()
    assert sentence in one_sentence(said.err)
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", AS_IN_A_SHELL)
def test_so_it_does_as_a_process_that_leaves_nothing(shared_house: House, words: str) -> None:
    done = shared_house.run(*words.split())
    assert dict(WORDS)[words] in one_sentence(done.stderr)
    assert done.stdout == ""
    assert done.returncode == 3
    assert shared_house.left_behind() == []


def test_a_target_folder_with_a_typo_gets_the_closest_name_beside_it(shared_house: House) -> None:
    done = shared_house.run("plan", SHOP.with_name("shpo"))
    assert "did you mean 'shop'?" in one_sentence(done.stderr)
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("line", "broken", "sentence"),
    [
        ('ready = "/healthz"', "ready = /healthz", "this is not TOML"),
        ('policy = "accept"', 'policy = "acept"', "did you mean 'accept'?"),
        ('start = "{python}', 'strat = "{python}', "start"),
        ('use = "tencent_web"', 'use = "tencent_wbe"', "did you mean 'tencent_web'?"),
    ],
)
def test_a_broken_target_file_is_answered_with_file_line_and_expectation(
    shared_house: House, line: str, broken: str, sentence: str
) -> None:
    text = (SHOP / "captchaos.toml").read_text(encoding="utf-8").replace("flows.py", f"{SHOP}/flows.py")
    file = shared_house.root / "captchaos.toml"
    file.write_text(text.replace(line, broken), encoding="utf-8")
    number = text[: text.index(line)].count("\n") + 1
    done = shared_house.run("plan", file)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert f"captchaos.toml:{number}: " in done.stderr
    assert sentence in done.stderr


def test_a_folder_that_holds_a_run_is_not_written_into(shared_house: House) -> None:
    shared_house.out.mkdir()
    journal = shared_house.out / "journal.jsonl"
    journal.write_text("what somebody wants to keep\n")
    done = shared_house.run("run", "-k", SCENARIO, "--out", shared_house.out)
    assert "holds a run already: choose another --out" in one_sentence(done.stderr)
    assert done.returncode == 3
    assert journal.read_text() == "what somebody wants to keep\n"


def test_an_out_folder_that_cannot_be_made_is_a_sentence(shared_house: House) -> None:
    (shared_house.root / "file").touch()
    done = shared_house.run("run", "-k", SCENARIO, "--out", shared_house.root / "file" / "run")
    assert "the folder cannot be made" in one_sentence(done.stderr)
    assert done.returncode == 3


def test_the_plan_is_json_that_other_programs_read(shared_house: House) -> None:
    done = shared_house.run("plan", "--json", "--flow", "login")
    scenarios = json.loads(done.stdout)
    assert done.returncode == 0
    assert done.stderr == ""
    assert {scenario["flow"] for scenario in scenarios} == {"login"}
    assert SCENARIO in {scenario["id"] for scenario in scenarios}


def test_a_dry_run_lists_and_runs_nothing(house: House) -> None:
    done = house.run("run", "--dry-run", "-k", "login-1004", "--out", house.out, CAPTCHAOS_TOXIPROXY=str(Path("/nowhere")))
    assert done.returncode == 0
    assert SCENARIO in done.stdout
    assert done.stderr == ""
    assert not house.out.exists()
    assert house.left_behind() == []
