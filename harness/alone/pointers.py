"""How to point a browser, an SDK and a server at a provider that runs alone: for people, and as JSON for programs.

What a runtime obeys is as measured in domain/sdk-behaviour.md, "CA and proxy without touching code".
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from harness.alone.standin import StandIn
from harness.catalog import Side
from harness.providers.base import HasSdk
from harness.providers.listening import LOOPBACK

# Python's and Node's vendor SDKs send loopback through a proxy that one of these names, whatever NO_PROXY says.
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_JAVA_STORE = "captchaos.p12"
_JAVA_WORD = "changeit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointers:
    """Where everything is. ``tls``, ``admin`` and ``sdk_ca_file`` are "" where there is none; browsers ask ``hosts``."""

    provider: str
    title: str
    build: str
    plain: str
    tls: str
    admin: str
    ca_file: str
    spki: str
    hosts: tuple[str, ...]
    server_hosts: tuple[str, ...]
    credentials: dict[str, str]
    sdk_ca_file: str

    @property
    def tls_address(self) -> str:
        """Host and port that speak TLS."""
        return self.tls.removeprefix("https://")

    @property
    def browser_switches(self) -> tuple[str, ...]:
        """Chromium's switches: the vendor's hosts are here, and the authority is trusted, without ignoring bad certificates."""
        if not self.hosts:
            return ()
        rules = ", ".join(f"MAP {host} {self.tls_address}" for host in self.hosts)
        return (f"--host-resolver-rules={rules}, EXCLUDE {LOOPBACK}", f"--ignore-certificate-errors-spki-list={self.spki}")

    @property
    def environment(self) -> dict[str, dict[str, str]]:
        """The variables by which each runtime trusts the authority."""
        store = f"-Djavax.net.ssl.trustStore={_JAVA_STORE} -Djavax.net.ssl.trustStorePassword={_JAVA_WORD}"
        return {
            "python": {"SSL_CERT_FILE": self.ca_file, "REQUESTS_CA_BUNDLE": self.ca_file},
            "node": {"NODE_EXTRA_CA_CERTS": self.ca_file},
            "java": {"JAVA_TOOL_OPTIONS": store},
            "go": {"SSL_CERT_FILE": self.ca_file},
        }

    def as_json(self) -> dict[str, object]:
        """Everything by name."""
        told: dict[str, object] = {
            "provider": self.provider,
            "build": self.build,
            "plain": self.plain,
            "credentials": self.credentials,
            "hosts": self.hosts,
            "server_hosts": self.server_hosts,
        }
        if self.tls:
            told |= {
                "tls": self.tls,
                "ca_file": self.ca_file,
                "environment": self.environment,
                "browser_switches": self.browser_switches,
            }
        return told | ({"admin": self.admin} if self.admin else {})

    def lines(self) -> Iterator[str]:
        """Everything for people."""
        yield f"{self.title}, client build {self.build}, on loopback until Ctrl-C"
        yield ""
        yield "The account, made up anew at every start"
        yield from (f"  {name:<12}{value}" for name, value in self.credentials.items())
        yield ""
        yield "A server or an SDK"
        yield f"  endpoint    {self.plain}"
        if self.tls:
            yield from self._over_tls()
        else:
            yield "  over TLS    with --tls"
        yield f"  no proxy    unset {' '.join(PROXY_VARIABLES)}"
        yield ""
        yield "A browser"
        yield from self._browser()
        if self.admin:
            yield ""
            yield "The admin endpoint: faults, tickets, counts, for this machine only"
            yield f"  curl {self.admin}/"

    def _over_tls(self) -> Iterator[str]:
        yield f"  over TLS    {self.tls}, or this port under the name {' or '.join(self.server_hosts)}"
        yield f"  CA file     {self.ca_file}"
        for runtime, variables in self.environment.items():
            yield f"  {runtime:<12}{' '.join(f'{name}={shlex.quote(value)}' for name, value in variables.items())}"
        hand_it = f", {self.sdk_ca_file}" if self.sdk_ca_file else ""
        yield f"  python      an SDK with its own list takes neither: hand it the CA file{hand_it}"
        yield f"  java        first: keytool -importcert -noprompt -alias captchaos -file {shlex.quote(self.ca_file)}"
        yield f"              -keystore {_JAVA_STORE} -storetype PKCS12 -storepass {_JAVA_WORD}"

    def _browser(self) -> Iterator[str]:
        if not self.hosts:
            yield "  asks none of this provider's hosts: the business server does"
            return
        if not self.tls:
            yield "  needs --tls: the vendor's client asks its hosts by https"
            return
        yield f"  hosts       {' '.join(self.hosts)}"
        yield f"  chromium --user-data-dir=captchaos-profile {shlex.join(self.browser_switches)}"


def pointers(standin: StandIn, *, admin_port: int = 0) -> Pointers:
    """Say where a stand-in that has started is; ``admin_port`` 0 means that it has no admin endpoint."""
    server, provider = standin.server, standin.provider
    return Pointers(
        provider=provider.name,
        title=provider.title,
        build=standin.build,
        plain=f"http://{LOOPBACK}:{server.plain_port}",
        tls=f"https://{LOOPBACK}:{server.port}" if server.port else "",
        admin=f"http://{LOOPBACK}:{admin_port}" if admin_port else "",
        ca_file=str(standin.authority.ca_file),
        spki=standin.authority.spki,
        hosts=_hosts(standin, Side.BROWSER),
        server_hosts=_hosts(standin, Side.SERVER),
        credentials=standin.emulator.credentials.values(),
        sdk_ca_file=provider.sdk_ca_file if isinstance(provider, HasSdk) else "",
    )


def _hosts(standin: StandIn, side: Side) -> tuple[str, ...]:
    return tuple(dict.fromkeys(host for link in standin.links if link.side is side for host in link.hosts))
