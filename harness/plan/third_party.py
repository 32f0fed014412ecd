"""Somebody else's hosts on the target's pages: each is a link, and gets the generic faults in the flows that need it.

Which flows those are stands in the surface that ``captchaos discover --record`` keeps beside the target file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from harness.catalog import Behaviour, Cause, Link, Phase, Side
from harness.errors import ConfigurationError
from harness.target.problems import Problem, display, dotted
from harness.target.recordings import read_record
from harness.target.spec import BROWSER, LET_THROUGH, RECORD, FlowSpec, Target
from harness.target.surface import Surface, read_surface, surface_file

TITLE = "Somebody else's host, which the page asks"
# A cold connection pays at least twice: far more than the 4 s in which a page must be usable, if that waits for it.
_SLOW = ("latency", (("latency_ms", 3000),))
# Whose page waits for nobody would be through before anything is seen to be late.
_READS_FIRST = Behaviour(pause_before_show_ms=1500)
# Refused, hang, slow, cut, garbage. What is let through is answered elsewhere, so that only its connection can be broken.
_SERVED = (("refused", ()), ("hang", ()), _SLOW, ("truncated", ()), ("html", ()))
_LET_THROUGH = (("refused", ()), ("hang", ()), _SLOW, ("limit-data", ()))


def with_others(links: Mapping[str, Link], target: Target) -> dict[str, Link]:
    """These links, and after them one for each host that ``[third_party]`` names, by the host's name."""
    others = (
        Link(name=host, side=Side.BROWSER, hosts=(host,), phase=Phase.BEFORE_LOAD, control=False, third_party=True)
        for host in target.third_party
    )
    return {**links, **{link.name: link for link in others if link.name not in links}}


def hosts_refused(target: Target, every_link: Iterable[Mapping[str, Link]]) -> Iterator[Problem]:
    """Each host that is named as a third party and is the captcha's or the target's own."""
    own = {name for links in every_link for link in links.values() for name in (link.name, *link.hosts) if not link.third_party}
    for host in target.third_party:
        if host in own:
            at = ("third_party", host)
            sentence = f"{dotted(at)} is the captcha's or the target's own: the lab serves it already, leave it out"
            yield Problem(at=at, sentence=sentence)


def third_party_causes(flow: FlowSpec, target: Target, surface: Surface | None) -> Iterator[Cause]:
    """The generic faults of each host that the flow was seen to ask."""
    # An app opens its page itself, and waits for all of it.
    for host in _asked_by(flow.name, surface) if flow.client == BROWSER else ():
        if host in target.third_party:
            faults = _LET_THROUGH if target.third_party[host] in LET_THROUGH else _SERVED
            for fault, parameters in faults:
                behaviour = _READS_FIRST if parameters else Behaviour()
                yield Cause(
                    code=None, link=host, fault=fault, phase=Phase.BEFORE_LOAD, parameters=parameters, behaviour=behaviour
                )  # fmt: skip


def recorded_surface(target: Target, *, anew: bool = False) -> Surface | None:
    """What was recorded of the target; raises ConfigurationError for a file that is none.

    ``anew``: it is about to be recorded again, so that a file which is none is in nobody's way.
    """
    try:
        return read_surface(surface_file(target.file)) if target.third_party else None
    except ConfigurationError:
        if anew:
            return None
        raise


def unrecorded_hosts(target: Target) -> tuple[str, ...]:
    """The hosts that are to be answered from a record and have none; raises ConfigurationError for a record that is damaged."""
    to_record = (host for host, source in target.third_party.items() if source == RECORD)
    return tuple(host for host in to_record if not read_record(target.folder, host))


def not_tried(target: Target, surface: Surface | None) -> Iterator[str]:
    """A line for each third party that no scenario tries, that is let through to the real host, or that has no record yet."""
    for host in unrecorded_hosts(target):
        yield f"[third_party] {host}: nothing of it is recorded, and nothing served; `captchaos discover --record` asks it"
    asked = {edge.host for edge in surface.edges if edge.side is Side.BROWSER} if surface is not None else set()
    for host, source in target.third_party.items():
        if source in LET_THROUGH:
            yield f"[third_party] {host}: requests leave this machine and reach the real host, as the target file allows"
        if surface is None:
            file = display(surface_file(target.file))
            yield f"[third_party] {host}: not broken; `captchaos discover --record` writes to {file} which flows need it"
        elif host not in asked:
            file = display(surface_file(target.file))
            yield f"[third_party] {host}: not broken, for no flow asks it in {file}; `captchaos discover --record` looks again"


def _asked_by(flow: str, surface: Surface | None) -> Iterator[str]:
    for edge in surface.edges if surface is not None else ():
        if edge.side is Side.BROWSER and flow in edge.flows:
            yield edge.host
