"""A content policy that forgot the link's hosts, as after a release with a wrong header.

Which hosts a page needs is in domain/tencent-client.md 3.4 i; sites that allow too few really see blank widgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.catalog import Family, Place
from harness.faults.base import FAULTS, Edge, Receipt
from harness.faults.parameters import Parameter, choose
from harness.faults.receipts import says

_PAGE_OWN = ("'self'", "data:", "blob:")
_SCRIPTS_OWN = (*_PAGE_OWN, "'unsafe-inline'", "'unsafe-eval'")


def policy_without(hosts: Sequence[str], others: Sequence[str]) -> str:
    """Write a policy that allows scripts, frames and connections of the page itself and of ``others``, less ``hosts``.

    A policy can only say what is allowed. Everything that is no script, frame or connection stays as it was.
    """
    allowed = [f"https://{host}" for host in dict.fromkeys(others) if host not in hosts]
    return "; ".join(
        " ".join([directive, *own, *allowed])
        for directive, own in (("script-src", _SCRIPTS_OWN), ("frame-src", _PAGE_OWN), ("connect-src", _PAGE_OWN))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CspBlocked:
    """Add a policy that lacks the link's hosts to the target's documents; felt by pages that are loaded after it."""

    name: str = "csp-blocked"
    title: str = "The page's content policy blocks it"
    family: Family = Family.BROWSER
    felt_at: tuple[Place, ...] = (Place.BROWSER, Place.PROVIDER)
    hangs: bool = False
    needs_cold: bool = True
    parameters: tuple[Parameter, ...] = ()

    async def apply(self, edge: Edge) -> Sequence[Receipt]:
        """Add the policy; read back that it stands."""
        choose(self.name, self.parameters, edge.parameters)
        policy = policy_without(edge.hosts, edge.other_hosts)
        return [says(self.name, edge, await edge.browser.add_policy(policy), policy)]

    async def heal(self, edge: Edge) -> Sequence[Receipt]:
        """Take the policy away."""
        return [await edge.browser.remove_policy()]


FAULTS.add("csp-blocked", CspBlocked())
