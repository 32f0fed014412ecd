"""From what was seen of a healthy visit to edges: who asks whom, on which link, and whether any scenario breaks that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.catalog import Link, Side
from harness.explore.looking_on import Asked
from harness.journal.model import Scenario
from harness.lab.slot import TARGET_HOST, Slot
from harness.target.surface import TARGET_ITSELF, SurfaceEdge

HTTPS = 443
CALL, CONNECTION = "call", "connection"


class Whose(StrEnum):
    """Whose host an edge leads to."""

    FIRST_PARTY = "first party"
    CAPTCHA = "captcha"
    THIRD_PARTY = "third party"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of an edge in one flow; ``refused``: nothing maps the host. ``path`` is an example of what was asked for."""

    side: Side
    host: str
    port: int
    link: str
    kind: str
    flow: str
    whose: Whose
    path: str = ""
    blocks: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An edge that was found: how often it was used, by how many scenarios it is broken, and with which faults.

    ``refused``: nothing maps its host, so that what it would have brought is not known. ``blocking``: the paths that block.
    """

    edge: SurfaceEdge
    whose: Whose
    port: int
    uses: int
    scenarios: int
    refused: bool
    example: str = ""
    faults: tuple[str, ...] = ()
    blocking: tuple[str, ...] = ()

    @property
    def uncovered(self) -> bool:
        """Whether somebody else's host can fail here and no scenario tries it."""
        return self.whose is not Whose.FIRST_PARTY and not self.scenarios


def uses_of(flow: str, slot: Slot, asked: Iterable[Asked], target_port: int) -> Iterator[Use]:
    """Every use of an edge that browser, router and far end have recorded of one lab."""
    refused = {(c.host, c.port) for c in slot.router.log if c.ended_by == "unmapped"}
    links = slot.links

    def use(side: Side, host: str, port: int, link: str, kind: str, path: str = "", *, blocks: bool = False) -> Use:
        own = host == TARGET_HOST and port == target_port
        known = links.get(link)
        if known is not None and known.third_party and port != HTTPS:
            link = ""
        return Use(
            side=side, host=TARGET_ITSELF if own else host, port=port, link=link, kind=kind, flow=flow,
            whose=_whose(host, link, links, own=own), path=path, blocks=blocks, refused=(host, port) in refused,
        )  # fmt: skip

    told, at_hosts = set(), set()
    for one in asked:
        link = one.link if one.host != TARGET_HOST or one.port == target_port else ""
        told.add(link)
        at_hosts.add((one.host, one.port))
        yield use(Side.BROWSER, one.host, one.port, link, one.kind, one.path, blocks=one.blocks)
    for host, port, link in _arrived(slot, target_port):
        side = links[link].side
        if side is Side.SERVER or link not in told:
            at_hosts.add((host, port))
            yield use(side, host, port, link, CALL)
    yield from _connected(slot, at_hosts, use)


def _arrived(slot: Slot, target_port: int) -> Iterator[tuple[str, int, str]]:
    """Host, port and link of what the far ends saw arrive: who has no page, or is a server, is seen nowhere else."""
    for arrival in slot.provider.log:
        if arrival.link in slot.links:
            yield _named(arrival.host, slot.links[arrival.link]), HTTPS, arrival.link
    for request in slot.origin.log:
        if request.link in slot.links:
            yield TARGET_HOST, target_port, request.link


def _connected(slot: Slot, known: Collection[tuple[str, int]], use: Callable[..., Use]) -> Iterator[Use]:
    """What was only connected to, or asked by the server past every link of its own."""
    of_server = {host for link in slot.links.values() if link.side is Side.SERVER for host in link.hosts}
    for connection in slot.router.log:
        host, port, side = connection.host, connection.port, connection.side
        link = host if host in slot.links else ""
        if side is Side.BROWSER and (host, port) not in known:
            yield use(side, host, port, link, CONNECTION)
        elif side is Side.SERVER and host not in of_server:
            yield use(side, host, port, link, CALL)


def _named(host: str, link: Link) -> str:
    """A link's host, for who has an endpoint setting asks an address of the lab's in its place."""
    return host if host in link.hosts or not link.hosts else link.hosts[0]


def _whose(host: str, link: str, links: Mapping[str, Link], *, own: bool) -> Whose:
    if own:
        return Whose.FIRST_PARTY
    captcha = {name for one in links.values() if not one.third_party for name in one.hosts if name != TARGET_HOST}
    known = links.get(link)
    if host in captcha or (known is not None and not known.third_party):
        return Whose.CAPTCHA
    return Whose.THIRD_PARTY


HostsOf = Callable[[str, str], Sequence[str]]


def found_in(uses: Iterable[Use], scenarios: Sequence[Scenario], hosts_of: HostsOf) -> tuple[Found, ...]:
    """Put uses together, an edge for each side, host and link; ``hosts_of`` names the hosts of a flow's link."""
    sums: dict[tuple[str, str, str], list[Use]] = {}
    for use in uses:
        sums.setdefault((use.side.value, _with_port(use), _link_word(use)), []).append(use)
    found = [_found(together, scenarios, hosts_of) for together in sums.values()]
    return tuple(sorted(found, key=lambda one: (list(Whose).index(one.whose), one.edge.key)))


def _link_word(use: Use) -> str:
    """The link as it is told: a third party's, its host once more, must be the same edge before it is mapped and after."""
    return "" if use.link == use.host else use.link


def _with_port(use: Use) -> str:
    return use.host if use.port == HTTPS or use.host == TARGET_ITSELF else f"{use.host}:{use.port}"


def _found(uses: Sequence[Use], scenarios: Sequence[Scenario], hosts_of: HostsOf) -> Found:
    first = uses[0]
    flows = tuple(sorted({use.flow for use in uses}))
    blocking = tuple(dict.fromkeys(use.path for use in uses if use.blocks))
    edge = SurfaceEdge(
        side=first.side, host=_with_port(first), link=_link_word(first),
        kinds=tuple(sorted({use.kind for use in uses})), flows=flows, blocks=bool(blocking),
    )  # fmt: skip
    striking = [one for one in scenarios if one.flow in flows and one.fault is not None and _strikes(one, first, hosts_of)]
    faults = Counter(one.fault.name for one in striking if one.fault is not None)
    return Found(
        edge=edge, whose=first.whose, port=first.port, uses=len(uses), scenarios=len(striking),
        refused=any(use.refused for use in uses), example=next((use.path for use in uses if use.path), ""),
        faults=tuple(name for name, _times in faults.most_common()), blocking=blocking,
    )  # fmt: skip


def _strikes(scenario: Scenario, use: Use, hosts_of: HostsOf) -> bool:
    """Whether a scenario breaks this edge: its link, or where no link is named, whatever else lives on that host."""
    links = (scenario.link, *scenario.beside)
    if use.link:
        return use.link in links
    of_side = scenario.link_side is use.side and use.whose is Whose.CAPTCHA
    return of_side and any(use.host in hosts_of(scenario.flow, link) for link in links)
