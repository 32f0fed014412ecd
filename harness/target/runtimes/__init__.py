"""What a target's runtime obeys, so that its server reaches the laboratory though nothing in its code knows of one.

Each runtime is one file beside this one and one entry in :data:`RUNTIMES`. What was measured: docs/routes.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.target.runtimes import go, java, node, python
from harness.target.runtimes.route import JOINED_BY, Route

RUNTIMES: Mapping[str, Callable[[Route], dict[str, str]]] = {
    "python": python.variables,
    "node": node.variables,
    "java": java.variables,
    "go": go.variables,
}


def with_route(runtime: str, route: Route, own: Mapping[str, str], inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the target's variables with those that lead its server into the laboratory.

    ``own`` are the owner's, and win. Where a variable is a list (:data:`JOINED_BY`) the route's part stands before the
    owner's, or before what captchaos itself has ``inherited`` where the owner says nothing.
    """
    routed = RUNTIMES[runtime](route)
    for name, separator in JOINED_BY.items():
        said = own.get(name, inherited.get(name, ""))
        if name in routed and said:
            routed[name] = f"{routed[name]}{separator}{said}"
    return {**own, **routed} | {name: text for name, text in own.items() if name not in JOINED_BY or name not in routed}
