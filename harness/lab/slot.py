"""A slot: what is reused between labs (router, ports, proxies, provider), reset and read back before each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.catalog import Link, Side
from harness.certificates import Authority, CertificateBook
from harness.errors import ToxiproxyError
from harness.faults.base import ProxyHandle
from harness.lab.origin import OriginGate
from harness.lab.router import Router
from harness.providers.base import Provider
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
    """

    number: int
    router: Router
    origin: OriginGate
    provider: ProviderServer
    proxies: Mapping[str, AsyncProxy]
    ca_file: str
    toxiproxy_url: str
    provider_name: str = ""
    links: Mapping[str, Link] = field(default_factory=dict)
    ports: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def plain_url(self) -> str:
        """The provider without TLS, through its proxy."""
        return f"http://{self.proxies[PLAIN].listen}"

    def proxies_of(self, link: Link) -> tuple[ProxyHandle, ...]:
        """Every proxy that a fault on this link strikes, its source hosts in order."""
        return tuple(self.proxies[way] for way in ways_of(link, self.links))

    async def reset(self, *, build: str) -> None:
        """Make everything new for the next lab; raises ToxiproxyError when a proxy does not read back clean."""
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
        """Close ports and remove proxies."""
        await self.router.stop()
        await self.origin.stop()
        await self.provider.stop()
        for proxy in self.proxies.values():
            await proxy.delete()
        self.ports.close()


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
) -> Slot:
    """Open one slot for the provider that the target calls ``name``.

    ``owned`` is told the server and name of every proxy *before* it is made, so that none can be orphaned.
    """
    router, origin = Router(), OriginGate()
    emulator = provider.emulator(app_id=use.app_id, prefix=use.prefix, options=use.all_options)
    server = ProviderServer(emulator, CertificateBook(authority))
    await router.start()
    await origin.start()
    await server.start()
    ways = dict.fromkeys((way for link in links.values() for way in ways_of(link, links)), server.port)
    proxies = {}
    with contextlib.ExitStack() as opening:
        for way, port in (ways | {PLAIN: server.plain_port, TARGET_HOST: origin.port}).items():
            proxy = "-".join(filter(None, ("captchaos", run_id, str(number), name, way)))
            owned(toxiproxy.url, proxy)
            proxies[way] = await _make_proxy(toxiproxy, proxy, f"127.0.0.1:{port}", opening)
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
        ports=ports,
    )


def ways_of(link: Link, links: Mapping[str, Link]) -> tuple[str, ...]:
    """The keys of a link's proxies: its hosts, and where a server with an endpoint setting may go, without TLS."""
    if link.side is not Side.SERVER:
        return link.hosts
    of_browsers = {host for other in links.values() if other.side is Side.BROWSER for host in other.hosts}
    return (*(host + OF_THE_SERVER if host in of_browsers else host for host in link.hosts), PLAIN)


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
