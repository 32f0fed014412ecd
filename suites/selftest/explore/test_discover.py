"""`captchaos discover` on a shop whose pages ask other people's hosts: a real browser, a real server, the lab's router."""

from __future__ import annotations

import contextlib
import io
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.cli.main import main
from harness.target.loader import load_target
from suites.selftest.explore.laden_shop import FILE, laden_shop

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one call of the verb led to."""

    code: int
    out: str
    err: str

    @property
    def read(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)

    def edge(self, host: str, link: str | None = None) -> dict[str, Any]:
        """The one edge to a host, on this link where it has several."""
        (one,) = [row for row in self.read["edges"] if row["host"] == host and link in (None, row["link"])]
        return dict(one)


def discover(*words: str) -> Told:
    """Call the verb."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["discover", *words])
    return Told(code=code, out=out.getvalue(), err=err.getvalue())


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return laden_shop(tmp_path_factory.mktemp("laden"))


@pytest.fixture(scope="module")
def recorded(shop: Path) -> Told:
    return discover(str(shop), "--record", "--json")


def test_a_script_that_holds_up_the_page_is_a_single_point_of_failure(recorded: Told) -> None:
    assert recorded.code == 0, recorded.err
    cdn = recorded.edge("code.cdn.example")
    assert (cdn["whose"], cdn["kinds"], cdn["example"]) == ("third party", ["script"], "/helpers.js")
    assert cdn["blocks_rendering"]
    assert not cdn["covered"]


def test_an_async_script_and_a_font_hold_up_nothing(recorded: Told) -> None:
    assert not recorded.edge("stats.example")["blocks_rendering"]
    assert not recorded.edge("fonts.example")["blocks_rendering"]
    assert recorded.edge("stats.example")["kinds"] == ["ping", "script"]
    assert recorded.edge("fonts.example")["kinds"] == ["font"]


def test_what_nothing_maps_is_refused_and_told(recorded: Told) -> None:
    refused = [row["host"] for row in recorded.read["edges"] if row["refused"]]
    assert refused == ["fonts.example"]


def test_every_link_of_the_vendor_is_told_with_who_asks_and_is_covered(recorded: Told) -> None:
    captcha = {row["link"]: row for row in recorded.read["edges"] if row["whose"] == "captcha"}
    # domain/tencent-client.md, the load chain of the popup; and the server's one call.
    chain = {"entry", "config", "frame", "iframe", "template", "library", "slider", "refresh", "verify"}
    assert set(captcha) == chain | {"verdict"}
    assert {link for link, row in captcha.items() if row["from"] == "server"} == {"verdict"}
    assert captcha["iframe"]["kinds"] == ["frame"]
    assert all(row["covered"] and row["scenarios"] > 0 for row in captcha.values())


def test_the_targets_own_edges_are_first_party(recorded: Told) -> None:
    own = {row["link"] for row in recorded.read["edges"] if row["whose"] == "first party"}
    assert own == {"page", "submit"}


def test_nothing_is_written_into_the_target_file_unasked(shop: Path, recorded: Told) -> None:
    assert "fonts.example" not in (shop / FILE).read_text(encoding="utf-8")
    assert tomllib.loads(recorded.read["additions"]) == {"third_party": {"fonts.example": "allow"}}


@contextlib.contextmanager
def changed(shop: Path, *changes: tuple[str, str, str]) -> Iterator[None]:
    """Replace texts in files of the shop, each wherever it stands, and put them back."""
    before = {name: (shop / name).read_text(encoding="utf-8") for name, _old, _new in changes}
    try:
        for name, old, new in changes:
            text = (shop / name).read_text(encoding="utf-8")
            assert old in text, old
            (shop / name).write_text(text.replace(old, new), encoding="utf-8")
        yield
    finally:
        for name, text in before.items():
            (shop / name).write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("recorded")
def test_a_page_that_asks_more_than_was_recorded_fails_the_check(shop: Path) -> None:
    with changed(
        shop,
        ("templates/base.html", '<script async src="https://stats.example/visit.js">', '<script src="https://chat.example/a.js">'),
        ("templates/base.html", "https://stats.example/later.js", "https://code.cdn.example/helpers.js"),
        ("shop/pages.py", "https://stats.example", "https://chat.example"),
    ):
        told = discover(str(shop), "--check")
    assert told.code == 1, told.err
    grown = [line for line in told.out.splitlines() if line.startswith("new: ")]
    lost = [line for line in told.out.splitlines() if line.startswith("lost: ")]
    assert grown == ["new: browser → chat.example (script; login)"]
    assert lost == ["lost: browser → stats.example (ping, script; login)"]
    (row,) = [line for line in told.out.splitlines() if line.startswith("  browser → chat.example")]
    assert "script; nothing maps it: refused, and not covered; BLOCKS RENDERING, a single point of failure (/a.js)" in row


@pytest.mark.nightly
@pytest.mark.usefixtures("recorded")
def test_a_page_that_asks_what_was_recorded_passes_the_check(shop: Path) -> None:
    told = discover(str(shop), "--check", "--json")
    assert (told.code, told.read["grown"], told.read["lost"]) == (0, [], [])


@pytest.mark.nightly
def test_a_flow_that_lacks_its_script_says_so_and_is_not_recorded(tmp_path: Path) -> None:
    shop = laden_shop(tmp_path)
    with changed(shop, (FILE, '"code.cdn.example" = "vendor/code.cdn.example"\n', "")):
        told = discover(str(shop), "--record", "--write")
        named = load_target(shop / FILE).third_party
    assert told.code == 2
    assert "the flow login of laden cannot be driven in health" in told.err
    assert "nothing maps code.cdn.example:443" in told.err
    assert not (shop / "captchaos.surface.json").exists()
    assert (named["code.cdn.example"], named["fonts.example"]) == ("allow", "allow")


@pytest.mark.nightly
def test_a_target_that_does_not_start_is_one_sentence_and_the_laboratorys_exit_code(tmp_path: Path) -> None:
    shop = laden_shop(tmp_path)
    with changed(shop, (FILE, "-m uvicorn app:app", "-m no_such_module")):
        told = discover(str(shop))
    assert told.code == 4
    assert told.err.startswith("captchaos: the flow login could not be driven: target 'laden' ")
    assert "No module named no_such_module" in told.err
    assert "Traceback" not in told.err


@pytest.mark.nightly
def test_the_reference_shop_asks_no_third_party_and_leaves_no_edge_uncovered() -> None:
    told = discover("--json")
    assert told.code == 0, told.err
    assert {row["whose"] for row in told.read["edges"]} == {"first party", "captcha"}
    assert all(row["covered"] for row in told.read["edges"])


def test_wrong_words_get_the_closest_right_one(shop: Path) -> None:
    told = discover(str(shop), "--flow", "logn")
    assert (told.code, told.err) == (3, "captchaos: laden has no flow 'logn'; did you mean 'login'?\n")
    told = discover(str(shop), "--recrod")
    assert told.code == 3
    assert "did you mean '--record'?" in told.err


@pytest.mark.parametrize("word", ["--record", "--write"])
def test_nothing_is_written_beside_the_bundled_shop(word: str) -> None:
    told = discover(word)
    said = f"captchaos: {word} changes the target's own folder, and the bundled shop is part of captchaos: name a TARGET\n"
    assert (told.code, told.err) == (3, said)


def test_a_check_without_a_recorded_surface_says_how_to_get_one(tmp_path: Path) -> None:
    told = discover(str(laden_shop(tmp_path)), "--check")
    assert told.code == 3
    said = f"captchaos.surface.json is not there: record the surface first, with `captchaos discover {tmp_path}/"
    assert said in told.err


def test_the_bundled_shop_has_no_surface_to_check() -> None:
    told = discover("--check")
    said = "--check compares with what is recorded beside a target file, and the shop has none: name a TARGET"
    assert (told.code, told.err) == (3, f"captchaos: {said}\n")
