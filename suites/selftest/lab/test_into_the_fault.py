"""A verdict that went into a broken connection was not delivered, and does not count; a late one was, and does."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.catalog import Family
from harness.faults.base import FAULTS, Edge
from harness.journal.model import Moment
from harness.lab import collect
from harness.lab.handle import Leg
from harness.lab.lab import Lab
from harness.lab.passing import Passed
from harness.lab.recorder import Recorder
from harness.lab.toxiproxy_server import ToxiproxyServer
from harness.providers.serving import Arrival
from harness.target.loader import find_target, load_target
from harness.toxiproxy.client import ToxiproxyClient
from suites.selftest.lab.sockets import LIMIT_S

FLOW = load_target(find_target(None)).flows["login"]
# So that a fault which cuts after some bytes cuts this answer too.
ANSWER = b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 300
CUT_AFTER = {"cut-mid-body": {"bytes": 100}, "limit-data": {"bytes": 100}}
SILENCE_S = 2.0

STRUCK, HEALED = 10.0, 20.0
BEFORE, MEANWHILE, AFTER = 9.9, 15.0, 20.1
CUT = ("refused", "reset", "hang", "timeout", "limit-data", "cut-mid-body", "answer-lost")
LATE = ("latency", "bandwidth", "slicer", "slow-close")
ONE_WAY = tuple(f"{name}-upstream" for name in ("hang", "timeout", "limit-data", "reset", *LATE))
# A client that looks at certificates sends nothing over a bad one: who got so far does not look.
CERTIFICATES = ("expired-certificate", "wrong-name-certificate", "unknown-ca-certificate")
NO_TRANSPORT = ("empty", "half-answer", "slow-drip", "status-503", "dns-failure", "offline")


def lab(fault: str, *, struck: float | None = STRUCK, healed: float | None = HEALED) -> Any:
    """A lab with one fault on the verdict link, as far as the question goes."""
    made: Any = object.__new__(Lab)
    facts = SimpleNamespace(name=fault, family=FAULTS.get(fault).family) if fault else None
    made._scenario = SimpleNamespace(fault=facts, link="verdict")
    made._striker = SimpleNamespace(struck=struck, healed=healed)
    return made


def lost(fault: str, answered: float = MEANWHILE, link: str = "verdict", **when: float | None) -> bool:
    return bool(lab(fault, **when)._into_the_fault(link, answered))


@pytest.mark.parametrize("fault", CUT)
def test_an_answer_made_while_the_link_is_cut_is_lost(fault: str) -> None:
    assert lost(fault)


@pytest.mark.parametrize("fault", CUT)
@pytest.mark.parametrize("answered", [BEFORE, AFTER])
def test_an_answer_made_before_or_after_is_not(fault: str, answered: float) -> None:
    assert not lost(fault, answered)


@pytest.mark.parametrize("fault", CUT)
def test_an_answer_on_another_link_is_not(fault: str) -> None:
    assert not lost(fault, link="verify")


@pytest.mark.parametrize("fault", [*LATE, *ONE_WAY, *CERTIFICATES, *NO_TRANSPORT])
def test_an_answer_that_is_late_spoilt_or_unharmed_is_not(fault: str) -> None:
    assert not lost(fault)


def test_every_transport_fault_is_looked_at_here() -> None:
    known = {name for name, fault in FAULTS.all().items() if fault.family is Family.TRANSPORT}
    assert known == {*CUT, *LATE, *ONE_WAY, *CERTIFICATES}


def test_an_answer_is_lost_as_long_as_the_fault_has_not_ended() -> None:
    now = time.monotonic()
    assert lost("hang", now - 1, struck=now - 2, healed=None)


@pytest.mark.parametrize(("fault", "struck"), [("", STRUCK), ("hang", None)])
def test_without_a_fault_that_struck_nothing_is_lost(fault: str, struck: float | None) -> None:
    assert not lost(fault, struck=struck)


async def got_through(path: Path, name: str) -> bytes:
    """Apply a fault to a connection over which a request has already come; what the client then gets of its answer."""
    arrived, broken, over = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        arrived.set()
        await broken.wait()
        writer.write(ANSWER)
        await over.wait()
        writer.close()

    provider = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = provider.sockets[0].getsockname()[1]
    async with provider, await ToxiproxyServer.start(path) as server, ToxiproxyClient(server.url) as client:
        proxy = await client.create_proxy("verdict", f"127.0.0.1:{port}", "127.0.0.1:0")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.listen.rpartition(":")[2]))
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        await arrived.wait()
        nobody = cast(Any, None)
        edge = Edge(
            link="verdict", hosts=(), proxies=(proxy,), responses=nobody, certificates=nobody, clock=nobody, browser=nobody,
            parameters=CUT_AFTER.get(name, {}),
        )  # fmt: skip
        await FAULTS.get(name).apply(edge)
        broken.set()
        got = await _read(reader)
        over.set()
        writer.close()
    return got


async def _read(reader: asyncio.StreamReader) -> bytes:
    got = b""
    try:
        async with asyncio.timeout(SILENCE_S):
            while len(got) < len(ANSWER) and (more := await reader.read(1000)):
                got += more
    except (TimeoutError, ConnectionError):
        pass
    return got


@pytest.mark.parametrize("fault", [*CUT, *LATE, *ONE_WAY])
def test_what_is_said_is_what_a_client_behind_a_real_toxiproxy_gets(fault: str, toxiproxy_path: Path) -> None:
    got = asyncio.run(asyncio.wait_for(got_through(toxiproxy_path, fault), LIMIT_S))
    assert (got != ANSWER) is lost(fault)


def slot(*answered: float | None, rewritten: str = "") -> Any:
    """A slot whose provider answered verdict calls with 1, at these times."""
    arrivals = [
        Arrival(
            link="verdict", host="captcha.example", method="POST", path="/", connection="1", arrived=5.0, answered=at_s,
            rewritten=rewritten, said="code 1", ticket="tr0good",
        )
        for at_s in answered
    ]  # fmt: skip
    return SimpleNamespace(provider=SimpleNamespace(arrivals=lambda _: arrivals), origin=SimpleNamespace(log=[]))


@pytest.fixture
def recorder() -> Recorder:
    """The notebook of a lab whose verdict link hung for a while."""
    made = Recorder()
    made.began = 0.0
    made.visits = [(1.0, "honest")]
    made.into_the_fault = lab("hang")._into_the_fault
    return made


def verdicts(recorder: Recorder, where: Any) -> list[str]:
    return [call.answer for call in collect.verdict_calls(where, recorder)]


def test_a_call_says_whether_its_answer_was_delivered(recorder: Recorder) -> None:
    where = slot(BEFORE, MEANWHILE, AFTER, None)
    assert verdicts(recorder, where) == ["1", "1, not delivered", "1", "never answered"]


def test_a_rewritten_answer_that_was_lost_says_both(recorder: Recorder) -> None:
    assert verdicts(recorder, slot(MEANWHILE, rewritten="html")) == ["rewritten: html, not delivered"]


def test_a_lab_that_breaks_nothing_delivers_every_answer() -> None:
    assert verdicts(Recorder(), slot(MEANWHILE)) == ["1"]


@pytest.mark.parametrize(("answered", "passed"), [(BEFORE, 1), (MEANWHILE, 0)])
def test_a_pass_that_was_not_delivered_verifies_nobody(answered: float, passed: int, recorder: Recorder) -> None:
    start = Moment(at_ms=0, page_ms=0)
    facts = collect.visit_facts("honest", slot(answered), recorder, FLOW, legs=[Leg(clicked=start, over=start)])
    assert facts.passed_verdicts == passed
    done = Passed(
        completed=True, offered=False, stepped_up=False, error="", usable=None, usable_ms=None, clicked=None, ended=start
    )
    seen = collect.outcome(done, facts)
    assert seen == ("verified" if passed else "unverified")
