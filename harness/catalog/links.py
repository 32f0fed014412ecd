"""A link: one named network edge that can be broken."""

from __future__ import annotations

from dataclasses import dataclass

from harness.catalog.words import Phase, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One named edge.

    ``hosts`` are every source the client tries, in its order; ``phase`` is the moment at which the link is used in a healthy
    flow. ``after`` names the link whose answer comes before this one *on the first of its hosts* (None when it is the first
    there): the cold form of a fault needs it. ``control`` says whether a healthy control must be seen using the link; a
    ``script`` that it gets is the one every other page must get.
    ``guarded_by`` names the link whose pass has to come before every request on this one, where what it asks for has a price
    (an SMS). ``tries`` is how often its client is documented to try before it gives up, all sources together.
    ``third_party``: neither the target's nor the captcha's, but somebody else's whom the target's pages ask.
    """

    name: str
    side: Side
    hosts: tuple[str, ...]
    phase: Phase
    after: str | None = None
    control: bool = True
    script: bool = False
    guarded_by: str | None = None
    tries: int = 1
    third_party: bool = False
