"""The recorded surface of a target: what counts as grown, what as lost, and files that are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.catalog import Side
from harness.errors import ConfigurationError
from harness.target.surface import Surface, SurfaceEdge, compare, read_surface, surface_file, write_surface

CDN = SurfaceEdge(side=Side.BROWSER, host="cdn.example", link="", kinds=("script",), flows=("login",), blocks=True)
FONT = SurfaceEdge(side=Side.BROWSER, host="fonts.example", link="", kinds=("font",), flows=("checkout", "login"))
VERDICT = SurfaceEdge(side=Side.SERVER, host="api.vendor.example", link="verdict", kinds=("call",), flows=("login",))


def surface(*edges: SurfaceEdge) -> Surface:
    return Surface(target="shop", edges=edges)


def test_the_same_surface_has_neither_grown_nor_lost() -> None:
    change = compare(surface(CDN, FONT, VERDICT), surface(VERDICT, CDN, FONT))
    assert (change.grown, change.lost) == ((), ())


def test_a_new_host_has_grown_and_one_that_is_gone_is_lost() -> None:
    change = compare(surface(CDN), surface(FONT))
    assert change.grown == ("new: browser → fonts.example (font; checkout, login)",)
    assert change.lost == ("lost: browser → cdn.example (script; login)",)


def test_a_new_link_on_a_known_host_has_grown() -> None:
    extra = replace(VERDICT, link="refund")
    assert compare(surface(VERDICT), surface(VERDICT, extra)).grown == (
        "new: server → api.vendor.example, link refund (call; login)",
    )


def test_a_host_that_another_flow_now_asks_has_grown() -> None:
    change = compare(surface(CDN), surface(replace(CDN, flows=("checkout", "login"))))
    assert change.grown == ("new: cdn.example in the flow checkout",)


def test_a_font_host_that_now_brings_a_script_has_grown() -> None:
    change = compare(surface(FONT), surface(replace(FONT, kinds=("font", "script"))))
    assert change.grown == ("new: script from fonts.example",)


def test_an_async_script_that_now_blocks_has_grown_and_one_that_no_longer_does_has_not() -> None:
    tame = replace(CDN, blocks=False)
    assert compare(surface(tame), surface(CDN)).grown == ("new: cdn.example now blocks rendering",)
    assert compare(surface(CDN), surface(tame)).grown == ()


def test_only_the_flows_that_were_driven_are_compared() -> None:
    assert surface(CDN, FONT).of_flows(["checkout"]) == surface(replace(FONT, flows=("checkout",)))


def test_what_is_written_is_read_again_from_beside_the_target_file(tmp_path: Path) -> None:
    file = surface_file(tmp_path / "postgres.toml")
    assert file == tmp_path / "postgres.surface.json"
    assert read_surface(file) is None
    write_surface(surface(CDN, FONT, VERDICT), file)
    assert read_surface(file) == surface(CDN, FONT, VERDICT)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '"x"',
        '{"captchaos_surface": 1}',
        '{"captchaos_surface": 1, "target": "t", "edges": [{"from": "sky"}]}',
    ],
)
def test_a_file_that_is_no_surface_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "captchaos.surface.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is no surface that `captchaos discover` has recorded"):
        read_surface(file)


def test_a_surface_of_another_version_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "captchaos.surface.json"
    file.write_text('{"captchaos_surface": 2, "target": "t", "edges": []}', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is a surface of version '2', and this captchaos reads 1"):
        read_surface(file)
