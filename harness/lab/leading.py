"""Why nothing of the server's came to the provider: not led there at all, or led there and not trusting it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from harness.catalog import Link, Side
from harness.journal.model import Diagnosis
from harness.lab.router import Connection
from harness.target.runtimes import RUNTIMES
from harness.target.spec import Target

_ENDPOINT = "{links.verdict.url} as its endpoint"
_ROUTE = "{lab.proxy} and {lab.ca_file} as its proxy and certificate authority"
# What the variables of a runtime lead, for those whose client is none of these (docs/routes.md).
_LEADS = {
    "python": "clients that look at HTTPS_PROXY, as requests, httpx, urllib and the vendor's SDK do; aiohttp does with "
    "trust_env=True, urllib3's PoolManager and http.client never do",
    "node": "every process of Node's that takes NODE_OPTIONS, by TLS to port 443 of a host's name",
    "java": "every client without a proxy selector or an SSLContext of its own",
    "go": "every client whose Transport has Proxy: http.ProxyFromEnvironment, as the default one has",
}
assert _LEADS.keys() == RUNTIMES.keys()


def not_reached(
    target: Target, silent: Iterable[Link], log: Iterable[Connection], *, heard: Container[str]
) -> Iterator[Diagnosis]:
    """Say of the server's links on which nothing arrived why, and what to do.

    ``heard``: the hosts on which something of the server's has arrived, by whatever link: these it trusts.
    """
    links = tuple(silent)
    came = [one for one in log if one.side is Side.SERVER and one.bytes_down and one.host not in heard]
    untrusted = [link for link in links if any(one.host in link.hosts for one in came)]
    if untrusted:
        hosts = dict.fromkeys(one.host for one in came for link in untrusted if one.host in link.hosts)
        yield Diagnosis(
            name="provider-not-trusted",
            seen=f"the server came to {', '.join(hosts)} through the lab, and ended the connection before it asked anything",
            mend=_trust(target),
        )
    if unled := [link.name for link in links if link not in untrusted]:
        yield Diagnosis(
            name="provider-not-reached",
            seen=f"the page's captcha was solved, and no request of the server's arrived on {', '.join(unled)}",
            mend=_lead(target),
        )


def _lead(target: Target) -> str:
    if "verdict" in target.links:
        return (
            f"let the target ask at http://{target.links['verdict'].listen}, by plain HTTP, where captchaos listens at its "
            "Toxiproxy as links.verdict.listen says"
        )
    if target.runtime is not None:
        otherwise = "" if target.provider.live else f", or hand {_ENDPOINT} over in [target.env]"
        return (
            f'target.runtime = "{target.runtime}" leads {_LEADS[target.runtime]}: let its client be one of these{otherwise} '
            "(docs/routes.md)"
        )
    endpoint = "" if target.provider.live else f"{_ENDPOINT}, or "
    return (
        f"say what it runs on by target.runtime, or where it finds the provider in [target.env]: {endpoint}{_ROUTE} "
        "(docs/routes.md)"
    )


def _trust(target: Target) -> str:
    if target.runtime is not None:
        brings = "its client brings a list of authorities of its own"
        return f"{brings}, which target.runtime does not reach: add {{lab.ca_file}} to it in [target.env] (docs/routes.md)"
    return "let it trust {lab.ca_file}, by a variable in [target.env] or by target.runtime (docs/routes.md)"
