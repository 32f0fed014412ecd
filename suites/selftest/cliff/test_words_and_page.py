"""What was found reads as a sentence with its interval, is compared with the last run, and stands on a page of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from harness.errors import UsageError
from harness.journal.cliff import Cliff, CliffRun, Count, Edge, Look, State, latest, read_cliffs, write_cliffs
from harness.report.cliff_page import cliff_html
from harness.report.cliff_words import rows, sentence, table, unlike

NEVER = Edge(level="broken", mild=30_000, bad=None, repeats=3)


def fallback(mild: int | None, bad: int | None, **more: object) -> Edge:
    """An edge of the first kind, three looks at either side."""
    return Edge(level="degraded", mild=mild, bad=bad, repeats=3, **more)  # type: ignore[arg-type]


def cliff(degrades: Edge | None, breaks: Edge | None = NEVER, **more: object) -> Cliff:
    """A search on the verdict API, by delay unless ``more`` says otherwise."""
    told = {"kind": "server-delay", "unit": "ms", "mildest": 100, "worst": 30_000, **more}
    return Cliff(flow="login", link="verdict", how="submits", degrades=degrades, breaks=breaks, **told)  # type: ignore[arg-type]


def run_of(*cliffs: Cliff, began: float = 1000.0, target: str = "shop") -> CliffRun:
    """A run that found these."""
    return CliffRun(
        target=target, captchaos_version="0.1.0", began_unix_s=began, repeats=3, patience_s=60, cliffs=cliffs
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (cliff(fallback(2800, 3000)), "fallback from 2.90 s ± 0.10 s, breaks never (to 30.0 s)"),
        (cliff(fallback(None, 100)), "fallback already from 100 ms, breaks never (to 30.0 s)"),
        (cliff(fallback(200, 240)), "fallback from 220 ms ± 20 ms, breaks never (to 30.0 s)"),
        (
            cliff(fallback(2, 3), replace(NEVER, mild=8), kind="loss", unit="lost", mildest=1, worst=8),
            "fallback from 3 lost, breaks never (to 8 lost)",
        ),
        (
            cliff(
                fallback(14, 12), replace(NEVER, mild=6, bad=5), kind="bandwidth", unit="KB/s", mildest=1024, worst=1
            ),
            "fallback at 13 KB/s ± 1 KB/s, breaks at 5 KB/s",
        ),
        (
            cliff(fallback(None, None, noisy=(Count(value=100, bad=1, of=3), Count(value=30_000, bad=2, of=3)))),
            "fallback not repeatable: at 100 ms in 1 of 3 looks; at 30.0 s in 2 of 3 looks, breaks never (to 30.0 s)",
        ),
    ],
)  # fmt: skip
def test_a_cliff_reads_as_a_sentence(found: Cliff, said: str) -> None:
    assert sentence(found) == f"login verdict {found.kind}: {said}"


def test_an_edge_that_moved_says_what_it_was_and_one_within_its_interval_says_nothing() -> None:
    now = run_of(cliff(fallback(2800, 3000)))
    moved = run_of(cliff(fallback(4800, 5000)))
    overlapping = run_of(cliff(fallback(2950, 3100)))
    assert rows(now, moved)[0].was == "was fallback from 4.90 s ± 0.10 s"
    assert rows(now, overlapping)[0].was == ""
    assert rows(now, None)[0].was == ""


def test_an_edge_that_was_not_there_last_time_says_so() -> None:
    now = run_of(cliff(fallback(2800, 3000), replace(NEVER, mild=9000, bad=9300)))
    assert rows(now, run_of(cliff(fallback(2800, 3000))))[0].was == "was breaks never (to 30.0 s)"


def test_noise_and_what_contradicts_stand_below_the_row() -> None:
    noisy = fallback(2800, 3000, noisy=(Count(value=2900, bad=1, of=3),), islands=(Count(value=8000, bad=0, of=3),))
    lines = table(rows(run_of(cliff(noisy)), None))
    assert "  note: fallback: noise inside the interval: at 2.90 s in 1 of 3 looks" in lines
    assert "  note: fallback: it does not simply get worse: at 8.00 s in 0 of 3 looks" in lines


def test_a_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    looks = (Look(value=100, state=State.VERIFIED, waited_ms=12.5), Look(value=3000, state=State.DEGRADED, said="✗"))
    run = run_of(cliff(fallback(2800, 3000), looks=looks))
    write_cliffs(run, tmp_path / "cliff.json")
    assert read_cliffs(tmp_path / "cliff.json") == run


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "has no field 'captchaos_cliff'"),
        ('{"captchaos_cliff": 2, "run": {}}', "is of the form '2', and this version reads 1"),
        ('{"captchaos_cliff": 1, "run": {}}', "is damaged: CliffRun lacks its field 'target'"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_sentence(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "cliff.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        read_cliffs(file)


def test_a_run_of_another_target_or_patience_is_named_and_not_compared() -> None:
    now, then = run_of(cliff(fallback(2800, 3000))), run_of(cliff(fallback(4800, 5000)))
    other, hasty = replace(then, target="B7"), replace(then, patience_s=5)
    assert [rows(now, one)[0].was for one in (other, hasty)] == ["", ""]
    assert unlike(now, other) == "is of the target B7, and this of shop"
    assert unlike(now, hasty) == "has a patience of 5 s, and this of 60 s"
    assert unlike(now, then) == ""


def test_the_last_run_is_the_newest_of_the_same_target_and_patience(tmp_path: Path) -> None:
    for name, began, target in (("a", 5.0, "shop"), ("b", 9.0, "shop"), ("c", 11.0, "B7")):
        write_cliffs(run_of(began=began, target=target), tmp_path / f"{name}.json")
    (tmp_path / "d.json").write_text("torn")
    write_cliffs(replace(run_of(began=10.0), patience_s=5), tmp_path / "e.json")
    found = latest(tmp_path.glob("*.json"), "shop", 60)
    assert found is not None
    assert found[0].name == "b.json"
    assert latest(tmp_path.glob("*.json"), "nobody's", 60) is None


def test_the_page_draws_each_zone_where_its_edge_is_and_needs_no_network() -> None:
    looks = (Look(value=100, state=State.VERIFIED), Look(value=30_000, state=State.BROKEN, said="<script>alert(1)</script>"))
    # On an axis from 1 to 10,000 by ratios, 100 lies half-way, 1000 at three quarters.
    edges = fallback(100, 101), Edge(level="broken", mild=999, bad=1000, repeats=3)
    page = cliff_html(run_of(cliff(*edges, looks=looks, mildest=1, worst=10_000)), None)
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    drawing = page[page.index("<svg") : page.index("</svg>") + 6]
    svg = ElementTree.fromstring(drawing)  # noqa: S314 - our own drawing
    zones = {one.get("class"): (float(one.get("x", "")), float(one.get("width", ""))) for one in svg.iter("rect")}
    left, width = zones["cliff-zone cliff-zone--verified"]
    whole = float(svg.get("viewBox", "").split()[2]) - 24 - left
    assert width == pytest.approx(whole / 2, abs=1)
    assert zones["cliff-zone cliff-zone--broken"][0] == pytest.approx(left + whole * 3 / 4, abs=1)
    assert zones["cliff-zone cliff-zone--degraded"][0] == pytest.approx(left + whole / 2, abs=3)


def test_what_a_target_said_is_shown_harmless() -> None:
    hostile = "\u202egnp.exe\x1b[31m<img src=x>"
    found = cliff(None, None, unknown=hostile, looks=(Look(value=100, state=State.BROKEN, said=hostile),))
    page = cliff_html(run_of(found), None)
    assert "<img src=x>" not in page
    for text in (page, "\n".join(table(rows(run_of(found), None))), sentence(found)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    json.dumps(sentence(found))
