"""What goes wrong in the laboratory of a repository's own tests is one sentence of theirs, and no Python."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import pytest

from harness.errors import HarnessError

P = ParamSpec("P")
R = TypeVar("R")


def told(do: Callable[P, R]) -> Callable[P, R]:
    """Let a test fail with the sentence where ``do`` raises a HarnessError."""

    @functools.wraps(do)
    def telling(*arguments: P.args, **words: P.kwargs) -> R:
        try:
            return do(*arguments, **words)
        except HarnessError as error:
            said = str(error)
        raise pytest.fail.Exception(said, pytrace=False)

    return telling


def binding(shown: str, do: Callable[P, R]) -> Callable[..., R]:
    """Let a test fail with a sentence where ``do``, which people know as ``shown``, is not given what it needs."""
    needs = inspect.signature(do)

    def bound(*arguments: object, **words: object) -> R:
        try:
            needs.bind(*arguments, **words)
        except TypeError as wrong:
            said = f"{shown}: {wrong}; it takes {_takes(needs)}"
        else:
            return do(*arguments, **words)  # type: ignore[arg-type]  # that they are the right ones has just been seen
        raise pytest.fail.Exception(said, pytrace=False)

    return bound


def _takes(needs: inspect.Signature) -> str:
    parameters = needs.parameters.values()
    return ", ".join(one.name if one.default is one.empty else f"{one.name}=" for one in parameters)
