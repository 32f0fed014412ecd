"""A slot: what is reused between labs (router, ports, proxies, provider), reset and read back before each."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.catalog import Link, Side
from harness.certificates import Authority, CertificateBook
from harness.errors import ConfigurationError, ToxiproxyError
from harness.faults.base import ProxyHandle
from harness.lab.keeping import Keeping
from harness.lab.live import PassedOn
from harness.lab.origin import OriginGate
from harness.lab.recording import Recordings
from harness.lab.router import Router
from harness.lab.third_party import Folders
from harness.providers.base import Emulator, KeepsCredentials, Provider
from harness.providers.serving import ProviderServer
from harness.target.ports import reserve_port
from harness.target.spec import ProviderUse
from harness.toxiproxy.client import ToxiproxyClient
from harness.toxiproxy.proxy import AsyncProxy

TARGET_HOST = "127.0.0.1"
PLAIN = "plain"
# What a proxy's key ends with that carries the server's connections to a host which browsers reach through another.
OF_THE_SERVER = "@server"
PORT_TRIES = 5


@dataclass(slots=True, kw_only=True)
class Slot:
    """Router, origin gate, provider and one Toxiproxy proxy per host; ``proxies`` also holds ``plain`` and ``127.0.0.1``.

    A host that browser and server both use has a proxy for each of them, so that a fault on one's link spares the other's.
    ``provider_name`` is what the target calls the provider, "" for its main one.
    ``plain`` leads to the provider without TLS, for targets that have an endpoint setting; ``127.0.0.1`` to the target.
    ``neighbour``: the Toxiproxy next to a target that runs already, which then has ``plain``.
    ``keeping``: the target's process that its labs share; None: each starts its own.
    """

    number: int
    router: Router
    origin: OriginGate
    provider: ProviderServer
    proxies: Mapping[str, AsyncProxy]
    ca_file: str
    toxiproxy_url: str
    provider_name: str = ""
    neighbour: ToxiproxyClient | None = None
    links: Mapping[str, Link] = field(default_factory=dict)
    ports: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    keeping: Keeping | None = None

    @property
    def live(self) -> PassedOn | None:
        """What passes requests on to the vendor, where no emulator answers them."""
        emulator = self.provider.emulator
        return emulator if isinstance(emulator, PassedOn) else None

    @property
    def plain_url(self) -> str:
        """The provider without TLS, through its proxy."""
        return f"http://{self.proxies[PLAIN].listen}"

    def proxies_of(self, link: Link) -> tuple[ProxyHandle, ...]:
        """Every proxy that a fault on this link strikes, its source hosts in order."""
        return tuple(self.proxies[way] for way in ways_of(link, self.links))

    async def reset(self, *, build: str) -> None:
        """Make everything new for the next lab; raises ToxiproxyError when a proxy does not read back clean.

        Only the account stays where a process of the target does: that was told of it.
        """
        if self.keeping is not None:
            stay(self.provider.emulator)
        await self.router.drop_all()
        await self.origin.close_connections()
        await asyncio.gather(*(proxy.reset() for proxy in self.proxies.values()))
        self.router.reset()
        self.provider.reset(build=build)
        self.origin.reset()
        for way, proxy in self.proxies.items():
            if way in (PLAIN, TARGET_HOST):
                continue
            host = way.removesuffix(OF_THE_SERVER)
            if host == way and way + OF_THE_SERVER not in self.proxies:
                self.router.route(host, 443, proxy.port)
            else:
                self.router.route(host, 443, proxy.port, sides=(Side.BROWSER if host == way else Side.SERVER,))

    def point_at(self, target_port: int) -> None:
        """Stand in front of the lab's target."""
        self.origin.target_port = target_port
        self.router.route(TARGET_HOST, target_port, self.proxies[TARGET_HOST].port)

    def last_activity(self) -> float:
        """When something last moved on any of the slot's edges (monotonic)."""
        arrived = max((a.answered or a.arrived for a in self.provider.log[-3:]), default=0.0)
        return max(self.router.last_activity, arrived)

    async def close(self) -> None:
        """End the target that was kept, close ports and remove proxies."""
        if self.keeping is not None:
            await self.keeping.end("")
        await self.router.stop()
        await self.origin.stop()
        await self.provider.stop()
        if self.live is not None:
            await self.live.close()
        for proxy in self.proxies.values():
            await proxy.delete()
        self.ports.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A Toxiproxy next to a target that runs already, and where the target asks through it."""

    toxiproxy: ToxiproxyClient
    listen: str


def keep(emulator: Emulator, use: ProviderUse) -> None:
    """Give the emulator the account that a running target was given; raises ConfigurationError where that cannot be."""
    if not use.credentials:
        return
    if not isinstance(emulator, KeepsCredentials):
        raise ConfigurationError(f"provider.credentials: the provider {use.use!r} makes its account anew for each laboratory")
    unset = [variable for variable in use.credentials.values() if not os.environ.get(variable)]
    if unset:
        raise ConfigurationError(f"provider.credentials names {', '.join(unset)}, which the environment does not hold: set it")
    emulator.keep({name: os.environ[variable] for name, variable in use.credentials.items()})


def stay(emulator: Emulator) -> None:
    """Let the emulator's account be the same after its next reset, if it can: else its target is started anew."""
    if isinstance(emulator, KeepsCredentials):
        console = emulator.credentials.values()
        emulator.keep({name: value for name, value in console.items() if name != "app_id"})


async def open_slot(
    number: int,
    *,
    run_id: str,
    use: ProviderUse,
    provider: Provider,
    authority: Authority,
    toxiproxy: ToxiproxyClient,
    links: Mapping[str, Link],
    owned: Callable[[str, str], None],
    name: str = "",
    third_party: Mapping[str, str] | None = None,
    recordings: Recordings | None = None,
    neighbour: Neighbour | None = None,
) -> Slot:
    """Open one slot for the provider that the target calls ``name``.

    ``owned`` is told the server and name of every proxy *before* it is made, so that none can be orphaned.
    ``neighbour``: where a target that runs already asks for its verdicts.
    ``third_party``: hosts beside the provider's, each with the folder that it is served from, or a word that lets it through
    or answers for it from ``recordings``.
    """
    router, origin = Router(), OriginGate()
    emulator = provider.emulator(app_id=use.app_id, prefix=use.prefix, options=use.all_options)
    keep(emulator, use)
    beside = Folders(third_party or {}, recordings)
    answering = emulator if use.live is None else PassedOn(emulator, use.live)
    server = ProviderServer(answering, CertificateBook(authority), beside)
    if use.live is not None:
        server.breaks = "the live provider could not be asked"
    await router.start()
    await origin.start()
    await server.start()
    here = dict.fromkeys((way for link in links.values() for way in ways_of(link, links)), server.port)
    here |= {PLAIN: server.plain_port, TARGET_HOST: origin.port}
    upstreams = {way: f"127.0.0.1:{port}" for way, port in here.items()}
    upstreams |= {host: f"{host}:443" for host in beside.let_through if host in links}
    proxies = {}
    with contextlib.ExitStack() as opening:
        for way, upstream in upstreams.items():
            proxy = "-".join(filter(None, ("captchaos", run_id, str(number), name, way)))
            if neighbour is not None and way == PLAIN:
                owned(neighbour.toxiproxy.url, proxy)
                proxies[way] = await be_guest(neighbour, proxy, upstream)
                continue
            owned(toxiproxy.url, proxy)
            proxies[way] = await _make_proxy(toxiproxy, proxy, upstream, opening)
        ports = opening.pop_all()
    return Slot(
        number=number,
        router=router,
        origin=origin,
        provider=server,
        proxies=proxies,
        ca_file=str(authority.ca_file),
        toxiproxy_url=toxiproxy.url,
        links=links,
        provider_name=name,
        neighbour=neighbour.toxiproxy if neighbour is not None else None,
        ports=ports,
    )


def ways_of(link: Link, links: Mapping[str, Link]) -> tuple[str, ...]:
    """The keys of a link's proxies: its hosts, and where a server with an endpoint setting may go, without TLS."""
    if link.side is not Side.SERVER:
        return link.hosts
    of_browsers = {host for other in links.values() if other.side is Side.BROWSER for host in other.hosts}
    return (*(host + OF_THE_SERVER if host in of_browsers else host for host in link.hosts), PLAIN)


async def be_guest(neighbour: Neighbour, name: str, upstream: str) -> AsyncProxy:
    """Make the one proxy at a Toxiproxy that is others' too; raises ConfigurationError where its address is taken."""
    try:
        return await neighbour.toxiproxy.create_proxy(name, upstream, neighbour.listen)
    except ToxiproxyError as error:
        if "already in use" not in str(error):
            raise ToxiproxyError(f"links.verdict.toxiproxy: {error}") from error
        raise ConfigurationError(
            f"links.verdict.listen: {neighbour.listen} is taken at the Toxiproxy of links.verdict.toxiproxy, and what "
            "listens there is others' and stays: name an address that is free, and let the target ask the captcha's API there"
        ) from error


async def _make_proxy(toxiproxy: ToxiproxyClient, name: str, upstream: str, ports: contextlib.ExitStack) -> AsyncProxy:
    """Make a proxy on a port that nothing takes while the proxy is disabled and its port closed; ``ports`` holds it.

    A port that the operating system chose may go to any outgoing connection of the machine then, and the fault cannot end.
    """
    for tries_left in reversed(range(PORT_TRIES)):
        reserved = reserve_port()
        try:
            proxy = await toxiproxy.create_proxy(name, upstream, f"127.0.0.1:{reserved.port}")
        except ToxiproxyError as error:
            reserved.release()
            # Somebody else took the port between here and there.
            if not tries_left or "already in use" not in str(error):
                raise
        else:
            ports.callback(reserved.release)
            return proxy
    raise AssertionError("the last try returns or raises")
