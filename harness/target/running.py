"""A target that runs already, and is others' too: what its owner must have written before anything of it is broken."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from harness.errors import ConfigurationError, closest
from harness.target.problems import display
from harness.target.spec import Target

CONSENT = "captchaos may break this system"
LOOPBACK = ("127.0.0.1", "localhost")


def port_of(target: Target) -> int:
    """The port of this machine on which a running target answers."""
    parts = urlsplit(target.url or "")
    return parts.port or (443 if parts.scheme == "https" else 80)


def refuse_unless_allowed(target: Target) -> None:
    """Raise ConfigurationError, a sentence for each thing that is missing, unless this running target may be broken."""
    if lacks := list(_lacks(target)):
        raise ConfigurationError("\n".join(f"{display(target.file)}: {lack}" for lack in lacks))


def _lacks(target: Target) -> Iterator[str]:
    if target.shared is None:
        yield (
            "target.url names a system that captchaos did not start and that others may use: write "
            f'[target.shared] with consent = "{CONSENT}" and hosts = [...], the hosts that it may break'
        )
        return
    yield from _hosts(target, target.shared.hosts)
    parts = urlsplit(target.url or "")
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        yield (
            f"target.url is {target.url!r}, but a running target is reached by plain HTTP on a port of this machine: "
            "forward one (ssh -L, kubectl port-forward, a published port) and name that"
        )
    for name, link in target.links.items():
        if (host := urlsplit(link.toxiproxy).hostname) not in LOOPBACK:
            yield (
                f"links.{name}.toxiproxy names {host!r}, but from there nobody comes to the emulator, which listens on "
                "127.0.0.1: run one on this machine, or forward its ports both ways"
            )
    if set(target.links) != {"verdict"}:
        yield (
            "[links.verdict] is missing: say by toxiproxy and listen which Toxiproxy stands next to the target, and at which "
            "address the target asks the captcha's API through it"
        )
    if target.providers:
        yield "[providers] stands beside target.url: a running target is tried with one captcha"
    if target.observe.log is not None:
        yield "observe.log cannot be read of a target that captchaos did not start: say observe.metric, or leave it out"


def _hosts(target: Target, allowed: tuple[str, ...]) -> Iterator[str]:
    named = {"target.url": target.url or ""}
    named |= {f"links.{name}.toxiproxy": link.toxiproxy for name, link in target.links.items()}
    for key, url in named.items():
        host = urlsplit(url).hostname or ""
        if host not in allowed:
            yield f"{key} names {host!r}, which target.shared.hosts does not allow{closest(host, allowed)}"
