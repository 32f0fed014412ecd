"""Make this interpreter trust the laboratory's certificate authority, beside those that it trusts anyway.

Python runs it at its start, before the target's own code. Libraries that bring their own list of authorities, as vendors' SDKs
do with certifi, are told of no other one by any variable; so every list that is loaded gets this one more.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any


def _trust(ssl: Any, ca_file: str) -> None:
    context: Any = ssl.SSLContext
    load_some, load_default = context.load_verify_locations, context.set_default_verify_paths

    def load_verify_locations(self: Any, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        load_some(self, cafile, capath, cadata)
        load_some(self, ca_file)

    def set_default_verify_paths(self: Any) -> None:
        load_default(self)
        load_some(self, ca_file)

    context.load_verify_locations = load_verify_locations
    context.set_default_verify_paths = set_default_verify_paths


class _WhenSslComes:
    """Waits for the module: to import it here would be too early for programs that put another in its place (gevent)."""

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != "ssl":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader: Any = spec.loader if spec is not None else None
        if loader is None:
            return spec
        run = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            _trust(module, self._ca_file)

        loader.exec_module = exec_module
        return spec


def _run_the_other() -> None:
    """Run the ``sitecustomize`` that Python would have found without this one."""
    here = os.path.dirname(os.path.abspath(__file__))
    elsewhere = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if "CAPTCHAOS_CA_FILE" in os.environ:
    if "ssl" in sys.modules:
        _trust(sys.modules["ssl"], os.environ["CAPTCHAOS_CA_FILE"])
    else:
        sys.meta_path.insert(0, _WhenSslComes(os.environ["CAPTCHAOS_CA_FILE"]))
_run_the_other()
