"""Other people's hosts broken on a real page: what the page waits for is found, and what it does not wait for passes.

The visitors' counting is loaded twice, by a script with ``async`` and by one with ``defer`` behind the page's own.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.catalog import Side
from harness.cli.main import main
from harness.target.surface import Surface, SurfaceEdge, surface_file, write_surface
from suites.selftest.explore.laden_shop import MAPPED, laden_shop

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]

CDN, FONTS, STATS = "code.cdn.example", "fonts.example", "stats.example"
WAYS = ("refused", "hang", "latency", "truncated", "html")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Any]:
    """Every scenario of the three hosts, by host and fault."""
    file = laden_shop(tmp_path_factory.mktemp("laden")) / MAPPED
    edges = tuple(
        SurfaceEdge(side=Side.BROWSER, host=host, link=host, kinds=("script",), flows=("login",))
        for host in (CDN, FONTS, STATS)
    )
    write_surface(Surface(target="laden", edges=edges), surface_file(file))
    out = tmp_path_factory.mktemp("run")
    assert main(["run", str(file), "-k", "third-party", "--jobs", "2", "--out", str(out)]) == 1
    scenarios = json.loads((out / "results.json").read_text(encoding="utf-8"))["scenarios"]
    return {(row["link"], row["fault"]): row for row in scenarios if row["link"] in (CDN, FONTS, STATS)}


def slugs(row: Any) -> set[str]:
    return {finding["oracle"] for finding in row["findings"]}


@pytest.mark.parametrize("way", ["refused", "hang", "truncated", "html"])
def test_a_page_that_needs_its_script_fails_however_that_fails_to_come(results: Any, way: str) -> None:
    row = results[CDN, way]
    assert row["verdict"] == "fail"
    assert "business-completes" in slugs(row)


def test_a_script_that_comes_late_makes_the_page_late(results: Any) -> None:
    row = results[CDN, "latency"]
    assert row["verdict"] == "fail"
    (late,) = [finding for finding in row["findings"] if finding["oracle"] == "page-usable"]
    assert "load what comes from other people's hosts with async" in late["mend"]


@pytest.mark.parametrize("host", [FONTS, STATS])
@pytest.mark.parametrize("way", WAYS)
def test_what_the_page_does_not_wait_for_passes(results: Any, host: str, way: str) -> None:
    row = results[host, way]
    assert (row["verdict"], row["fault_felt"]) == ("pass", True), row["findings"]
