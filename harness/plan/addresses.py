"""The addresses that a target's variables ask for: each must be that of a link over which a server asks its captcha."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.catalog import Link, Side
from harness.errors import closest
from harness.target.placeholders import names_in
from harness.target.problems import Problem
from harness.target.spec import Target


def addresses_unknown(target: Target, links: Mapping[str, Link]) -> Iterator[Problem]:
    """What variables ask for the address of that is no link of a server's; ``links`` are the main provider's."""
    servers = {f"links.{link.name}.url" for link in links.values() if link.side is Side.SERVER}
    for variable, text in target.env.items():
        for name in names_in(text):
            if name.startswith("links.") and name not in servers:
                sentence = f"target.env.{variable} says {{{name}}}, which is no link of a server's{closest(name, servers)}"
                yield Problem(at=("target", "env", variable), sentence=sentence)
