"""What may get stronger and stronger on a link: each kind is one number of one fault, from hardly felt to unbearable."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.catalog import Cause, Link
from harness.errors import UsageError, closest
from harness.explore.cliff.axis import Axis
from harness.faults.base import FAULTS, Fault
from harness.plan.build import Plan, causes_of
from harness.plan.edges import TARGET_HOST, links_for_health
from harness.providers.base import PROVIDERS
from harness.target.spec import FlowSpec, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One number of a fault. ``fixed`` are the fault's other parameters. ``on``: whether it can be put on a link at all.

    ``in_page_time``: where a browser asks, waiting for it is a matter of timers alone. ``fresh``: every request of a visit has
    a connection of its own.
    """

    name: str
    title: str
    unit: str
    fault: str
    parameter: str
    axis: Axis
    on: Callable[[Link, Sequence[Cause]], bool]
    fixed: tuple[tuple[str, int], ...] = ()
    in_page_time: bool = False
    fresh: bool = False

    def parameters(self, value: int) -> tuple[tuple[str, int], ...]:
        """The fault's parameters at a value."""
        return ((self.parameter, value), *self.fixed)

    def made(self) -> Fault:
        """The fault, which here may also be so mild that no scenario could feel it."""
        fault = FAULTS.get(self.fault)
        if self.fault != _SKEW:
            return fault
        milder = tuple(replace(one, least=0) for one in fault.parameters)  # type: ignore[attr-defined]  # that fault has some
        return replace(fault, parameters=milder)  # type: ignore[type-var]  # it is a dataclass


_SKEW = "clock-skew"


def _on_a_network(link: Link, _causes: Sequence[Cause]) -> bool:
    return bool(link.hosts)


def _at_the_provider(link: Link, _causes: Sequence[Cause]) -> bool:
    return bool(link.hosts) and TARGET_HOST not in link.hosts


def _told_the_time(link: Link, causes: Sequence[Cause]) -> bool:
    return any((cause.link, cause.fault) == (link.name, _SKEW) for cause in causes)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="latency",
            title="everything the other side sends is late, once a round trip",
            unit="ms",
            fault="latency",
            parameter="latency_ms",
            axis=Axis(mildest=100, worst=30_000, grain=25, share=0.04),
            on=_on_a_network,
        ),
        Kind(
            name="bandwidth",
            title="the line is thin",
            unit="KB/s",
            fault="bandwidth",
            parameter="rate_kbps",
            axis=Axis(mildest=1024, worst=1, grain=1, share=0.05),
            on=_on_a_network,
        ),
        Kind(
            name="loss",
            title="so many requests in a row are lost with their connections",
            unit="lost",
            fault="first-lost",
            parameter="times",
            axis=Axis(mildest=1, worst=8, grain=1),
            fresh=True,
            on=_at_the_provider,
        ),
        Kind(
            name="server-delay",
            title="the provider thinks so long before it answers",
            unit="ms",
            fault="late-twice",
            parameter="head_ms",
            fixed=(("body_ms", 0),),
            axis=Axis(mildest=100, worst=30_000, grain=25, share=0.04),
            on=_at_the_provider,
            in_page_time=True,
        ),
        Kind(
            name=_SKEW,
            title="the clocks of server and vendor are apart",
            unit="s",
            fault=_SKEW,
            parameter="skew_s",
            axis=Axis(mildest=1, worst=3600, grain=2),
            on=_told_the_time,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One search: a kind on a link of a flow."""

    flow: FlowSpec
    link: Link
    kind: Kind

    @property
    def name(self) -> str:
        """How it is called before its result."""
        return f"{self.flow.name} {self.link.name} {self.kind.name}"


def tasks(target: Target, plan: Plan, *, flows: Sequence[str], links: Sequence[str], kinds: Sequence[str]) -> tuple[Task, ...]:
    """Every search that the words leave (none of a sort leaves all); raises UsageError with the closest match."""
    every = tuple(_every(target, plan))
    _known("flow", flows, {task.flow.name for task in every})
    _known("link", links, {task.link.name for task in every})
    _known("kind", kinds, KINDS)
    kept = [task for task in every if not flows or task.flow.name in flows]
    kept = [task for task in kept if not links or task.link.name in links]
    kept = [task for task in kept if not kinds or task.kind.name in kinds]
    if not kept:
        raise UsageError("nothing is left to search: each word is known, but no link of those flows can have that kind")
    return tuple(kept)


def _every(target: Target, plan: Plan) -> Iterator[Task]:
    for flow in target.flows.values():
        links = plan.links_by_provider[flow.provider]
        use = target.use_of(flow.name)
        causes = causes_of(PROVIDERS.get(use.use), use)
        used = [links[name] for name in links_for_health(flow, links) if name in links]
        for link in used:
            if not flow.browser and not by_submit(flow, link):
                continue
            yield from (Task(flow=flow, link=link, kind=kind) for kind in KINDS.values() if kind.on(link, causes))


def by_submit(flow: FlowSpec, link: Link) -> bool:
    """Whether the link is asked while a submit is under way: that needs no browser."""
    return flow.submit is not None and link.side == "server" and link.name == "verdict"


def _known(what: str, words: Sequence[str], known: object) -> None:
    names = set(known)  # type: ignore[call-overload]  # any collection of names
    for word in words:
        if word not in names:
            raise UsageError(f"no search is about the {what} {word!r}{closest(word, names)}")
