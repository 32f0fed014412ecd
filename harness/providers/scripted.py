"""What a provider offers whose client runs in no browser: a scripted one, for a flow with ``client = "NAME"``.

The lab hands it a world: a network that leads through every link, and a clock that may run ahead of the real one. Whatever the
script asks of anybody, and however long it waits, goes by these two, or the lab can neither break it nor see it fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAnswer:
    """What came of one request. ``status`` is None when there was no whole answer; ``failure`` then says why.

    ``headers`` are by their names in small letters.
    """

    status: int | None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""


class Wire(Protocol):
    """One device's network. Connections are kept alive, certificates checked, and nothing is sent twice by itself."""

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> WireAnswer:
        """Send one request and read its whole answer; it has no time limit: cancel it."""


class Clock(Protocol):
    """Time of day and timers, in a device's own time."""

    def now_s(self) -> float:
        """The time of day, in unix seconds."""

    async def sleep(self, ms: int) -> None:
        """Return after so many milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a scripted client lives in. ``options`` are those of the provider in the target file."""

    wire: Wire
    clock: Clock
    options: Mapping[str, object] = field(default_factory=dict)


Heard = Callable[[str, Mapping[str, Any]], None]


class ScriptedClient(Protocol):
    """A client that a flow has made; what else it offers is between the provider's documents and the flow."""

    async def leave(self) -> None:
        """End whatever is under way: the page with the client on it is left."""


# Called with the world, with what is to be told of each event (its name and detail), and by keywords with what the flow says.
MakesClient = Callable[..., ScriptedClient]


@runtime_checkable
class ShipsClients(Protocol):
    """A provider with scripted clients, by the names under which a flow asks for one; a provider need not have any.

    Its ``human`` solves what such a client shows: the client is handed to it where another provider's gets a page.
    """

    clients: Mapping[str, MakesClient]
