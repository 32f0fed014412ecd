"""A provider's stand-in: one account of one provider, served on loopback with nothing around it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.alone.counts import CountedLog
from harness.alone.faults import StandingFaults, Wanted
from harness.alone.mint import Mint
from harness.catalog import Link
from harness.certificates import Authority, CertificateBook
from harness.errors import UsageError, closest
from harness.providers.base import PROVIDERS, HasExample, Provider
from harness.providers.serving import ProviderServer
from harness.tickets import APP_ID as APP_ID_FORM

# As in a target file: harness/target, "app_id" and "retired_hosts".
APP_ID = "199999164"
_APP_ID = re.compile(APP_ID_FORM, re.ASCII)
_ALSO = "retired_hosts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants served. ``port`` is the TLS one with ``tls``, the plain one without; 0 is any free one.

    ``app_id`` "" is the provider's own example.
    """

    provider: str
    app_id: str = ""
    prefix: str = "terror"
    build: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    faults: tuple[Wanted, ...] = ()
    port: int = 0
    tls: bool = False


class StandIn:
    """One emulator with its server, its standing faults, its mint and its counts. ``folder`` takes the authority's files."""

    def __init__(self, wish: Wish, folder: Path) -> None:
        self.provider: Provider = PROVIDERS.get(wish.provider)
        _check(wish, self.provider)
        self._wish = wish
        self.build = wish.build or self.provider.builds[0]
        self.links: tuple[Link, ...] = self.provider.links_with(wish.options)
        self.emulator = self.provider.emulator(
            app_id=wish.app_id or _example(self.provider), prefix=wish.prefix, options=wish.options
        )
        self.emulator.reset(build=self.build)
        self.authority = Authority(folder, name="captchaos serve")
        self.server = ProviderServer(self.emulator, CertificateBook(self.authority))
        self.log = CountedLog()
        self.server.log = self.log
        self.faults = StandingFaults(self.links, self.server)
        self.mint = Mint(self.provider, self.emulator)
        for fault in wish.faults:
            self.faults.check(fault)

    async def start(self) -> None:
        """Listen, with the wanted faults standing before the first request can come."""
        for fault in self._wish.faults:
            await self.faults.put(fault)
        wish = self._wish
        await self.server.start(port=wish.port, plain_port=0 if wish.tls else wish.port, tls=wish.tls)

    async def stop(self) -> None:
        """Close every connection and port."""
        await self.server.stop()

    def counted(self) -> dict[str, object]:
        """What was asked and said so far, by names and numbers alone: no ticket, no secret."""
        tally = self.log.tally()
        return {
            "requests": {link.name: tally.requests[link.name] for link in self.links},
            "elsewhere": tally.requests[""],
            "verdicts": [
                {"said": said, "altered_by": fault, "count": count} for (said, fault), count in sorted(tally.verdicts.items())
            ],
            "billed": self.mint.billed,
            "broken": len(self.server.broken),
        }


def _example(provider: Provider) -> str:
    return provider.example_app_id if isinstance(provider, HasExample) else APP_ID


def options_from(words: Iterable[str]) -> dict[str, object]:
    """Read ``K=V`` words as a target file's options: true, false, a number, or else a text."""
    options: dict[str, object] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise UsageError(f"--option takes NAME=VALUE, such as captcha_codes=legacy, not {word!r}")
        options[name] = _value(value)
    return options


def _value(text: str) -> object:
    try:
        read = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
    return read if isinstance(read, (bool, int, float, str)) else text


def _check(wish: Wish, provider: Provider) -> None:
    known = {*provider.options, _ALSO}
    for name in wish.options:
        if name not in known:
            raise UsageError(f"{provider.name} has no option {name!r}{closest(name, known)}")
    if not isinstance(wish.options.get(_ALSO, False), bool):
        raise UsageError(f"the option {_ALSO} must be true or false, not {wish.options[_ALSO]!r}")
    if wish.build and wish.build not in provider.builds:
        raise UsageError(f"{provider.name} has no client build {wish.build!r}{closest(wish.build, provider.builds)}")
    if wish.app_id and not _APP_ID.fullmatch(wish.app_id):
        raise UsageError(
            f"an app id is 1 to 20 digits (or up to 64 letters, digits and '-', where the vendor has such), not {wish.app_id!r}"
        )
    links = [fault.link for fault in wish.faults]
    if twice := next((link for link in links if links.count(link) > 1), None):
        raise UsageError(f"two faults are wanted on the link {twice!r}, and one can stand there")
