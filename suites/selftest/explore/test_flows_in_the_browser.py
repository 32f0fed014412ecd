"""A search in the browser that ends before it has come to every flow names those, and is not clean.

The laboratory and the pages are stand-ins with which nothing is ever wrong; the shop's flows and Hypothesis are real.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st

from harness.cli import fuzz
from harness.errors import ExitCode
from harness.explore import behaviour, callbacks
from harness.explore.finding import Failure
from harness.explore.kinds import KINDS, Options, Outcome
from harness.explore.telling import beside
from harness.target.loader import find_target, load_target
from harness.target.spec import FlowSpec

SHOP = load_target(find_target(None))


class Fine:
    """A flow with which nothing is ever wrong."""

    health = "health"
    plainly = False
    notes: tuple[str, ...] = ()

    def __init__(self, _laboratory: object, flow: FlowSpec) -> None:
        self.flow = flow.name
        self.stand = self.walker = self

    async def close(self) -> None:
        """There is nothing to close."""

    def prove(self) -> None:
        """Everything is right."""

    def strategy(self) -> st.SearchStrategy[int]:
        return st.integers(0, 10_000)

    def label(self, _example: int) -> str:
        return "number"

    def shown(self, example: int) -> str:
        return str(example)

    def written(self, example: int) -> Mapping[str, object]:
        return {"number": example}

    def ask(self, _example: int, *, chasing: str = "") -> tuple[str, tuple[Failure, ...]]:
        return "completed", ()


@pytest.fixture(autouse=True)
def _nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def laboratory(*_parts: object, **_words: object) -> Iterator[Any]:
        yield SimpleNamespace(do=asyncio.run)

    for module in (behaviour, callbacks):
        monkeypatch.setattr(module, "open_laboratory", laboratory)
        monkeypatch.setattr(module, "open_subject", Fine)


def searched(kind: str, examples: int) -> tuple[list[str], ExitCode, Mapping[tuple[str, str], Mapping[str, int]]]:
    outcome = Outcome()
    options = Options(seconds=None, examples=examples, flows=("login", "checkout"))
    KINDS.get(kind).explore(SHOP, options, outcome)
    return list(beside(outcome)), fuzz.exit_code(outcome, whole=True), outcome.coverage.became


@pytest.mark.parametrize("kind", ["callbacks", "behaviour"])
def test_a_flow_that_had_no_turn_is_named_and_nothing_is_proven_of_it(kind: str) -> None:
    said, code, _became = searched(kind, 1)
    assert said[0] == "not reached: checkout/health"
    assert said[1].startswith("unknown: no example was tried at checkout")
    assert code is ExitCode.SOME_UNKNOWN


@pytest.mark.parametrize("kind", ["callbacks", "behaviour"])
def test_ten_examples_are_shared_out_between_two_flows(kind: str) -> None:
    said, code, became = searched(kind, 10)
    assert (said, code) == ([], ExitCode.ALL_PASS)
    assert {flow: row["completed"] for (flow, _health), row in became.items()} == {"login": 5, "checkout": 5}
