"""A case file keeps one failure: it is read back as it was, and what is no case of this version is refused in a sentence."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from harness.errors import ConfigurationError
from harness.explore.cases import Case, folder_of, load, rerun, save, target_words
from harness.explore.finding import Failure
from harness.target.loader import find_target

FAILURE = Failure(rule="never-5xx", cause="nul", expected="an answer below 500", seen="the target answered 500")
CASE = Case(
    kind="ticket", target="../captchaos.toml", flow="login", health="refused", input={"tickets": [{"text": "\0١"}]},
    finding=FAILURE, seed=7, found_unix_s=1_700_000_000,
)  # fmt: skip


def test_a_case_is_read_back_as_it_was_written(tmp_path):
    path = save(CASE, tmp_path / "captchaos-cases")
    assert load(path) == CASE
    assert path.name.startswith("ticket-login-never-5xx-nul-")
    assert path.name.endswith(".case.json")


def test_the_same_failure_has_one_file_for_ever_and_another_input_its_own(tmp_path):
    first = save(CASE, tmp_path)
    assert save(replace(CASE, seed=8, found_unix_s=1_800_000_000), tmp_path) == first
    assert save(replace(CASE, input={"tickets": []}), tmp_path) != first


def test_of_what_a_dead_target_printed_a_file_keeps_one_line(tmp_path):
    died = "the target died in mid-run (exit status 3). Its last output:\n\x1b]0;owned\x07" + "line\n" * 800
    kept = load(save(replace(CASE, finding=replace(FAILURE, rule="stays-alive", seen=died)), tmp_path)).finding.seen
    assert kept.startswith("the target died in mid-run (exit status 3).")
    assert "\n" not in kept
    assert "\x1b" not in kept
    assert len(kept) < 250


def test_hostile_labels_do_not_leave_the_folder(tmp_path):
    path = save(replace(CASE, finding=replace(FAILURE, cause="../../etc/passwd\n")), tmp_path)
    assert path.parent == tmp_path


def test_a_case_of_another_version_is_refused_with_what_to_do(tmp_path):
    path = save(CASE, tmp_path)
    path.write_text(path.read_text().replace('"captchaos_case": 1', '"captchaos_case": 2'))
    with pytest.raises(ConfigurationError, match="a case of version 2, and this captchaos reads version 1: use the captchaos"):
        load(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "it has no key captchaos_case"),
        ('{"captchaos_case": true}', "a case of version True"),
        ('{"captchaos_case": 1}', "kind must be a text"),
    ],
)
def test_what_is_no_case_is_refused_in_a_sentence(tmp_path, text, said):
    path = tmp_path / "x.case.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=said):
        load(path)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("kind", "thicket", "kind must be one of ticket, answer"),
        ("input", [], "input must be an object"),
        ("finding", {"rule": "x"}, "finding must be an object with the texts"),
        ("seed", "7", "seed must be a whole number"),
    ],
)
def test_each_part_is_checked(tmp_path, key, value, said):
    path = save(CASE, tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    with pytest.raises(ConfigurationError, match=said):
        load(path)


def test_a_case_whose_target_is_gone_says_so(tmp_path):
    case = load(save(CASE, tmp_path / "captchaos-cases"))
    with pytest.raises(ConfigurationError, match="mend `target`, or remove the case"):
        rerun(case)


def test_a_case_whose_flow_is_gone_says_so(tmp_path):
    with pytest.raises(ConfigurationError, match="has no flow 'wire-transfer' any more"):
        rerun(replace(CASE, target="", flow="wire-transfer"))


def test_cases_lie_beside_the_target_and_name_it_from_there(tmp_path):
    file = tmp_path / "captchaos.toml"
    file.touch()
    assert folder_of(file) == tmp_path / "captchaos-cases"
    assert target_words(file, folder_of(file)) == "../captchaos.toml"
    assert target_words(find_target(None), tmp_path) == ""
