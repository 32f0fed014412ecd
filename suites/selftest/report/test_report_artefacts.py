"""Every artefact of a run: whole, valid, and safe whatever the target said."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import jsonschema
import pytest

from harness.errors import LaboratoryError, UsageError
from harness.journal.model import Judgement, Verdict
from harness.journal.reader import read_journal
from harness.journal.secrets import Masker
from harness.journal.writer import JournalWriter
from harness.report.build import build_report
from harness.report.results import results_schema
from harness.report.text import duration, one_line, visible
from suites.selftest.report.samples import (
    HOSTILE,
    evidence,
    finding,
    hostile,
    journal_of,
    realistic,
    record_of,
    run_info,
    scenario,
)

# DESIGN.md, "The command"
FIELDS = {"id", "provider", "flow", "link", "fault", "phase", "warmth", "expected_code", "tickets", "error_code", "verdict"}
FIELDS |= {"findings", "fallback_ms", "business_ms", "recovery_ms", "real_ms", "requests_at_origin", "fault_felt"}


@pytest.fixture(scope="module")
def shop_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    build_report(*realistic(), out)
    return out


@pytest.fixture(scope="module")
def hostile_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hostile")
    build_report(*hostile(), out)
    return out


@pytest.fixture(params=["shop_run", "hostile_run"])
def any_run(request: pytest.FixtureRequest) -> Path:
    out: Path = request.getfixturevalue(request.param)
    return out


def results(out: Path) -> dict[str, object]:
    data: dict[str, object] = json.loads((out / "results.json").read_text())
    return data


def test_results_are_valid_against_the_shipped_schema(any_run: Path) -> None:
    validator = jsonschema.Draft202012Validator(results_schema())
    validator.check_schema(results_schema())
    validator.validate(results(any_run))


def test_the_schema_refuses_what_it_does_not_know(shop_run: Path) -> None:
    data = results(shop_run) | {"surprise": 1}
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        jsonschema.validate(data, results_schema())


def test_each_scenario_has_every_field_of_the_design(shop_run: Path) -> None:
    scenarios = results(shop_run)["scenarios"]
    assert isinstance(scenarios, list)
    assert all(set(one) >= FIELDS for one in scenarios)
    (one,) = [one for one in scenarios if one["id"] == "login-1006-config-hang"]
    assert (one["expected_code"], one["error_code"], one["verdict"], one["fault_felt"]) == (1006, 1006, "pass", True)
    assert (one["fallback_ms"], one["recovery_ms"]) == (19_780.0, 1430.0)
    assert one["requests_at_origin"] == {"entry": 2, "config": 3, "submit": 2, "verdict": 1}
    assert one["command"] == "captchaos run -k login-1006-config-hang"


def test_the_counts_are_those_of_the_sample(shop_run: Path) -> None:
    data = results(shop_run)
    assert data["counts"] == {"pass": 140, "fail": 2, "unknown": 2, "waived": 0, "not_run": 0}
    assert data["verdict"] == "fail"


def test_junit_counts_fail_as_failure_and_unknown_as_error(shop_run: Path) -> None:
    root = ET.parse(shop_run / "junit.xml").getroot()  # noqa: S314 - our own file
    suite = root.find("testsuite")
    assert suite is not None
    assert {key: suite.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "146", "failures": "2", "errors": "2", "skipped": "0",
    }  # fmt: skip
    assert len(root.findall(".//failure")) == 2
    assert len(root.findall(".//error")) == 2
    assert root.findall(".//skipped") == []
    case = root.find(".//testcase[@name='login-1006-config-hang']")
    assert case is not None
    assert case.get("time") == "3.400"


def test_junit_holds_against_control_characters(hostile_run: Path) -> None:
    root = ET.parse(hostile_run / "junit.xml").getroot()  # noqa: S314 - our own file
    assert len(root.findall(".//testcase")) == 3
    assert "⟦U+0000⟧" in "".join(root.itertext())


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def pages(out: Path) -> list[Path]:
    return [out / "index.html", *sorted((out / "data" / "scenarios").glob("*.html"))]


def test_no_markup_of_the_target_becomes_an_element(hostile_run: Path) -> None:
    for page in pages(hostile_run):
        parser = Tags()
        parser.feed(page.read_text())
        tags = [tag for tag, _ in parser.found]
        assert "img" not in tags, page
        assert tags.count("script") == (page.name == "index.html")
        assert not [attrs for _, attrs in parser.found if any(name.startswith("on") for name in attrs)]


def test_hidden_characters_are_named_in_every_artefact(hostile_run: Path) -> None:
    # The pages on how to mend are the package's own, and hold nothing of a run.
    files = [path for path in hostile_run.rglob("*") if path.is_file() and path.parent.name != "mend"]
    assert len(files) == 7
    for path in files:
        text = path.read_bytes().decode("utf-8")
        assert not re.search("[\u202e\u2066\x00\x1b]", text), path
        assert "⟦U+202E⟧" in text, path


def test_a_page_shows_whom_the_provider_was_told_of_and_what_got_out_by_name(hostile_run: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (hostile_run / "data" / "scenarios").glob("*.html")]
    told = [page for page in pages if "198.51.100.17" in page]
    assert told
    for page in told:
        assert "Secrets, seen where they must not be" in page
        assert "session cookie" in page
        assert "GET /next" in page


def test_no_page_reaches_for_anything_outside(any_run: Path) -> None:
    for page in pages(any_run):
        parser = Tags()
        parser.feed(page.read_text())
        links = [value or "" for _, attrs in parser.found for name, value in attrs.items() if name in ("href", "src", "action")]
        outside = [link for link in links if re.match(r"[a-z]+:|//", link)]
        assert outside == []
        assert "@import" not in page.read_text()
        assert not re.search(r"url\((?!&#34;#hatch|\"#hatch)", re.sub(r"<body>.*", "", page.read_text(), flags=re.DOTALL))


def test_every_link_of_the_index_leads_to_a_page(any_run: Path) -> None:
    parser = Tags()
    parser.feed((any_run / "index.html").read_text())
    links = [attrs["href"] or "" for tag, attrs in parser.found if tag == "a"]
    assert links
    assert all((any_run / link).is_file() for link in links)


def test_the_summary_keeps_hostile_text_inside_code_spans(hostile_run: Path) -> None:
    text = (hostile_run / "summary.md").read_text()
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"(?<!\\)\]\(", outside)
    assert not re.search(r"(?<!\\)<", outside)


def test_a_megabyte_of_text_is_cut_and_said(tmp_path: Path) -> None:
    build_report(*hostile(text="<b>登" * 250_000), tmp_path)
    sizes = {path.name: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    assert max(sizes.values()) < 600_000, sizes
    assert "1,000,0" in (tmp_path / "summary.md").read_text()


SECRET = "wJalr/XUtnFEMI+K7MDENG&bPx"


def test_a_secret_is_in_no_artefact_in_any_form(tmp_path: Path) -> None:
    one = scenario("login", 1004, "refused")
    forms = [SECRET, quote(SECRET, safe=""), base64.b64encode(f"id:{SECRET}".encode()).decode(), SECRET.replace("&", "&amp;")]
    text = " ".join(forms)
    path = tmp_path / "journal.jsonl"
    with JournalWriter(path, masker=Masker([SECRET])) as writer:
        writer.run(run_info(1))
        writer.record(record_of(one, evidence(one, text=text)))
        writer.judgement(one.id, Judgement(verdict=Verdict.FAIL, findings=(finding(text=text),)))
        writer.end()
    journal = read_journal(path)
    build_report(journal, journal.judgements, tmp_path)
    everything = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert "•••".encode() in everything
    for form in (SECRET, quote(SECRET, safe=""), SECRET.replace("&", "&amp;"), base64.b64encode(SECRET.encode()).decode()[:20]):
        assert form.encode() not in everything
    assert forms[2].encode() not in everything


def test_a_scenario_without_a_judgement_is_unknown_never_a_pass(tmp_path: Path) -> None:
    one = scenario("login", 1004, "refused")
    build_report(journal_of([record_of(one, evidence(one))], ended=False, planned=9), {}, tmp_path)
    data = results(tmp_path)
    assert data["counts"] == {"pass": 0, "fail": 0, "unknown": 1, "waived": 0, "not_run": 8}
    assert data["verdict"] == "unknown"
    assert "8 planned scenarios were not run" in (tmp_path / "index.html").read_text()


def test_passing_scenarios_of_a_cut_run_make_no_passing_run(tmp_path: Path) -> None:
    one = scenario("login", 1004, "refused")
    good = {one.id: Judgement(verdict=Verdict.PASS, fault_felt=True)}
    build_report(journal_of([record_of(one, evidence(one))], planned=2), good, tmp_path)
    assert results(tmp_path)["verdict"] == "unknown"
    assert "All 1" not in (tmp_path / "index.html").read_text()


def test_an_empty_run_passes_nothing(tmp_path: Path) -> None:
    build_report(journal_of([]), {}, tmp_path)
    assert results(tmp_path)["verdict"] == "unknown"
    assert "No scenario was run" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(
    ("struck", "in_order"),
    [
        ([(2002, "refused")], ("connection refused", "2002", "Back end: degrade.", "Front end: say so.")),
        ([(2002, "refused"), (1004, "refused")], ("connection refused", "Front end: say so.", "Back end: degrade.")),
    ],
)
def test_what_to_mend_begins_with_what_was_broken_and_with_the_side_that_it_is_about(
    tmp_path: Path, struck: list[tuple[int, str]], in_order: tuple[str, ...]
) -> None:
    """Where only links of the server's were broken, nobody has to read first what a page should do."""
    failed = Judgement(
        verdict=Verdict.FAIL, findings=(replace(finding(), mend="Front end: say so. Back end: degrade."),), fault_felt=True
    )
    scenarios = [scenario("login", mode, fault, link="verdict" if mode == 2002 else "") for mode, fault in struck]
    journal = journal_of([record_of(one, evidence(one)) for one in scenarios])
    build_report(journal, {one.id: failed for one in scenarios}, tmp_path)
    card = (tmp_path / "index.html").read_text(encoding="utf-8").partition('<article class="card')[2].partition("</article>")[0]
    places = [card.find(words) for words in in_order]
    assert -1 not in places
    assert places == sorted(places)


def test_twins_count_once_and_unfelt_faults_do_not_count(tmp_path: Path) -> None:
    twins = [scenario("login", 1004, "refused"), scenario("checkout", 1004, "hang"), scenario("login", 1006, "refused")]
    felt = {one.id: Judgement(verdict=Verdict.PASS, fault_felt=one.mode == 1004) for one in twins}
    build_report(journal_of([record_of(one, evidence(one)) for one in twins]), felt, tmp_path)
    coverage = results(tmp_path)["coverage"]
    assert coverage == {
        "cells_felt": 1, "cells_tried": 2, "modes_documented": 20, "modes_exercised": [1004], "modes_survived": [1004],
    }  # fmt: skip


def test_the_last_attempt_of_a_repeated_scenario_counts(tmp_path: Path) -> None:
    one = scenario("login", 1004, "refused")
    records = [record_of(one, evidence(one, ok=False)), record_of(one, evidence(one), attempt=2)]
    build_report(journal_of(records), {one.id: Judgement(verdict=Verdict.PASS, fault_felt=True)}, tmp_path)
    (seen,) = results(tmp_path)["scenarios"]  # type: ignore[misc]
    assert (seen["attempt"], seen["outcome"]) == (2, "unverified")
    (page,) = (tmp_path / "data" / "scenarios").glob("*.html")
    assert "Earlier attempts" in page.read_text()


def test_scenarios_whose_ids_differ_in_case_or_signs_keep_their_own_pages(tmp_path: Path) -> None:
    ones = [scenario("login", 1004, "refused", text=tail) for tail in ("/a", "?a", "/A")]
    build_report(journal_of([record_of(one, evidence(one)) for one in ones]), {}, tmp_path)
    assert len({path.name.lower() for path in (tmp_path / "data" / "scenarios").iterdir()}) == 3


@pytest.mark.parametrize(
    "named", ["data/../../secret.png", "/etc/hostname", "secret.png", "data/none.png", "data", ".", "data/" + "x" * 5000]
)
def test_a_picture_outside_the_data_folder_is_never_shown(tmp_path: Path, named: str) -> None:
    one = scenario("login", 1004, "refused")
    (tmp_path / "secret.png").write_bytes(b"x")
    build_report(journal_of([record_of(one, evidence(one, screenshot=named))]), {}, tmp_path)
    (page,) = (tmp_path / "data" / "scenarios").glob("*.html")
    assert "<img" not in page.read_text()


def test_the_report_is_written_in_chinese(tmp_path: Path) -> None:
    build_report(*realistic(), tmp_path, lang="zh")
    index = (tmp_path / "index.html").read_text()
    assert '<html lang="zh-CN">' in index
    assert "144 个场景中有 2 个失败" in index
    with pytest.raises(UsageError, match="no report is written in 'zn'; did you mean 'zh'"):
        build_report(*realistic(), tmp_path, lang="zn")


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(LaboratoryError, match=r"cannot be written: .*captchaos report build"):
        build_report(*realistic(), tmp_path)


def test_hidden_characters_are_named_and_letters_are_kept() -> None:
    assert visible("a\u202eb\x00\t\n登录é😀") == "a⟦U+202E⟧b⟦U+0000⟧\t\n登录é😀"
    assert one_line(" a \r\n\n b ") == "a b"
    assert visible("x" * 300, 200).endswith("x… (300 characters)")
    assert HOSTILE.isprintable() is False
    assert visible(HOSTILE).isprintable()


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [(None, "–"), (0.4, "0 ms"), (999.6, "1.00 s"), (9994, "9.99 s"), (45_000, "45.0 s"), (185_000, "3 min 05 s")],
)
def test_times_read_as_people_say_them(milliseconds: float | None, said: str) -> None:
    assert duration(milliseconds) == said
