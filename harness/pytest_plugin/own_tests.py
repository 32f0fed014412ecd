"""A laboratory for a repository's own tests: one target, started afresh for each of them, whose links they break."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from harness.alone.mint import Mint, Minted
from harness.catalog import STANDS, Family, Warmth
from harness.engine.workshop import Workshop
from harness.errors import LaboratoryError, UsageError, closest
from harness.explore.thread import Laboratory, open_laboratory
from harness.journal.model import Scenario, Sighting
from harness.lab.edges import edge_of
from harness.lab.fault_window import Meters, Snapshot, not_clean
from harness.lab.recorder import Recorder
from harness.lab.sightings import sightings
from harness.lab.slot import Slot
from harness.lab.stage import Stage
from harness.lab.striker import Striker
from harness.pytest_plugin.places import TARGET_FILE, target_of
from harness.pytest_plugin.told import told
from harness.report.text import one_line
from harness.target.loader import find_target, load_target
from harness.tickets import FallbackTicket

SUBMIT = "submit"
_SUCH_AS = {"link": "entry", "kind": "hang", "flow": "login", "warmth": "cold"}


class Room:
    """What the tests of one process share: an open workshop, and a slot in it for the target's main provider."""

    def __init__(self, laboratory: Laboratory) -> None:
        self._laboratory = laboratory
        self._slot = laboratory.do(laboratory.workshop.open_slot(0))

    @property
    def browser_arguments(self) -> tuple[str, ...]:
        """With these a Chromium trusts the laboratory's certificates, and only them besides its own."""
        return (f"--ignore-certificate-errors-spki-list={self._laboratory.workshop.authority.spki}", "--disable-quic")

    @property
    def browser_path(self) -> Path:
        """The browser that was found."""
        return self._laboratory.workshop.parts.browser.path

    @told
    def start(self) -> OwnLab:
        """Start the target for one test."""
        workshop, slot = self._laboratory.workshop, self._slot
        build = workshop.bench.provider.builds[0]
        stage = self._laboratory.do(Stage.set_up(workshop.bench, slot, build))
        return OwnLab(self._laboratory, slot, stage, browser=(self.browser_path, self.browser_arguments))


@contextlib.contextmanager
def open_room(config: pytest.Config) -> Iterator[Room]:
    """Open a room for the session's target: one that is named, or the captchaos.toml at the root; never the bundled shop."""
    named = target_of(config) or config.rootpath / TARGET_FILE
    if not named.exists():
        raise UsageError(
            f"captchaos_lab has no target: put a {TARGET_FILE} into {config.rootpath}, or name one with --captchaos-target"
        )
    with open_laboratory(load_target(find_target(str(named)))) as laboratory:
        yield Room(laboratory)


class OwnLab:
    """One test's laboratory.

    ``url`` is the target's address; who goes there through ``proxy`` meets its faults, who does not goes past those of the
    browser's links. ``ca_file`` signs what the provider shows.
    """

    def __init__(self, laboratory: Laboratory, slot: Slot, stage: Stage, *, browser: tuple[Path, tuple[str, ...]]) -> None:
        self.url = stage.base_url
        self.proxy = f"socks5://127.0.0.1:{slot.router.port}"
        self.ca_file = Path(slot.ca_file)
        self.provider = ProviderView(laboratory.workshop, slot)
        self.ticket = Tickets(laboratory, slot)
        self._laboratory = laboratory
        self._slot = slot
        self._stage = stage
        self._browser = browser
        self._broken: Broken | None = None

    @property
    def launch_args(self) -> dict[str, Any]:
        """What makes a Chromium of the test's own trust the laboratory: ``chromium.launch(**captchaos_lab.launch_args)``."""
        path, arguments = self._browser
        return {"executable_path": str(path), "args": list(arguments)}

    @property
    def context_args(self) -> dict[str, Any]:
        """What leads a context through the laboratory to the target: ``browser.new_context(**captchaos_lab.context_args)``."""
        return {"proxy": {"server": self.proxy}, "base_url": self.url, "service_workers": "block"}

    @property
    def output(self) -> str:
        """The last output of the target."""
        return self._stage.output()

    @told
    def fault(self, link: str, kind: str, *, flow: str = "", warmth: str = "", must_be_felt: bool = True) -> Broken:
        """Break a link as a planned scenario does; fails the test, with the closest match, where none does it.

        ``must_be_felt``: the test is no pass when nothing has met the fault.
        """
        if self._broken is not None and self._broken.stands:
            raise UsageError(f"{self._broken} stands already: one fault at a time, `with fault(…):` ends it")
        scenario = _planned(self._laboratory.workshop, link, kind, flow=flow, warmth=warmth)
        self._broken = Broken(self._laboratory, self._slot, self._stage, scenario, must_be_felt=must_be_felt)
        return self._broken

    def end_faults(self) -> None:
        """Mend what still stands."""
        if self._broken is not None:
            self._broken.end()

    @told
    def stop(self) -> None:
        """End the target."""
        self._laboratory.do(self._stage.stop())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A striker at work, and what was known before it began."""

    striker: Striker
    recorder: Recorder
    before: Meters


class Broken:
    """A link that is broken, until :meth:`end` or the end of the ``with``. ``felt``: where that was seen, once it has ended."""

    def __init__(self, laboratory: Laboratory, slot: Slot, stage: Stage, scenario: Scenario, *, must_be_felt: bool) -> None:
        self.felt: tuple[Sighting, ...] = ()
        self.stands = True
        self._laboratory = laboratory
        self._slot = slot
        self._stage = stage
        self._scenario = scenario
        self._must_be_felt = must_be_felt
        self._held = laboratory.do(self._strike())

    def __str__(self) -> str:
        fault = self._scenario.fault
        return f"the fault {fault.name if fault else ''} on {self._scenario.link}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        # What went wrong inside says more than that the fault was not met.
        self._must_be_felt = self._must_be_felt and problem is None
        self.end()

    @told
    def end(self) -> None:
        """Mend the link and read that back; fails the test where nothing has met the fault. Again: nothing happens."""
        if not self.stands:
            return
        self.stands = False
        self._laboratory.do(self._heal())
        if self._must_be_felt and not self.felt:
            raise LaboratoryError(
                f"{self} was not felt: nothing has met it, so the test says nothing about it. Does the page go there, through "
                "captchaos_lab.proxy, while it stands? Where it need not, say must_be_felt=False"
            )

    async def _strike(self) -> _Held:
        workshop, slot, scenario = self._laboratory.workshop, self._slot, self._scenario
        bench = workshop.bench_of(scenario.flow)
        link = bench.links[scenario.link]
        assert scenario.fault is not None
        recorder = Recorder()
        recorder.begin("honest")
        others = dict.fromkeys(h for other in bench.links.values() for h in other.hosts if h not in link.hosts)
        edge = edge_of(slot, link, scenario.parameters, other_hosts=tuple(others))
        flow = bench.target.flows[scenario.flow]
        striker = Striker(scenario, bench.faults[scenario.fault.name], edge, link, slot, recorder, flow)
        striker.printed = self._stage.output
        held = _Held(striker=striker, recorder=recorder, before=await bench.meters(slot))
        await striker.before_load()
        if link.name == SUBMIT:
            await striker.clicked()
        if striker.error is not None:
            raise striker.error
        return held

    async def _heal(self) -> None:
        bench = self._laboratory.workshop.bench_of(self._scenario.flow)
        slot, link, held = self._slot, bench.links[self._scenario.link], self._held
        striker = held.striker
        seen = Snapshot.take(slot.router.log, (), await not_clean(slot, link))
        await striker.heal()
        await striker.settled()
        if striker.error is not None:
            raise striker.error
        if striker.struck is None:
            return
        self.felt = sightings(
            self._scenario, link, slot, held.recorder, seen,
            applied=striker.struck, healed=striker.healed or time.monotonic(),
            before=held.before, after=await bench.meters(slot), output=striker.printed_meanwhile,
            submits=(), tickets=(), observe=bench.target.observe,
        )  # fmt: skip


class ProviderView:
    """The emulated provider, as a test sees it."""

    def __init__(self, workshop: Workshop, slot: Slot) -> None:
        self.name = workshop.bench.provider.name
        self.app_id = workshop.target.provider.app_id
        self._slot = slot

    @told
    def requests(self, link: str) -> int:
        """How many requests have arrived on one of its links since the target was started."""
        if link not in self._slot.links:
            raise UsageError(f"{self.name} has no link {link!r}{closest(link, self._slot.links)}")
        return sum(1 for _ in self._slot.provider.arrivals(link))


class Tickets:
    """Tickets for whoever tests a server without a browser."""

    def __init__(self, laboratory: Laboratory, slot: Slot) -> None:
        self._laboratory = laboratory
        self._emulator = slot.provider.emulator
        self._app_id = laboratory.workshop.target.provider.app_id

    @told
    def __call__(self, cause: str = "honest") -> Minted:
        """A fresh ticket with its ``randstr``; by another cause one that the provider will say no to."""

        async def make() -> Minted:
            return Mint(self._laboratory.workshop.bench.provider, self._emulator).ticket(cause)

        return self._laboratory.do(make())

    @told
    def fallback(self, code: int = 1001) -> str:
        """A fallback ticket, as the vendor's client writes one when it fails: anyone can."""
        if not isinstance(code, int):
            raise UsageError(f"a fallback ticket's code is a number, such as 1001, and not {code!r}")
        return str(FallbackTicket("terror", code, self._app_id, int(time.time()), None))


def _planned(workshop: Workshop, link: str, kind: str, *, flow: str, warmth: str) -> Scenario:
    """The first planned scenario of such a fault; the plan knows with which numbers, and at which moment, it bites."""
    _refuse_what_is_no_word(workshop, link=link, kind=kind, flow=flow, warmth=warmth)
    standing = [one for one in workshop.plan.scenarios if one.kind == "fault" and one.fault and one.strikes == STANDS]
    main = [one for one in standing if workshop.target.flows[one.flow].provider == ""]
    links = [one for one in main if one.link == link and flow in ("", one.flow)]
    if not links:
        known = {one.link for one in main if flow in ("", one.flow)}
        raise UsageError(f"no link {f'of the flow {flow!r} ' if flow else ''}is called {link!r}{closest(link, known)}")
    kinds = {one.fault.name: one for one in reversed(links) if one.fault}
    if kind not in kinds:
        raise UsageError(f"no fault on {link} is called {kind!r}{one_line(closest(kind, kinds), 1000)}")
    if (fault := kinds[kind].fault) is not None and fault.family is Family.BROWSER:
        raise UsageError(
            f"{kind} is done to a browser's context, and the test's own is not in our hands: use Playwright's "
            "context.set_offline() or page.route(), or let captchaos run do it"
        )
    planned = [one for one in links if one.fault and one.fault.name == kind]
    if found := [one for one in planned if warmth in ("", one.warmth)]:
        return found[0]
    raise UsageError(f"{kind} on {link} is planned {planned[0].warmth} alone: leave warmth={warmth!r} out")


def _refuse_what_is_no_word(workshop: Workshop, *, flow: str, warmth: str, **texts: str) -> None:
    for name, one in {**texts, "flow": flow, "warmth": warmth}.items():
        if not isinstance(one, str):
            raise UsageError(f"fault(link, kind): {name} is a text, such as {_SUCH_AS[name]!r}, and not {one!r}")
    if flow not in ("", *workshop.target.flows):
        raise UsageError(f"no flow is called {flow!r}{closest(flow, workshop.target.flows)}")
    if flow and workshop.target.flows[flow].provider:
        raise UsageError(f"{flow} depends on another provider than [provider], and a test's own laboratory has that one alone")
    if warmth not in ("", *Warmth):
        raise UsageError(f"no warmth is called {warmth!r}; known: {', '.join(Warmth)}")
