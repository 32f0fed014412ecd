"""A vendor that is asked itself, in the place of its emulator: what then cannot stand in a target file, and what must."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.errors import ConfigurationError
from harness.target import flowfile
from harness.target.placeholders import names_in
from harness.target.problems import Problem, display, dotted
from harness.target.spec import Target
from harness.target.toml_lines import KeyPath

Table = Mapping[str, Any]
_APP_ID = "app_id"


def live_problems(document: Table, folder: Path) -> Iterator[Problem]:
    """Every contradiction between a live provider and the rest of a document that keeps to the schema."""
    uses: dict[KeyPath, Table] = {("provider",): document.get("provider", {})}
    uses |= {("providers", name): use for name, use in document.get("providers", {}).items()}
    for at, use in uses.items():
        if "live" in use:
            yield from _of_use(at, use, document["target"], folder)


def _of_use(at: KeyPath, use: Table, target: Table, folder: Path) -> Iterator[Problem]:
    here, live = (*at, "live"), use["live"]
    if "url" in target:
        yield _problem(here, "stands beside target.url: a target that runs already asks the emulator, through [links.verdict]")
    yield from _told(at, use, target.get("env", {}))
    if "client_ip_header" in target and "address" not in live:
        lack = "is missing: target.client_ip_header hands on where visitors are, and the vendor sees them where this machine is"
        yield _problem((*here, "address"), lack)
    if "address" in live and not _is_address(live["address"]):
        yield _problem((*here, "address"), f"is {live['address']!r}, which is no IPv4 or IPv6 address")
    if "solve" in live and (complaint := flowfile.complaint(folder, live["solve"])):
        yield _problem((*here, "solve"), complaint)
    if "ca" in live and not (folder / live["ca"]).is_file():
        yield _problem((*here, "ca"), f"names {live['ca']!r}, which is not a file in {display(folder)}")
    for host in live.get("resolve", {}):
        if host not in live["hosts"]:
            yield _problem((*here, "resolve", host), f"is a host that {dotted((*here, 'hosts'))} does not allow")


def _told(at: KeyPath, use: Table, env: Table) -> Iterator[Problem]:
    """What the environment asks for that only an emulator has: an address without TLS, and made-up credentials."""
    table, given = ".".join(map(str, at)), use.get("credentials", {})
    for variable, text in env.items():
        for name in names_in(text):
            word = name.removeprefix(f"{table}.")
            where: KeyPath = ("target", "env", variable)
            if name == f"{table}.url" or (at == ("provider",) and name.startswith("links.")):
                rest = f"says {{{name}}}, an address without TLS, but {table}.live is asked by its real host names: "
                mend = "lead the server there by target.runtime, or by {lab.proxy} and {lab.ca_file} (docs/routes.md)"
                yield _problem(where, rest + mend)
            elif word not in (name, _APP_ID) and word not in given:
                rest = f"says {{{name}}}, which is not made up for {table}.live: name the environment variable that holds it, "
                yield _problem(where, f"{rest}{table}.credentials.{word} = \"…\"")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def refuse_live(target: Target, what: str) -> None:
    """Raise ConfigurationError where a provider of the target's is live and ``what`` (a verb) would need its emulator."""
    if target.live_uses:
        raise ConfigurationError(
            f"{display(target.file)}: {what} needs the emulator, which answers as it is told and bears any number of requests, "
            "and provider.live asks the vendor itself: name a target file without it"
        )


def _problem(at: KeyPath, rest: str) -> Problem:
    return Problem(at=at, sentence=f"{dotted(at)} {rest}")
