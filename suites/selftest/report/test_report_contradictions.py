"""Where the vendor's own documents contradict each other, the report says so, with what is demanded and why."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from harness.catalog import Contradiction
from harness.journal.codec import decode, encode
from harness.journal.model import Judgement, RunInfo, Verdict
from harness.judge import ORACLES
from harness.providers.base import PROVIDERS, contradictions_of
from harness.report.build import build_report
from harness.report.results import results_schema
from suites.selftest.report.samples import evidence, finding, journal_of, record_of, scenario

DOCUMENT = (Path(__file__).parents[3] / "docs" / "oracles.md").read_text(encoding="utf-8")
WEB = contradictions_of(PROVIDERS.get("tencent_web"))
LOUD = Contradiction(
    title="Block, or skip?",
    one="Whatever is not 1 must be <blocked>.",
    one_source="document A",
    other="Skip this verification.",
    other_source="document B",
    demand="A verdict blocks, no verdict degrades.",
    why="Both extremes are wrong.",
    bears_on=("business-completes",),
)
QUIET = replace(LOUD, title="terror_ or trerror_?", bears_on=("fallback-ticket",))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run with one finding, which rests on one of two contradictions."""
    folder = tmp_path_factory.mktemp("run")
    one = scenario("checkout", 2002, "refused")
    judgement = Judgement(verdict=Verdict.FAIL, findings=(finding("business-completes"),), fault_felt=True)
    journal = journal_of([record_of(one, evidence(one, ok=False))])
    build_report(replace(journal, run=replace(journal.run, contradictions=(QUIET, LOUD))), {one.id: judgement}, folder)
    return folder


def test_the_first_page_shows_both_sides_the_demand_and_why_near_the_findings(out: Path) -> None:
    index = (out / "index.html").read_text()
    section = index.partition('<section id="contradictions">')[2].partition("</section>")[0]
    for said in ("Whatever is not 1 must be &lt;blocked&gt;.", "document A", "Skip this verification.", "document B"):
        assert said in section
    assert "A verdict blocks, no verdict degrades." in section
    assert "Both extremes are wrong." in section
    assert index.index("What to mend") < index.index('id="contradictions"') < index.index("Coverage")


def test_the_one_that_a_finding_rests_on_comes_first_and_is_open(out: Path) -> None:
    section = (out / "index.html").read_text().partition('<section id="contradictions">')[2].partition("</section>")[0]
    assert section.index("Block, or skip?") < section.index("terror_ or trerror_?")
    assert section.count("<details") == 2
    assert section.count(" open>") == 1
    assert section.index(" open>") < section.index("Block, or skip?")


def test_a_finding_says_on_which_it_rests(out: Path) -> None:
    for page in (out / "index.html", *(out / "data" / "scenarios").iterdir()):
        card = page.read_text().partition('<article class="card card--blocker">')[2].partition("</article>")[0]
        assert "The vendor&#39;s documents contradict each other on what is demanded here:" in card
        assert "Block, or skip?" in card
        assert "terror_ or trerror_?" not in card
    assert '<a href="../../index.html#contradictions">' in card


def test_the_summary_and_the_results_have_them(out: Path) -> None:
    summary = (out / "summary.md").read_text()
    assert "- Block, or skip? Demanded: A verdict blocks, no verdict degrades. (`business-completes`)" in summary
    assert "trerror" not in summary
    data = json.loads((out / "results.json").read_text())
    jsonschema.validate(data, results_schema())
    assert [(one["title"], one["found"]) for one in data["contradictions"]] == [
        ("Block, or skip?", True), ("terror_ or trerror_?", False),
    ]  # fmt: skip


def test_a_journal_keeps_them_and_one_that_was_written_before_has_none() -> None:
    run = replace(journal_of([]).run, contradictions=WEB)
    data = encode(run, text=str)
    assert isinstance(data, dict)
    assert decode(RunInfo, data) == run
    assert decode(RunInfo, {key: value for key, value in data.items() if key != "contradictions"}).contradictions == ()


def test_tencents_documents_contradict_each_other_on_these() -> None:
    """Transcribed from what is known of them: rule document against recovery scheme, 21, 26, spelling, prefix, underscore."""
    demanded = {one.title: one.demand for one in WEB}
    assert list(demanded) == [
        "A code other than 1: block, or skip?",
        "21 for a fallback ticket: block, skip, or look twice?",
        "26: an outage, or a code like any other?",
        "InternalError or InternalServerError?",
        "terror_ or trerror_?",
        "An underscore before the timestamp, or none?",
    ]
    assert demanded["A code other than 1: block, or skip?"].startswith("A verdict other than 1 blocks")
    assert "No verdict (timeout, Error, 26, an unreadable answer) degrades" in demanded["A code other than 1: block, or skip?"]
    assert contradictions_of(PROVIDERS.get("tencent_mini")) == WEB[:2]
    assert contradictions_of(PROVIDERS.get("huawei")) == ()


@pytest.mark.parametrize("one", WEB, ids=lambda one: one.title)
def test_each_bears_on_oracles_that_exist_and_stands_in_the_documents(one: Contradiction) -> None:
    assert set(one.bears_on) <= set(ORACLES.all())
    row = f"| {one.title} | {one.one} *{one.one_source}* | {one.other} *{one.other_source}* | {one.demand} | {one.why} |"
    assert f"{row} {', '.join(one.bears_on)} |" in DOCUMENT
