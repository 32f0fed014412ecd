"""Every key of a TOML text is found on the line on which it stands, however it is written."""

from __future__ import annotations

import pytest

from harness.target.toml_lines import KeyPath, key_lines

TEXT = '''\
# [not.a.table]
title = "a [b] # c = d"

[a.b]  # comment
"quoted key" = 1
dotted.'inner' = { x = 1, y = { z = "}" } }
list = [
  1,  # ]
  [2, 3],
  { k = "v" },
]
text = """
[c]
d = 1 ""\\""" """
last = \'\'\'
e = 2\'\'\'
f = 1979-05-27 07:32:00

[[rows]]
n = 1
[[rows]]
n = 2
[rows.sub]
m = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("a", "b"), 4),
        (("a", "b", "quoted key"), 5),
        (("a", "b", "dotted", "inner", "y", "z"), 6),
        (("a", "b", "list"), 7),
        (("a", "b", "list", 0), 8),
        (("a", "b", "list", 1, 1), 9),
        (("a", "b", "list", 2, "k"), 10),
        (("a", "b", "text"), 12),
        (("a", "b", "last"), 15),
        (("a", "b", "f"), 17),
        (("rows", 0, "n"), 20),
        (("rows", 1, "n"), 22),
        (("rows", 1, "sub", "m"), 24),
    ],
)
def test_a_key_is_found_on_its_line(path: KeyPath, line: int) -> None:
    assert key_lines(TEXT)[path] == line


def test_text_inside_strings_and_comments_is_no_key() -> None:
    assert not {("c",), ("d",), ("e",), ("not",)} & key_lines(TEXT).keys()
