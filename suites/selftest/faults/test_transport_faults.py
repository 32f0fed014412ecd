"""What a client meets under each transport fault, over TLS through a real Toxiproxy.

The outcomes are those of the notes' measured table ("What a <script> over TLS meets"), seen by a client that tries once.
Least times are exact, the faults made them; most times are generous, for a busy machine is slow by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from harness.errors import UsageError
from harness.faults.base import FAULTS
from suites.selftest.faults.fault_parts import BODY, Met, OpenBench


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table. ``how`` and ``where`` may name several that the notes do not tell apart, by ``|``."""

    fault: str
    warm: bool
    how: str
    where: str = "answer"
    parameters: Mapping[str, int] = field(default_factory=dict)
    least_s: float = 0.0
    most_s: float = 4.0
    body: tuple[int, int] = (0, 0)
    reaches_origin: bool | None = None

    def __str__(self) -> str:
        given = "".join(f"-{value}" for value in self.parameters.values())
        return f"{self.fault}{given}-{'warm' if self.warm else 'cold'}"


WHOLE = (len(BODY), len(BODY))
PART = (1, len(BODY) - 1)
TABLE = [
    Row(fault="refused", warm=False, how="refused", where="connect", reaches_origin=False),
    Row(fault="refused", warm=True, how="closed|reset", reaches_origin=False),
    Row(fault="reset", warm=False, how="reset", where="handshake", reaches_origin=False),
    Row(fault="reset", warm=True, how="closed"),
    Row(fault="reset", warm=False, how="reset", where="handshake", parameters={"timeout_ms": 400}, least_s=0.4),
    Row(fault="reset-upstream", warm=False, how="reset", where="handshake", reaches_origin=False),
    Row(fault="hang", warm=False, how="silent", where="handshake", reaches_origin=False),
    Row(fault="hang", warm=True, how="silent", reaches_origin=True),
    Row(fault="hang-upstream", warm=False, how="silent", where="handshake", reaches_origin=False),
    Row(fault="hang-upstream", warm=True, how="silent", reaches_origin=False),
    Row(fault="timeout", warm=False, how="closed", where="handshake", parameters={"timeout_ms": 400}, least_s=0.4),
    Row(fault="timeout", warm=True, how="closed", parameters={"timeout_ms": 400}, least_s=0.3),
    Row(fault="timeout-upstream", warm=False, how="closed", where="handshake", parameters={"timeout_ms": 400}, least_s=0.4),
    Row(fault="latency", warm=False, how="ok", parameters={"latency_ms": 300}, least_s=0.6, body=WHOLE),
    Row(fault="latency", warm=True, how="ok", parameters={"latency_ms": 300}, least_s=0.3, body=WHOLE),
    Row(fault="latency-upstream", warm=True, how="ok", parameters={"latency_ms": 300}, least_s=0.3, body=WHOLE),
    Row(fault="limit-data", warm=False, how="closed", where="handshake", parameters={"bytes": 0}, reaches_origin=False),
    Row(fault="limit-data", warm=True, how="closed", parameters={"bytes": 0}, reaches_origin=True),
    Row(fault="limit-data", warm=False, how="closed", where="handshake", reaches_origin=False),
    Row(fault="limit-data", warm=True, how="closed", body=(0, len(BODY) - 1), reaches_origin=True),
    Row(fault="limit-data-upstream", warm=True, how="closed", parameters={"bytes": 10}, reaches_origin=False),
    Row(fault="cut-mid-body", warm=False, how="closed", parameters={"bytes": 19_000}, body=PART, reaches_origin=True),
    Row(fault="cut-mid-body", warm=True, how="closed", parameters={"bytes": 19_000}, body=PART, reaches_origin=True),
    Row(fault="bandwidth", warm=False, how="ok", parameters={"rate_kbps": 50}, least_s=0.35, body=WHOLE),
    Row(fault="bandwidth", warm=True, how="ok", parameters={"rate_kbps": 50}, least_s=0.3, body=WHOLE),
    Row(fault="bandwidth-upstream", warm=True, how="ok", body=WHOLE),
    Row(fault="slicer", warm=False, how="ok", body=WHOLE),
    Row(fault="slicer", warm=True, how="ok", body=WHOLE),
    Row(fault="slicer-upstream", warm=True, how="ok", body=WHOLE),
    Row(fault="slow-close", warm=False, how="ok", body=WHOLE),
    Row(fault="slow-close", warm=True, how="ok", body=WHOLE),
    Row(fault="slow-close-upstream", warm=True, how="ok", body=WHOLE),
]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_a_client_meets_what_the_notes_measured_and_the_next_one_is_well_again(row: Row, bench: OpenBench) -> None:
    async def drive() -> tuple[Met, int, Met]:
        async with bench() as parts:
            visitor, edge, fault = parts.visitor(), parts.edge(**row.parameters), FAULTS.get(row.fault)
            if row.warm:
                assert (await visitor.get()).how == "ok", "the connection was to be open before the fault"
            before = parts.origin.requests
            await fault.apply(edge)
            met = await visitor.get()
            reached = parts.origin.requests - before
            visitor.leave()
            await fault.heal(edge)
            return met, reached, await visitor.get()

    met, reached, after = asyncio.run(drive())
    assert met.how in row.how.split("|"), met
    assert met.where == row.where, met
    assert row.least_s <= met.seconds <= row.most_s, met
    assert row.body[0] <= met.body_bytes <= row.body[1], met
    assert row.reaches_origin in (None, reached > 0)
    assert (after.how, after.body_bytes) == ("ok", len(BODY))


def test_an_answer_is_lost_after_the_origin_acted_on_the_request(bench: OpenBench) -> None:
    async def drive() -> tuple[Met, int]:
        async with bench() as parts:
            edge = parts.edge()

            async def strike() -> None:
                await FAULTS.get("answer-lost").apply(edge)

            parts.origin.hold = strike
            return await parts.visitor().get(), parts.origin.requests

    met, requests = asyncio.run(drive())
    assert requests == 1
    assert (met.how, met.where, met.body_bytes) == ("closed", "answer", 0)


def test_every_source_of_a_link_is_struck_and_healed(bench: OpenBench) -> None:
    async def drive() -> list[list[str]]:
        async with bench() as parts:
            second = await parts.client.create_proxy("second", f"127.0.0.1:{parts.origin.port}")
            edge = parts.edge()
            object.__setattr__(edge, "proxies", (parts.proxy, second))
            kinds = []
            for act in (FAULTS.get("hang").apply, FAULTS.get("hang").heal):
                receipts = await act(edge)
                assert len(receipts) == 2
                states = await parts.client.list()
                kinds.append([toxic.type for state in states.values() for toxic in state.toxics])
            return kinds

    assert asyncio.run(drive()) == [["timeout", "timeout"], []]


def test_a_parameter_that_is_not_there_is_named_with_the_closest_one(bench: OpenBench) -> None:
    async def drive() -> None:
        async with bench() as parts:
            await FAULTS.get("latency").apply(parts.edge(latncy_ms=5))

    with pytest.raises(UsageError, match="did you mean 'latency_ms'"):
        asyncio.run(drive())


def test_a_parameter_below_its_least_value_is_refused(bench: OpenBench) -> None:
    async def drive() -> None:
        async with bench() as parts:
            await FAULTS.get("bandwidth").apply(parts.edge(rate_kbps=0))

    with pytest.raises(UsageError, match="from 1, not 0"):
        asyncio.run(drive())
