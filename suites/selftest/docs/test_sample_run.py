"""The committed sample run: whole, valid, judged as its journal says, and free of the machine it was made on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from harness.journal.model import Verdict
from harness.journal.reader import read_journal
from harness.judge.verdict import judge_run
from harness.report.results import results_schema

ROOT = Path(__file__).resolve().parents[3]
SAMPLE = ROOT / "reports" / "sample"
# Folders of people and machines; a URL's path begins after a host, and a page's own begins elsewhere.
_PLACE = re.compile(r"(?<![\w.~-])/(?:root|home|Users|work|tmp|opt|mnt|usr|var)/[\w.-]+|[A-Z]:\\\\Users|\.cache/")
_TEXTS = sorted(path for path in SAMPLE.rglob("*") if path.is_file() and path.suffix not in (".png", ".jpeg", ".jpg", ".webp"))


def test_the_sample_is_whole() -> None:
    assert {path.name for path in SAMPLE.iterdir()} >= {
        "journal.jsonl", "results.json", "junit.xml", "summary.md", "index.html", "data",
    }  # fmt: skip


@pytest.mark.parametrize("path", _TEXTS, ids=lambda path: str(path.relative_to(SAMPLE)))
def test_no_place_of_a_machine_stands_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [found.group(0) for found in _PLACE.finditer(text)] == []
    assert str(ROOT) not in text


def test_its_results_fit_the_schema_that_is_shipped() -> None:
    jsonschema.validate(json.loads((SAMPLE / "results.json").read_text(encoding="utf-8")), results_schema())


def test_it_shows_green_and_red_and_is_judged_the_same_today() -> None:
    told = json.loads((SAMPLE / "results.json").read_text(encoding="utf-8"))
    judged = judge_run(read_journal(SAMPLE / "journal.jsonl").records)
    assert {one["id"]: one["verdict"] for one in told["scenarios"]} == {name: j.verdict.value for name, j in judged.items()}
    assert {judgement.verdict for judgement in judged.values()} == {Verdict.PASS, Verdict.FAIL}
