"""What the command says of an animal, and of words and files that are wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.cli.zoo import exit_code
from harness.errors import ConfigurationError, ExitCode
from harness.journal.model import Finding, Judgement, Scenario, Severity, Verdict
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target
from harness.zoo.animals import Animal, load_animal, load_animals, load_pairs, names, zoo_folder
from harness.zoo.outcome import Fate, Outcome, outcome_of
from harness.zoo.table import table

ZOO = zoo_folder()
CONTROL_FAILS = {"F2", "F8", "F9", "B11", "B15"}


@pytest.fixture(scope="module")
def f1() -> Animal:
    """The animal whose page does nothing when the entry script is refused, on two flows."""
    return load_animals(ZOO, ["F1"])[0]


@pytest.fixture(scope="module")
def scenarios() -> dict[str, Scenario]:
    """The shop's plan by id."""
    return {one.id: one for one in make_plan(load_target(find_target(None))).scenarios}


LOGIN, CHECKOUT = "login-1001-entry-refused-cold", "checkout-1001-entry-refused-cold"
BOTH = ("fallback-ticket", "business-completes")


# What these two oracles say of F1, whose button is dead: nobody writes a ticket, and nobody gets in.
SAID = {"fallback-ticket": "no ticket at all", "business-completes": "the business not completed"}


def fails(*oracles: str, **instead: str) -> Judgement:
    """A fail by these oracles, in the words of F1's harm; ``business="…"`` has business-completes say something else."""
    said = SAID | {"business-completes": instead.get("business", SAID["business-completes"])}
    found = [
        Finding(oracle=slug, severity=Severity.BLOCKER, expected="", seen=said.get(slug, ""), source="", mend="")
        for slug in oracles
    ]
    return Judgement(verdict=Verdict.FAIL if oracles else Verdict.PASS, findings=tuple(found))


UNKNOWN = Judgement(verdict=Verdict.UNKNOWN, unknown_because="the fault was not felt")


@pytest.mark.parametrize(
    ("login", "checkout", "fate"),
    [
        (fails(*BOTH), fails(*BOTH), Fate.EXPECTED),
        (fails(*BOTH, "ux"), fails(*BOTH), Fate.EXPECTED),
        (fails(*BOTH), fails("fallback-ticket"), Fate.ANOTHER),
        (fails(*BOTH), fails(*BOTH, business="the business refused"), Fate.ANOTHER),
        (fails("page-usable"), fails(), Fate.ANOTHER),
        (fails(*BOTH, "recovers"), fails(*BOTH), Fate.ANOTHER),
        (fails(), fails(), Fate.SURVIVED),
        (fails(*BOTH), UNKNOWN, Fate.UNKNOWN),
        (UNKNOWN, UNKNOWN, Fate.UNKNOWN),
    ],
)
def test_an_animal_ends_as_its_file_and_the_judge_say(
    f1: Animal, scenarios: dict[str, Scenario], login: Judgement, checkout: Judgement, fate: Fate
) -> None:
    chosen = [scenarios[LOGIN], scenarios[CHECKOUT]]
    assert outcome_of(f1, chosen, {LOGIN: login, CHECKOUT: checkout}, whole=False, seconds=1.0).fate is fate


def test_over_the_whole_plan_a_finding_need_not_come_everywhere(f1: Animal, scenarios: dict[str, Scenario]) -> None:
    judged = {LOGIN: fails(*BOTH), CHECKOUT: fails()}
    assert outcome_of(f1, [scenarios[LOGIN], scenarios[CHECKOUT]], judged, whole=True, seconds=1.0).fate is Fate.EXPECTED


def test_the_table_says_what_was_missed_and_why_it_must_come(f1: Animal, scenarios: dict[str, Scenario]) -> None:
    judged = {LOGIN: fails("fallback-ticket"), CHECKOUT: fails("fallback-ticket")}
    lines = table([outcome_of(f1, [scenarios[LOGIN], scenarios[CHECKOUT]], judged, whole=False, seconds=61.0)])
    assert lines[:2] == [" 1 business-completes", " 2 fallback-ticket"]
    assert re.sub(" +", " ", lines[4]) == "F1 ○ ● killed by another 61.0 s"
    assert any(line.startswith(f"F1: business-completes found nothing in {LOGIN}: ") for line in lines)


def test_the_table_says_what_an_oracle_saw_that_spoke_for_another_reason(f1: Animal, scenarios: dict[str, Scenario]) -> None:
    """The shop that does not start fails the same oracle, and shows nothing of the bug."""
    judged = {LOGIN: fails(*BOTH, business="the business refused"), CHECKOUT: fails(*BOTH)}
    outcome = outcome_of(f1, [scenarios[LOGIN], scenarios[CHECKOUT]], judged, whole=False, seconds=1.0)
    said = f"F1: business-completes saw 'the business refused' in {LOGIN}, and never /the business not completed/: "
    assert any(line.startswith(said) for line in table([outcome]))
    (told,) = [one for one in outcome.as_json()["expected"] if one["oracle"] == "business-completes"]
    assert (told["seen"], told["found"], told["missed"]) == ("the business not completed", (CHECKOUT,), (LOGIN,))


def ended(fate: Fate, animal: Animal) -> Outcome:
    return Outcome(animal=animal, fate=fate, heard={}, unknown={})


@pytest.mark.parametrize(
    ("fates", "whole", "code"),
    [
        ([Fate.EXPECTED, Fate.EXPECTED], True, 0),
        ([Fate.EXPECTED, Fate.SURVIVED], True, 1),
        ([Fate.ANOTHER, Fate.UNKNOWN], True, 1),
        ([Fate.EXPECTED, Fate.UNKNOWN], True, 2),
        ([Fate.EXPECTED], False, 2),
        ([], False, 2),
    ],
)
def test_the_exit_code_is_that_of_the_worst_fate(f1: Animal, fates: list[Fate], whole: bool, code: int) -> None:
    assert exit_code([ended(fate, f1) for fate in fates], whole=whole) == code


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["F11"], "the zoo has no animal 'F11'; did you mean 'F1'?"),
        (["--pairs", "F1_B11"], "no pair is called or has 'F1_B11'; did you mean 'F1_B1"),
        (["--pairs", "F2"], "no pair is called or has 'F2'"),
        (["F1", "--jobs", "0"], "'0' is not a number of labs"),
        (["F1", "--hole"], "`captchaos zoo` does not know '--hole'; did you mean '--whole'?"),
    ],
)
def test_a_wrong_word_is_answered_with_the_closest_match(
    capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert main(["zoo", *words]) == ExitCode.USAGE
    assert says in capsys.readouterr().err


def test_a_folder_that_holds_a_run_of_the_zoo_is_never_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "zoo.json").write_text("{}", encoding="utf-8")
    assert main(["zoo", "F1", "--out", str(tmp_path)]) == ExitCode.USAGE
    assert "holds a run of the zoo already: choose another --out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("--link entry", "--lnk entry"), "'--lnk' is no word that chooses scenarios; did you mean"),
        (lambda text: text.replace('bug = "F1"', 'bug = "F2"'), "bug is 'F2', but the folder is called 'F1'"),
        (lambda text: text.replace('"fallback-ticket"', '"fallback-tickets"'), "no oracle is called 'fallback-tickets'"),
        (lambda text: re.sub("harm = .*", "", text), "harm must be said"),
        (lambda text: text.replace("no ticket", "no (ticket"), "seen is 'seen no (ticket at all', which is no regular expres"),
        (lambda text: text + "[", "this is not TOML"),
    ],
)
def test_a_mistake_in_an_animals_file_is_one_sentence(tmp_path: Path, change: Callable[[str], str], says: str) -> None:
    folder = tmp_path / "F1"
    shutil.copytree(ZOO / "F1", folder)
    file = folder / "expected.toml"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_animal(folder)
    assert says in str(refused.value)
    assert "expected.toml" in str(refused.value)


def test_the_readme_of_the_zoo_lists_every_animal_with_its_title() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \|", (ZOO / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted((animal.name, animal.title) for animal in load_animals(ZOO))


def test_twenty_pairs_are_known_and_each_demands_the_findings_of_both() -> None:
    pairs = load_pairs(ZOO)
    assert len(pairs) == 20
    for pair in pairs:
        assert {*pair.bugs}.isdisjoint(CONTROL_FAILS)
        wanted = {finding for animal in load_animals(ZOO, pair.bugs) for finding in animal.findings}
        assert {*pair.findings} == wanted


def test_animals_are_in_the_order_of_their_classes() -> None:
    known = names(ZOO)
    assert [name for name in known if re.fullmatch(r"F\d+|B\d+", name)] == sorted(
        (name for name in known if re.fullmatch(r"F\d+|B\d+", name)), key=lambda name: (name[0] == "B", int(name[1:]))
    )
