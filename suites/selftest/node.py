"""Node, on which some independent clients of these tests run; ``make node`` installs it."""

from __future__ import annotations

import shutil

import pytest


def node_tool(name: str) -> str:
    """Return the path of ``node`` or ``npm``; fails the test that needs it where there is none."""
    if (found := shutil.which(name)) is None:
        pytest.fail(f"the tests with clients in Node need {name} on PATH: run make node, or install Node 20 or newer with npm")
    return found
