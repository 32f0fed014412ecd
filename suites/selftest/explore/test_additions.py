"""What `captchaos discover --write` puts into a target file: those lines, and nothing else is changed."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from harness.catalog import Side
from harness.errors import ConfigurationError
from harness.explore.additions import additions, beyond_the_file, hosts_to_add, write_additions
from harness.explore.edges import Found, Whose
from harness.target.surface import SurfaceEdge

NAMED = """# of the shop
[target]
name = "shop"

[third_party] # hosts
"a.example" = "vendor/a" # a copy

[budgets]
server = 5000
"""
UNNAMED = '[target]\nname = "shop" # no line end'


def found(host: str, *, side: Side = Side.BROWSER, port: int = 443, blocks: bool = False, refused: bool = True) -> Found:
    shown = host if port == 443 else f"{host}:{port}"
    edge = SurfaceEdge(side=side, host=shown, link="", kinds=("script",), flows=("login",), blocks=blocks)
    return Found(edge=edge, whose=Whose.THIRD_PARTY, port=port, uses=1, scenarios=0, refused=refused)


def written(folder: Path, text: str | bytes, *hosts: str) -> str:
    file = folder / "captchaos.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    write_additions(file, tuple(map(found, hosts)))
    return file.read_bytes().decode("utf-8")


def test_a_host_joins_those_that_are_named_already(tmp_path: Path) -> None:
    text = written(tmp_path, NAMED, "b.example")
    assert tomllib.loads(text)["third_party"] == {"a.example": "vendor/a", "b.example": "allow"}
    assert [line for line in text.splitlines() if '"b.example"' not in line] == NAMED.splitlines()


def test_a_file_that_names_none_gets_a_table_at_its_end(tmp_path: Path) -> None:
    text = written(tmp_path, UNNAMED, "a.example", "b.example")
    assert text.startswith(UNNAMED)
    assert tomllib.loads(text) == {"target": {"name": "shop"}, "third_party": {"a.example": "allow", "b.example": "allow"}}


def test_line_ends_the_first_mark_and_the_mode_of_a_file_stay(tmp_path: Path) -> None:
    file = tmp_path / "captchaos.toml"
    file.touch(mode=0o640)
    text = written(tmp_path, b"\xef\xbb\xbf" + NAMED.replace("\n", "\r\n").encode(), "b.example")
    assert text.startswith("\ufeff#")
    assert text.count("\r\n") == text.count("\n") == NAMED.count("\n") + 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('# a\r\n[third_party]\n"a.example" = "x"\n', '# a\r\n[third_party]\n+\n"a.example" = "x"\n'),
        ('# a\n[third_party] # b\r\n"a.example" = "x"\n', '# a\n[third_party] # b\r\n+\r\n"a.example" = "x"\n'),
        ("# a\n# b\r\n[third_party]", "# a\n# b\r\n[third_party]\r\n+"),
        ("# a\r\n# b\n", "# a\r\n# b\n\n[third_party]\n+\n"),
        ("# a\n# b\r\n# c", "# a\n# b\r\n# c\r\n\r\n[third_party]\r\n+\r\n"),
    ],
)
def test_a_new_line_ends_as_its_neighbour_does_and_every_other_line_as_before(tmp_path: Path, before: str, after: str) -> None:
    line = additions((found("b.example"),)).splitlines()[1]
    assert written(tmp_path, before, "b.example") == after.replace("+", line)


def test_a_target_file_that_is_a_link_stays_one_and_the_file_behind_it_gets_the_line(tmp_path: Path) -> None:
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "captchaos.toml").symlink_to(tmp_path / "real.toml")
    text = written(tmp_path / "link", NAMED, "b.example")
    assert (tmp_path / "link" / "captchaos.toml").is_symlink()
    assert (tmp_path / "real.toml").read_bytes().decode() == text
    assert '"b.example"' in text


@pytest.mark.parametrize("text", ['third_party = { "a.example" = "allow" }\n', 'third_party."a.example" = "allow"\n'])
def test_a_table_that_cannot_be_added_to_is_left_as_it_is_with_the_lines_to_add(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r'add these lines by hand:\n\[third_party\]\n"b.example" = "allow"'):
        written(tmp_path, text, "b.example")
    assert (tmp_path / "captchaos.toml").read_text(encoding="utf-8") == text


def test_a_host_that_is_in_the_text_of_another_value_is_no_header(tmp_path: Path) -> None:
    text = 'note = """\n[third_party]\n"""\n'
    with pytest.raises(ConfigurationError, match="add these lines by hand"):
        written(tmp_path, text, "b.example")


def test_only_what_pages_ask_by_https_can_be_said(tmp_path: Path) -> None:
    asked = (
        found("cdn.example", blocks=True), found("cdn.example", blocks=True), found("plain.example", port=80),
        found("pay.example", side=Side.SERVER), found('"]\nevil = 1#'), found("served.example", refused=False),
    )  # fmt: skip
    hosts = hosts_to_add(asked)
    assert tomllib.loads(additions(hosts)) == {"third_party": {"cdn.example": "allow"}}
    assert "script, blocks rendering" in additions(hosts)
    assert [one.edge.host for one in beyond_the_file(asked)] == ["plain.example:80", "pay.example", '"]\nevil = 1#']
    assert additions(()) == ""
