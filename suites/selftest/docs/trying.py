"""Try what a block of a document shows, by its language. A block that cannot be tried here says why, in a comment above it."""

from __future__ import annotations

import doctest
import functools
import inspect
import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from handbook.blocks import ROOT, Block, blocks_of, documents, prompts
from harness.catalog.schedule import Schedule
from harness.cli.main import build_parser, main
from harness.faults.base import FAULTS
from harness.judge import ORACLES
from harness.providers.base import PROVIDERS
from harness.registry import Registry
from harness.target.loader import find_target
from harness.target.schema_check import schema_problems

# What takes about a second, and changes nothing.
QUICK = ("plan", "--version", "--help")
# Output, and code that is quoted from where it runs; the rest has a test of its own below.
QUOTED_ONLY = ("js", "go", "java")


@functools.cache
def all_blocks() -> tuple[Block, ...]:
    """Every fenced block of every document."""
    return tuple(block for page in documents() for block in blocks_of(page))


def blocks(*languages: str, note: str = "", among: Iterable[Block] = ()) -> list[Block]:
    """The blocks of these languages that are tried in this way: with the note, or with none that says another one."""
    others = {"nightly", "not run", "quote", "as there"} - {note}
    return [
        block
        for block in (among or all_blocks())
        if block.language in languages and not others & set(block.notes) and (not note or note in block.notes)
    ]


def python_blocks(among: Iterable[Block] = ()) -> list[Block]:
    """The blocks of Python that are run as they stand."""
    return [block for block in blocks("python", "pycon", among=among) if "of" not in block.notes]


@contextmanager
def registries_kept() -> Iterator[None]:
    """What a page registers is gone after it: the next test counts what there is."""
    registries: tuple[Registry[Any], ...] = (ORACLES, FAULTS, PROVIDERS)
    before = [registry.all() for registry in registries]
    try:
        yield
    finally:
        for registry, parts in zip(registries, before, strict=True):
            registry._parts = dict(parts)  # a registry can only grow, in use


def is_quick(line: str) -> bool:
    """Whether a command line is one for every day."""
    words = shlex.split(line)
    if words[0] == "make":
        return True
    return words[0] == "captchaos" and (words[1] in QUICK or "--help" in words)


def try_quickly(line: str) -> int:
    """Run one quick line and return its exit code: of make only what it would do, for its targets run these very tests."""
    words = shlex.split(line)
    if words[0] == "make":
        return subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode
    try:
        return main(words[1:])
    except SystemExit as ended:  # how argparse ends --help and --version
        return int(ended.code or 0)


def try_python(source: str, names: dict[str, Any], place: str) -> None:
    """Run Python as a page shows it; its tests are called, and its coroutines are defined and no more."""
    exec(compile(source, place, "exec"), names)  # noqa: S102 - a document of this repository
    for name, one in list(names.items()):
        if name.startswith("test_") and callable(one) and not inspect.signature(one).parameters:
            one()
            del names[name]


def try_session(source: str, names: dict[str, Any], place: str) -> str:
    """Run a Python session; return what it said otherwise than the page shows."""
    session = doctest.DocTestParser().get_doctest(source, names, place, place, 0)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False, optionflags=doctest.REPORT_NDIFF).run(session, out=said.append, clear_globs=False)
    names.update(session.globs)
    return "".join(said)


def try_toml(block: Block) -> list[str]:
    """What is wrong with a block of TOML: as a target file or, where it is a part of one, as that part of the shop's."""
    document = tomllib.loads(block.text)
    if set(document) <= {"build-system", "project", "tool"}:
        return []  # a part of pyproject.toml, which others read
    if block.notes.get("of", "captchaos.toml") != "captchaos.toml":
        return []  # the loader of that file tries it: see the test beside this
    whole = document if {"target", "flows"} <= set(document) else _as_part(document)
    return [problem.sentence for problem in schema_problems(_plain_dates(whole))]


def _as_part(document: Mapping[str, Any]) -> dict[str, Any]:
    """The shop's file with this part in it; a flow of another name has the effects of its first, or its own."""
    shop = _shop()
    needed = {key: shop["flows"]["login"][key] for key in ("completed", "effects")}
    more = {name: needed for name in document.get("flows", {}) if name not in shop["flows"]}
    return _merged(_merged(shop, {"flows": more}), document)


def _shop() -> dict[str, Any]:
    return tomllib.loads(find_target(None).read_text(encoding="utf-8"))


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        found[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return found


def _plain_dates(document: dict[str, Any]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return read


def try_json(block: Block) -> None:
    """Read a block of JSON, as what it is of where it says so; raises what the reader raises."""
    data = json.loads(block.text)
    if block.notes.get("of") == "schedule":
        Schedule.from_data(data)


def try_yaml(block: Block) -> None:
    """Read a workflow, and hold each line of its scripts that runs captchaos against the real parser."""
    document = yaml.safe_load(block.text)
    if "services" in document:
        # A Compose file, which test_docker_page.py tries.
        return
    jobs = document.get("jobs") or {name: job for name, job in document.items() if isinstance(job, dict) and "script" in job}
    assert jobs, "neither a workflow of GitHub's nor one of GitLab's"
    for line in _scripts(jobs):
        words = shlex.split(re.sub(r"\$\{\{.*?\}\}", "1", line).replace("$CI_NODE_INDEX/$CI_NODE_TOTAL", "1/2"))
        if words[:1] == ["captchaos"]:
            build_parser().parse_args(words[1:])


def _scripts(jobs: Mapping[str, Any]) -> Iterator[str]:
    for job in jobs.values():
        for step in job.get("steps", ()):
            yield from step.get("run", "").splitlines()
        yield from (line for key in ("before_script", "script") for line in job.get(key, ()))


def script_of(block: Block, run: str, scenario: str) -> str:
    """A block as a shell script that ends with its first failing line; a run's place-holders are a run that is there."""
    dry = f"make -n -C {shlex.quote(str(ROOT))} "
    told = "\n".join(re.sub(r"^make ", lambda _: dry, line) for line in prompts(block))
    told = told.replace("SCENARIO", scenario).replace(" RUN", f" {run}").replace("reports/20261121-020915", run)
    told = told.replace("20261121-020915", Path(run).name)
    return f"set -e\n{told}\n"


def stage(folder: Path) -> None:
    """Make of a folder what the documents mean by where one stands: a checkout, with an application of one's own beside it."""
    for name in ("fixtures", "suites", "examples", "docs"):
        if (ROOT / name).is_dir():
            (folder / name).symlink_to(ROOT / name)
    for own in ("shop", "my-app"):
        shutil.copytree(ROOT / "fixtures" / "shop", folder / own, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    (folder / "reports").mkdir()
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "activate").write_text("", encoding="utf-8")
