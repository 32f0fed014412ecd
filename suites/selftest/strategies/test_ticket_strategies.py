"""The public strategies of tickets: what they draw is what they say, and the smallest example of each is readable."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from harness import strategies
from harness.catalog.recipes import DAY_S, SPELLINGS, Recipe
from harness.errors import UsageError
from harness.strategies import BUGS
from harness.tickets import TicketKind, read

APP, NOW = "199999164", 1_700_000_000
# The vendor's standard format and the client's fifth part (domain/tencent-client.md 3.2), written down by itself.
STANDARD = re.compile(r"tr?error_[0-9]{4}_199999164_1700000000(_[0-9a-f]{1,40})?", re.ASCII)
# The list of the issue, in its words, and the labels that stand for each.
ASKED_FOR = {
    "no underscore before the time": {"no-underscore-before-time"},
    "empty app id": {"empty-app-id"},
    "code missing": {"code-missing"},
    "four and five parts": {"four-parts", "five-parts", "fifth-part-empty"},
    "milliseconds for seconds": {"milliseconds-for-seconds"},
    "negative and huge numbers": {"negative-number", "huge-number"},
    "Unicode digits": {"digits-of-another-script", "full-width-digits"},
    "full-width underscores": {"full-width-underscores"},
    "homoglyphs": {"homoglyphs"},
    "case": {"upper-case", "first-letter-large"},
    "percent and HTML encodings": {"percent-encoded", "percent-encoded-twice", "underscores-as-html", "escaped-as-html"},
    "NUL": {"nul"},
    "newlines": {"newline-at-an-end", "several-lines"},
    "10 kB tails": {"ten-kilobytes-behind"},
    "JSON instead of text": {"json-text", "object-for-a-text"},
    "arrays": {"array-for-a-text"},
    "prefix alone": {"prefix-alone"},
}
# What each looks like at its simplest, written by hand.
SIMPLEST = {
    "no-underscore-before-time": "terror_1001_1999991641700000000",
    "empty-app-id": "terror_1001__1700000000",
    "code-missing": "terror_199999164_1700000000",
    "milliseconds-for-seconds": "terror_1001_199999164_1700000000000",
    "negative-number": "terror_-1001_199999164_1700000000",
    "digits-of-another-script": "terror_١٠٠١_١٩٩٩٩٩١٦٤_١٧٠٠٠٠٠٠٠٠",
    "full-width-underscores": "terror＿1001＿199999164＿1700000000",
    "homoglyphs": "tеrrоr_1001_199999164_1700000000",
    "upper-case": "TERROR_1001_199999164_1700000000",
    "underscores-percent-encoded": "terror%5F1001%5F199999164%5F1700000000",
    "underscores-as-html": "terror&#95;1001&#95;199999164&#95;1700000000",
    "escaped-as-html": "&quot;terror_1001_199999164_1700000000&quot;",
    "newline-at-an-end": "terror_1001_199999164_1700000000\n",
    "ten-kilobytes-behind": "terror_1001_199999164_1700000000_" + "A" * 10_240,
    "object-for-a-text": {"ticket": "terror_1001_199999164_1700000000"},
    "array-for-a-text": ["terror_1001_199999164_1700000000"],
    "prefix-alone": "terror_",
}


@given(strategies.fallback_tickets(app_id=APP, now_s=NOW))
def test_a_fallback_ticket_is_one_in_the_vendors_standard_format(ticket: str) -> None:
    assert STANDARD.fullmatch(ticket)


@given(strategies.fallback_tickets())
def test_a_fallback_ticket_of_any_vendors_app_is_one_of_this_moment(ticket: str) -> None:
    taken_apart = read(ticket).ticket
    assert taken_apart is not None
    assert abs(taken_apart.timestamp_s - time.time()) < 5


def test_every_documented_code_is_drawn_under_both_prefixes() -> None:
    drawn = set()

    @settings(max_examples=800, derandomize=True, database=None)
    @given(strategies.fallback_tickets(app_id=APP, now_s=NOW))
    def draw(ticket: str) -> None:
        drawn.add(tuple(ticket.split("_")[:2]))

    draw()
    codes = [*range(1001, 1015), *range(2001, 2007)]
    assert drawn == {(prefix, str(code)) for code in codes for prefix in ("terror", "trerror")}


def test_the_smallest_fallback_ticket_is_the_one_of_the_documents() -> None:
    assert find(strategies.fallback_tickets(app_id=APP, now_s=NOW), bool) == f"terror_1001_{APP}_{NOW}"
    other = find(strategies.fallback_tickets(app_id=APP, now_s=NOW), lambda ticket: ticket.startswith("trerror_1006"))
    assert other == f"trerror_1006_{APP}_{NOW}"


def test_the_smallest_near_miss_is_that_of_the_commonest_bug() -> None:
    found = find(strategies.near_misses(app_id=APP, now_s=NOW), lambda _near: True)
    assert (found.label, found.value) == ("no-underscore-before-time", f"terror_1001_{APP}{NOW}")


def test_every_near_miss_that_was_asked_for_is_there() -> None:
    labels = {bug.label for bug in BUGS}
    assert set().union(*ASKED_FOR.values()) <= labels
    assert len(labels) == len(BUGS)


@pytest.mark.parametrize("label", SIMPLEST)
def test_the_simplest_example_of_a_near_miss_is_what_its_bug_makes(label: str) -> None:
    found = find(strategies.near_misses(app_id=APP, now_s=NOW, labels=[label]), lambda _near: True)
    assert (found.label, found.value, bool(found.bug)) == (label, SIMPLEST[label], True)
    assert len(repr(found)) < 500


@given(strategies.near_misses(app_id=APP, now_s=NOW))
def test_no_near_miss_is_a_well_formed_ticket_for_a_careful_reader(near: strategies.NearMiss) -> None:
    text = near.value if isinstance(near.value, str) else ""
    assert not STANDARD.fullmatch(text)
    assert read(near.value).kind is not TicketKind.FALLBACK


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.label)
def test_who_trims_makes_a_well_formed_ticket_of_those_alone_that_say_so(bug: strategies.Bug) -> None:
    every = {shape.replace("PREFIX", "terror").replace("CODE", "1001") for shape in bug.shapes}
    written = [Recipe(text=text, spelling=bug.spelling).write(app_id=APP, now_s=NOW) for text in every]
    well_formed = [STANDARD.fullmatch(text.strip("\0\ufeff \t\r\n\u3000")) is not None for text in written]
    assert well_formed == [bug.trimmed] * len(every)


@given(strategies.near_misses(app_id=APP, labels=["nul", "empty-app-id"]))
def test_only_the_bugs_that_are_named_are_drawn(near: strategies.NearMiss) -> None:
    assert near.label in {"nul", "empty-app-id"}


@given(strategies.worthless_recipes())
def test_what_is_worthless_says_why_and_is_no_honest_users_ticket(recipe: Recipe) -> None:
    assert recipe.label
    ticket = read(recipe.value(app_id=APP, now_s=NOW)).ticket
    if ticket is not None and ticket.suffix is None:
        assert (ticket.app_id, ticket.timestamp_s) != (APP, NOW) or not 1001 <= ticket.code <= 1014


def test_nothing_worthless_is_a_good_ticket_for_who_trims_it() -> None:
    drawn = set()

    @settings(max_examples=1000, derandomize=True, database=None)
    @given(strategies.worthless_recipes())
    def draw(recipe: Recipe) -> None:
        drawn.add(recipe.label)

    draw()
    assert len(drawn) > 30
    assert not drawn & {bug.label for bug in BUGS if bug.trimmed}


def test_what_is_worthless_can_be_each_kind_of_it() -> None:
    seen = {"stale", "of-tomorrow", "of-another-app", "guessed-signature", "any-text", "long-text", "empty", "homoglyphs"}
    for label in seen:
        # Some come once in a thousand times.
        often = settings(max_examples=50_000, database=None)
        found = find(strategies.worthless_recipes(), lambda recipe, label=label: recipe.label == label, settings=often)
        assert found.label == label


def test_the_blanks_of_a_recipe_are_filled_with_the_moment_and_the_app() -> None:
    text = "{app} {foreign} {now} {ms} {old} {later} {other}"
    assert Recipe(text=text).write(app_id="77", now_s=100_000) == "77 71 100000 100000000 13600 186400 {other}"
    assert DAY_S == 24 * 60 * 60


@given(strategies.worthless_recipes(), st.sampled_from(sorted(SPELLINGS)))
def test_a_recipe_kept_as_json_is_the_same_recipe(recipe: Recipe, spelling: str) -> None:
    # Most spellings leave no JSON of a structured text.
    spelt = recipe.spelling if recipe.structured else spelling
    kept = Recipe(text=recipe.text, label=recipe.label, spelling=spelt, structured=recipe.structured)
    assert Recipe.from_json(kept.as_json()) == kept


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (None, "a ticket's recipe is an object such as"),
        ({"label": "x"}, "a ticket's recipe is an object such as"),
        ({"text": "t", "spelling": "percents"}, "no spelling of a ticket is called 'percents'; did you mean 'percent'?"),
        ({"text": "t", "structured": 1}, "structured is true or false"),
        ({"text": "{", "structured": True}, "structured, so its text must be JSON, and '{' is none"),
        ({"text": "[" * 100_000, "structured": True}, "structured, so its text must be JSON"),
        ({"text": "9" * 5000, "structured": True}, "structured, so its text must be JSON"),
        # JSON or not by what the app's id is: one with letters in it would stand there without quotes.
        ({"text": "{app}", "structured": True}, "structured, so its text must be JSON"),
        ({"text": "[0{now}]", "structured": True}, "structured, so its text must be JSON"),
        ({"text": '["a"]', "spelling": "percent", "structured": True}, "structured, so its text must be JSON"),
    ],
)
def test_what_is_no_recipe_is_refused_with_a_sentence(said: object, sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        Recipe.from_json(said)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"app_id": ""}, "app_id is ''"),
        ({"app_id": 199999164}, "app_id is 199999164, which no well-formed ticket carries: give the id as a text"),
        ({"app_id": "a_b"}, "app_id is 'a_b'"),
        ({"app_id": APP, "codes": [1001, -1]}, "codes has -1"),
        ({"app_id": APP, "codes": []}, "name at least one code"),
        ({"app_id": APP, "prefixes": ["trerorr"]}, "no ticket prefix is called 'trerorr'; did you mean 'trerror'?"),
    ],
)
def test_a_wish_that_no_ticket_fulfils_is_refused_with_a_sentence(asked: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=re.escape(sentence)):
        strategies.fallback_tickets(**asked)  # type: ignore[arg-type]


def test_a_near_miss_that_nobody_knows_is_refused_with_the_closest() -> None:
    with pytest.raises(UsageError, match="no near-miss is called 'homoglyph'; did you mean 'homoglyphs'"):
        strategies.near_misses(app_id=APP, labels=["homoglyph"])


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process where Hypothesis is not installed."""
    hidden = f"import sys; sys.modules['hypothesis'] = None\n{code}"
    return subprocess.run([sys.executable, "-c", hidden], capture_output=True, text=True, timeout=60, check=False)


def test_without_hypothesis_one_sentence_names_the_extra_and_the_rest_of_captchaos_is_there() -> None:
    missing = run("from harness import strategies")
    sentence = "harness.strategies needs Hypothesis, which is not installed: pip install 'captchaos[fuzz]'"
    assert missing.stderr.splitlines()[-1] == f"ModuleNotFoundError: {sentence}"
    rest = run("import harness, harness.plugin, harness.catalog.recipes, harness.cli.main")
    assert (rest.returncode, rest.stderr) == (0, "")
