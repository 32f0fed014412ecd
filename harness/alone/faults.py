"""Response faults on the links of a provider that runs alone: put on, read back, taken off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from harness.catalog import Family, Link
from harness.errors import UsageError, closest
from harness.faults.base import FAULTS, Edge, Fault
from harness.lab.no_browser import NoBrowser
from harness.lab.provider_clock import EmulatorClock
from harness.providers.serving import ProviderServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A fault that somebody wants on a link, with its numbers by name."""

    link: str
    fault: str
    parameters: Mapping[str, int] = field(default_factory=dict)


def wanted(word: str) -> Wanted:
    """Read ``LINK=FAULT`` or ``LINK=FAULT,NAME=NUMBER,…``; raises UsageError for any other shape."""
    link, equals, rest = word.partition("=")
    fault, *numbers = rest.split(",")
    if not (link and equals and fault):
        raise UsageError(f"--fault takes LINK=FAULT, such as verdict=status-503, not {word!r}")
    return Wanted(link=link, fault=fault, parameters=dict(_number(text) for text in numbers))


def _number(text: str) -> tuple[str, int]:
    name, _, value = text.partition("=")
    if not (name and value.isascii() and value.isdigit()):
        raise UsageError(f"what follows the name of a fault is NAME=NUMBER, such as drip_ms=50, not {text!r}")
    return name, int(value)


class StandingFaults:
    """Which fault stands on which link; one on each, so that a second takes the place of the first."""

    def __init__(self, links: Sequence[Link], server: ProviderServer) -> None:
        self._links = {link.name: link for link in links}
        self._server = server
        self._standing: dict[str, tuple[Wanted, Fault]] = {}

    def check(self, wish: Wanted) -> Fault:
        """Return the fault that is wanted; raises UsageError with the closest match for a link or fault that is not there."""
        self._known_link(wish.link)
        fitting = {fault.name: fault for fault in FAULTS if fault.family is Family.RESPONSE}
        if wish.fault in fitting:
            return fitting[wish.fault]
        if wish.fault in FAULTS.all():
            raise UsageError(
                f"{wish.fault!r} is not done by a provider's answer, so a provider alone cannot do it; "
                f"`captchaos run` does{closest(wish.fault, fitting)}"
            )
        raise UsageError(f"no response fault is called {wish.fault!r}{closest(wish.fault, fitting)}")

    async def put(self, wish: Wanted) -> None:
        """Put the fault on its link, in the place of any other; both changes are read back by the faults themselves."""
        fault, before = self.check(wish), self._standing.get(wish.link)
        await self.clear(wish.link)
        try:
            await self._apply(wish, fault)
        except UsageError:
            if before is not None:
                await self._apply(*before)
            raise

    async def clear(self, link: str) -> None:
        """Take off what stands on the link, if anything does."""
        self._known_link(link)
        if (standing := self._standing.pop(link, None)) is not None:
            await standing[1].heal(self._edge(standing[0]))

    async def clear_all(self) -> None:
        """Take off everything."""
        for link in tuple(self._standing):
            await self.clear(link)

    def shown(self) -> dict[str, dict[str, object]]:
        """What stands, by link."""
        return {
            link: {"fault": wish.fault, "parameters": dict(wish.parameters)} for link, (wish, _fault) in self._standing.items()
        }

    async def _apply(self, wish: Wanted, fault: Fault) -> None:
        await fault.apply(self._edge(wish))
        self._standing[wish.link] = (wish, fault)

    def _known_link(self, name: str) -> None:
        if name not in self._links:
            raise UsageError(f"no link of this provider is called {name!r}{closest(name, self._links)}")

    def _edge(self, wish: Wanted) -> Edge:
        return Edge(
            link=wish.link,
            hosts=self._links[wish.link].hosts,
            proxies=(),
            responses=self._server.responses,
            certificates=self._server.certificates,
            browser=NoBrowser(),
            clock=EmulatorClock(self._server.emulator),
            parameters=wish.parameters,
        )
