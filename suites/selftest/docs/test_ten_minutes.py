"""The way from an application to its first report, as the page shows it: no more than ten commands, and ten minutes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench.ten_minutes import WAY, go_the_way
from handbook.blocks import ROOT, Block, blocks_of, prompts

PAGES = [ROOT / "docs" / "your-application.md", ROOT / "docs" / "zh" / "your-application.md"]
MOST_COMMANDS, MOST_S = 10, 600


def shown(page: Path) -> Block:
    """The transcript of a page."""
    (found,) = [block for block in blocks_of(page) if "pip install" in block.text]
    return found


@pytest.mark.parametrize("page", PAGES, ids=["en", "zh"])
def test_the_transcript_has_ten_commands_and_ten_minutes_at_most(page: Path) -> None:
    block = shown(page)
    assert prompts(block) == list(WAY)
    assert len(WAY) <= MOST_COMMANDS
    clocks = re.findall(r"(?:  |^)# (\d+):(\d\d)", block.text, re.MULTILINE)
    times = [int(minutes) * 60 + int(seconds) for minutes, seconds in clocks]
    assert len(times) == len(WAY) + 1
    assert times == sorted(times)
    assert times[-1] <= MOST_S


def test_both_languages_show_the_same_transcript() -> None:
    assert shown(PAGES[0]).text == shown(PAGES[1]).text


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_who_types_it_comes_to_a_report(tmp_path: Path) -> None:
    """Its times are a quiet machine's, so none is asked for here; what must hold on any is that nobody is left standing."""
    typed = list(go_the_way(tmp_path))
    assert [one.command for one in typed] == list(WAY), typed[-1].said
    assert typed[-1].code in (0, 1, 2)
    (report,) = (tmp_path / "desk").glob("reports/*/index.html")
    assert f"report: {report.relative_to(tmp_path / 'desk')}" in typed[-1].said
