"""An app's web view is there, and nothing that its page says arrives at the native part.

So it is when the bridge was not injected, when it is called under another name, and when the page's script broke first. Source:
domain/tencent-client.md 4 ("bridge never called").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import says

_AFTER = Parameter(name="after_messages", default=0, meaning="so many messages still arrive")


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeSilent:
    """Drop what the page of a web view posts to the native part of its app."""

    name: str = "bridge-silent"
    title: str = "Nothing that the page says reaches the app around it"
    family: Family = Family.BROWSER
    felt_at: tuple[Place, ...] = (Place.BROWSER, Place.NATIVE)
    hangs: bool = False
    needs_cold: bool = False
    parameters: tuple[Parameter, ...] = (_AFTER,)

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Silence the bridge; read back from it."""
        chosen = choose(self.name, self.parameters, edge.parameters)
        return [says(self.name, edge, await edge.browser.silence_bridge(chosen["after_messages"]), "silent")]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Let it speak again; read back from it."""
        return [says(self.name, edge, await edge.browser.restore_bridge(), "passes all")]


FAULTS.add("bridge-silent", BridgeSilent())
