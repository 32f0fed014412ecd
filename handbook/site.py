"""The documentation site: the repository's Markdown at its own places, built strictly, in English and, under zh/, in Chinese.

Pages link to files beside them (the shop, its target file), so these are staged, too: a link that works in the repository works
on the site, and one that leads nowhere fails the build. Nothing of it is fetched from another host when it is read.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

from handbook import mending
from handbook.blocks import ROOT, documents

_LINK = re.compile(r"\[[^\]\[]*\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
# Markdown that is a part of another page, or of a package that is thrown in.
_NO_PAGES = ("suites", "node_modules")

Nav = list[tuple[str, "str | Nav"]]

_START = ("five-minutes", "your-application", "ci", "index")
_REFERENCE = ("command", "pytest", "strategies", "faults", "oracles", "providers", "target-file", "target-reference")
_LAST = ("comparison", "limits")


def build(out: Path) -> int:
    """Build the site into ``out``; return 0, or what the builder returned when it found a fault, which it has then told."""
    with tempfile.TemporaryDirectory(prefix="captchaos-docs-") as folder:
        work = Path(folder)
        stage(work / "pages")
        shutil.rmtree(out, ignore_errors=True)
        for lang, nav in (("en", english()), ("zh", chinese())):
            config = work / f"{lang}.toml"
            config.write_text(_config(lang, nav), encoding="utf-8")
            done = subprocess.run(
                [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", config.name],
                cwd=work, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                # What it found it has told on either stream; how it then ended itself is of no use to anybody.
                told = f"{done.stdout}{done.stderr}".partition("Traceback (most recent call last)")[0]
                sys.stderr.write(f"{told}the site was not built\n")
                return done.returncode
            shutil.copytree(work / f"site-{lang}", out / ("zh" if lang == "zh" else ""), dirs_exist_ok=True)
    print(f"the site: {out / 'index.html'}")  # noqa: T201 - a command's output
    return 0


def english() -> Nav:
    """What the English site lists, and in which order; whatever the index names beside it is found there."""
    mend = _mending("docs/mend", "All of them", "Fallback tickets, the right way")
    more = sorted(page.stem for page in (ROOT / "docs").glob("*.md") if page.stem not in {*_START, *_REFERENCE, *_LAST})
    return [
        ("captchaos", "README.md"),
        ("Start", _listed(_START)),
        ("How to mend a finding", mend),
        ("Reference", _listed(_REFERENCE)),
        ("More", _listed(more)),
        *_listed(_LAST),
    ]


def chinese() -> Nav:
    """The same for the pages that are there in Chinese."""
    return [
        ("首页", "docs/zh/index.md"),
        ("介绍", "README.zh-CN.md"),
        ("五分钟上手", "docs/zh/five-minutes.md"),
        ("十分钟接入自己的应用", "docs/zh/your-application.md"),
        ("在 CI 里运行", "docs/zh/ci.md"),
        ("目标文件", "docs/zh/target-file.md"),
        ("目标文件：逐键参考", "docs/zh/target-reference.md"),
        ("命令", "docs/zh/command.md"),
        ("在 pytest 里使用 captchaos", "docs/zh/pytest.md"),
        ("路由", "docs/zh/routes.md"),
        ("与其他工具比较", "docs/zh/comparison.md"),
        ("策略", "docs/zh/strategies.md"),
        ("局限", "docs/zh/limits.md"),
        ("doctor 与 init", "docs/zh/doctor.md"),
        ("Docker", "docs/zh/docker.md"),
        ("判据", "docs/zh/oracles.md"),
        ("如何修复问题", _mending("docs/zh/mend", "全部", "容灾票据的正确用法")),
        ("英文文档", "docs/index.md"),
    ]


def _mending(folder: str, everything: str, fallback: str) -> Nav:
    first = [(everything, "index"), (fallback, mending.FALLBACK)]
    rest = [(name, name) for name in (*mending.oracles(), *mending.codes())]
    return [(name, f"{folder}/{page}.md") for name, page in (*first, *rest)]


def _listed(names: Iterable[str]) -> Nav:
    return [(_title(ROOT / "docs" / f"{name}.md"), f"docs/{name}.md") for name in names]


def stage(folder: Path) -> None:
    """Copy every page and every file that one links to, each at its own place."""
    for source in _sources():
        place = folder / source.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)


def _sources() -> set[Path]:
    waiting = [page for page in documents() if page.relative_to(ROOT).parts[0] not in _NO_PAGES]
    found: set[Path] = set()
    while waiting:
        source = waiting.pop()
        if source in found:
            continue
        found.add(source)
        if source.suffix == ".md":
            waiting += _linked(source)
    return found


def _linked(page: Path) -> Iterator[Path]:
    for link in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        place = unquote(link.partition("#")[0])
        if place and "://" not in place and (file := (page.parent / place).resolve()).is_file():
            yield file


def _title(page: Path) -> str:
    return page.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").replace("`", "")


def _config(lang: str, nav: Nav) -> str:
    """A configuration of Zensical; JSON's strings and lists are TOML's, too."""
    at_top = "" if lang == "en" else "../"
    return "\n".join([
        "[project]",
        'site_name = "captchaos"',
        f"site_description = {json.dumps('Resilience chaos testing for applications that depend on a captcha')}",
        'docs_dir = "pages"',
        f'site_dir = "site-{lang}"',
        f"nav = {_nav(nav)}",
        "[project.theme]",
        "font = false",
        f'language = "{lang}"',
        'features = ["navigation.indexes", "content.code.copy"]',
        "[project.extra]",
        f'alternate = [{{ name = "English", link = "{at_top}./", lang = "en" }}, '
        f'{{ name = "中文", link = "{at_top}zh/docs/zh/", lang = "zh" }}]',
        "[project.markdown_extensions.tables]",
        "[project.markdown_extensions.toc]",
        "permalink = true",
        'slugify = { object = "pymdownx.slugs.slugify", kwds = { case = "lower" } }',  # headings in Chinese, too
        "[project.markdown_extensions.pymdownx.highlight]",
        "[project.markdown_extensions.pymdownx.superfences]",
        "",
    ])  # fmt: skip


def _nav(nav: Nav) -> str:
    entries = ((json.dumps(name, ensure_ascii=False), _nav(to) if isinstance(to, list) else json.dumps(to)) for name, to in nav)
    return f"[{', '.join(f'{{ {name} = {to} }}' for name, to in entries)}]"
