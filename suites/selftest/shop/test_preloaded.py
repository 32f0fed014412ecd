"""What the preloaded processes hold: a library that has another name one day would be loaded by each of them, unseen."""

from __future__ import annotations

import importlib

import pytest

from suites.selftest.shop.preloaded import LIBRARIES


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_of_their_libraries_is_there(name: str) -> None:
    importlib.import_module(name)
