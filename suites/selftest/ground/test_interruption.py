"""What was interrupted says so, whatever broke first: Ctrl-C reaches the whole process group."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator

import pytest

from harness.cli.interruption import ended_by_itself
from harness.errors import LaboratoryError


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A job in the background of a script is started with SIGINT ignored, and so are the tests that it runs."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def nothing() -> None:
    """Work that ends."""


async def waits() -> None:
    signal.raise_signal(signal.SIGINT)
    await asyncio.Event().wait()


async def breaks_by_it() -> None:
    signal.raise_signal(signal.SIGINT)
    raise LaboratoryError("what Ctrl-C ended of ours did not start")


async def breaks() -> None:
    raise LaboratoryError("the disk is full")


def test_work_that_ends_was_not_interrupted() -> None:
    assert ended_by_itself(nothing())


def test_work_that_is_interrupted_says_so() -> None:
    assert not ended_by_itself(waits())


def test_work_that_breaks_because_it_is_interrupted_says_so_too() -> None:
    assert not ended_by_itself(breaks_by_it())


def test_work_that_breaks_by_itself_says_what_broke() -> None:
    with pytest.raises(LaboratoryError, match="the disk is full"):
        ended_by_itself(breaks())
