"""Read values out of JSON answers by JSONPath, each expression parsed once per process."""

from __future__ import annotations

import functools
import re
from typing import Any

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext.parser import parse

_PLACE = re.compile(r"\[-?\d+\]|\[-?\d*:-?\d*\]")
# What makes a path able to find several values: wildcard, descent, filter, slice, union.
_MANY = re.compile(r"\*|\.\.|\?|\[[^\]'\"]*[:,][^\]]*\]|\|")


def find(expression: str, document: object) -> list[object]:
    """Every value that the expression finds, in the document's order."""
    return [match.value for match in _parsed(expression).find(document)]


def finds_many(expression: str) -> bool:
    """Whether the expression may find several values, so that its matches are what is counted."""
    return _MANY.search(expression) is not None


def at_every_place(expression: str) -> str:
    """The expression with a wildcard for each index and slice; as it is where that would be none."""
    wider = _PLACE.sub("[*]", expression)
    return expression if complaint(wider) else wider


def complaint(expression: str) -> str:
    """Say what is wrong with an expression; empty when it can be parsed."""
    try:
        _parsed(expression)
    except JSONPathError as error:
        return str(error)
    return ""


@functools.lru_cache(maxsize=256)
def _parsed(expression: str) -> Any:
    return parse(expression)
