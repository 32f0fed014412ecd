"""docs/dependencies.md names what an installation brings, no more and no less, and each with its reason."""

from __future__ import annotations

import re
import tomllib

from handbook.blocks import ROOT

PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORK_ON_CAPTCHAOS = {"docs", "test", "dev"}


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", one)[0] for one in requirements} - {"captchaos"}


def test_each_runtime_dependency_has_a_reason_and_nothing_else_is_listed() -> None:
    rows = re.findall(r"^\| `([\w-]+)` \| ([^|]{20,}) \|$", PAGE.split("| extra |")[0], re.MULTILINE)
    assert {name for name, _ in rows} == _names(PROJECT["dependencies"])


def test_each_extra_lists_what_it_brings() -> None:
    extras = {name: _names(brings) for name, brings in PROJECT["optional-dependencies"].items()}
    for name in extras.keys() - WORK_ON_CAPTCHAOS:
        (brings,) = re.findall(rf"^\| `{name}` \| ([^|]+) \|", PAGE, re.MULTILINE)
        assert set(re.findall(r"`([\w-]+)`", brings)) == extras[name], name
