"""A target file as a node of pytest: the suites' modules, once more, on that target.

The modules are loaded under a name of their own, past the session's ``--import-mode``, ``python_files`` and
``python_functions``: what the repository around them calls its own tests is none of their business.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from harness.bundled import suites_folder
from harness.errors import HarnessError
from harness.report.text import visible
from harness.target.toml_lines import flow_lines

SUITES = ("browser", "backend", "security", "recovery", "load")
PACKAGE = "captchaos_suites"


class TargetFile(pytest.File):
    """One ``captchaos.toml``; below it the suites. ``read`` makes the session's run of it, or raises HarnessError."""

    def __init__(self, *, read: Callable[[Path], object], **words: Any) -> None:
        super().__init__(**words)
        self._read = read

    def collect(self) -> Iterator[pytest.Collector]:
        """Read the target and list the suites; a mistake in the file is the one sentence of the collection error."""
        try:
            self._read(self.path)
        except HarnessError as error:
            raise self.CollectError(visible(str(error), len(str(error)))) from None
        pytest.register_assert_rewrite(PACKAGE)
        for name in SUITES:
            yield Suite.from_parent(self, name=name)


class Suite(pytest.Collector):
    """A folder of the suites."""

    def collect(self) -> Iterator[pytest.Collector]:
        """List its modules."""
        for file in sorted((suites_folder() / self.name).glob("test_*.py")):
            name = file.stem.removeprefix("test_")
            yield SuiteModule.from_parent(self, path=self.path, name=name, nodeid=f"{self.nodeid}::{name}", file=file)


class SuiteModule(pytest.Module):
    """One module of a suite, over one target; as a file of pytest it is the target's, so that ``--lf`` finds it again."""

    def __init__(self, *, file: Path, **words: Any) -> None:
        super().__init__(**words)
        self._file = file

    def funcnamefilter(self, name: str) -> bool:
        """Whether a function is a test: not by the repository's ``python_functions``."""
        return name.startswith("test_")

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """List the tests; each stands at its flow's line of the target file."""
        lines = flow_lines(self.path)
        for node in super().collect():
            if isinstance(node, pytest.Function):
                node.location = (self.nodeid.partition("::")[0], _line(node, lines), _domain(node))
            yield node

    def _getobj(self) -> ModuleType:
        return _load(self._file)


def _load(file: Path) -> ModuleType:
    """Import a module under a name that is nobody else's, by way of pytest's own importer, which makes asserts telling."""
    name = f"{PACKAGE}.{file.parent.name}.{file.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = _spec(name, [str(file.parent)])
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


def _spec(name: str, folder: Sequence[str]) -> importlib.machinery.ModuleSpec:
    found = (finder.find_spec(name, folder) for finder in sys.meta_path if hasattr(finder, "find_spec"))
    return next(spec for spec in found if spec is not None)


def _line(item: pytest.Function, lines: dict[str, int]) -> int:
    """The line of the item's flow, counted from 0 as pytest does."""
    from harness.pytest_plugin.session import scenario_of

    scenario = scenario_of(item)
    return lines.get(scenario.flow, 1) - 1 if scenario is not None else 0


def _domain(item: pytest.Function) -> str:
    return ".".join(item.nodeid.split("::")[1:])
