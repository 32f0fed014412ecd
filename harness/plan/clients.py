"""Which clients a flow may ask for: browser, app, and the scripted ones that its provider ships."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from harness.errors import closest
from harness.providers.base import Provider
from harness.providers.scripted import ShipsClients
from harness.target.problems import Problem
from harness.target.spec import IN_BROWSER, FlowSpec

NO_PAGE = "none"


def profile_of(flow: FlowSpec) -> str:
    """The size of the pages that a flow is driven on; :data:`NO_PAGE` where a scripted client has none."""
    return flow.profile if flow.client in IN_BROWSER else NO_PAGE


def clients_unknown(provider: Provider, flows: Sequence[FlowSpec]) -> Iterator[Problem]:
    """What flows ask of their provider that it does not ship, or that is of another client."""
    shipped = provider.clients if isinstance(provider, ShipsClients) else {}
    for flow in flows:
        at, key = ("flows", flow.name, "client"), f"flows.{flow.name}.client"
        if flow.client not in (*IN_BROWSER, *shipped):
            known = ", ".join((*IN_BROWSER, *shipped))
            near = closest(flow.client, (*IN_BROWSER, *shipped))
            yield Problem(at=at, sentence=f"{key} is {flow.client!r}; with {provider.name} it is one of {known}{near}")
        elif flow.client not in IN_BROWSER and flow.profile != "desktop":
            at = ("flows", flow.name, "profile")
            yield Problem(at=at, sentence=f"flows.{flow.name}.profile is of a browser's page, and {flow.client} has none")
