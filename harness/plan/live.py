"""What of a plan is left where the vendor itself is asked: nothing that needs its emulator or that the vendor would feel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.catalog import Behaviour, Family, Link
from harness.errors import closest
from harness.journal.model import Scenario
from harness.plan.edges import AID_USED_LINK, TARGET_HOST
from harness.providers.base import Provider
from harness.target.problems import Problem, dotted
from harness.target.spec import IN_BROWSER, FlowSpec, Live, ProviderUse
from harness.target.toml_lines import KeyPath

# Asked for by the emulated puzzle's own button: who solves a live challenge does it in his own way.
_REFRESH = "refresh"
_KINDS = {
    "verdict": "verdicts other than a pass, which only the emulator gives as it is told",
    "forgery": "forged tickets, which are not sent to a vendor",
    "load": "crowds, which are not sent to a vendor",
    "storm": "crowds, which are not sent to a vendor",
}


def without_emulator(
    scenarios: Sequence[Scenario], flow: FlowSpec, use: ProviderUse, links: Mapping[str, Link]
) -> tuple[list[Scenario], Counter[str]]:
    """The scenarios that the provider can be tried with if it is live, and how many others are left out for each reason."""
    kept: list[Scenario] = []
    left: Counter[str] = Counter()
    if use.live is None:
        return list(scenarios), left
    for scenario in scenarios:
        # The causes of the client that pages load come first.
        if why := _why_not(scenario, flow, use.live, scenarios[0].build, links[scenario.link]):
            left[why] += 1
        else:
            kept.append(scenario)
    return kept, left


def _why_not(scenario: Scenario, flow: FlowSpec, live: Live, build: str, link: Link) -> str:
    fault = scenario.fault
    if flow.browser and flow.client not in IN_BROWSER:
        return "flows of a scripted client, which speaks with the emulator alone"
    if scenario.kind in _KINDS:
        return _KINDS[scenario.kind]
    of_vendor = bool(link.hosts) and TARGET_HOST not in link.hosts and not link.third_party
    if fault is not None and fault.family is Family.RESPONSE and of_vendor:
        return "answers that the vendor itself would have to give"
    if scenario.build != build:
        return "client builds other than the one that the vendor serves"
    if link.name in live.unused:
        return "links that provider.live.unused names"
    return "another picture asked for" if scenario.behaviour.refresh or link.name == _REFRESH else ""


def live_control(control: Scenario, live: Live) -> Scenario:
    """The control of a live provider: its user asks for no other picture, and what is not used in health is not demanded."""
    spared = {_REFRESH, AID_USED_LINK, *live.unused}
    wanted = tuple((link, least) for link, least in control.parameters if link not in spared)
    return replace(control, parameters=wanted, behaviour=Behaviour())


def said_of_live(name: str, use: ProviderUse, kept: int, left: Counter[str]) -> Iterator[str]:
    """Say how many scenarios are left out and why, and where requests go."""
    if use.live is None:
        return
    what = f"provider.live ({use.use})" if not name else f"providers.{name}.live ({use.use})"
    if left:
        whys, gone = "; ".join(f"{count} {why}" for why, count in left.most_common()), left.total()
        yield f"{what}: {gone} of {gone + kept} scenarios are left out, since the vendor itself is asked: {whys}"
    most, hosts = use.live.requests, ", ".join(use.live.hosts)
    yield f"{what}: requests leave this machine, at most {most} in a run, and reach {hosts}, as the target file allows"


def live_refused(provider: Provider, use: ProviderUse, at: KeyPath) -> Iterator[Problem]:
    """What a live provider names that its vendor does not have, and what it must name."""
    live = use.live
    if live is None:
        return
    links = {link.name: link for link in provider.links_with(use.all_options)}
    of_vendor = {host for link in links.values() for host in link.hosts}
    here, hosts = (*at, "live"), (*at, "live", "hosts")
    for host in live.hosts:
        if host not in of_vendor:
            sentence = f"{dotted(hosts)} names {host!r}, no host of {provider.name}{closest(host, of_vendor)}"
            yield Problem(at=hosts, sentence=sentence)
    for name in live.unused:
        if name not in links:
            sentence = f"{dotted((*here, 'unused'))} names {name!r}, no link of {provider.name}{closest(name, links)}"
            yield Problem(at=(*here, "unused"), sentence=sentence)
    if "verdict" in live.unused:
        sentence = f"{dotted((*here, 'unused'))} names 'verdict', without which nothing can be seen to be verified"
        yield Problem(at=(*here, "unused"), sentence=sentence)
    for link in links.values():
        if link.control and link.name not in {_REFRESH, *live.unused} and not {*link.hosts} & {*live.hosts}:
            mend = f"name {' or '.join(link.hosts)}, or the link in {dotted((*here, 'unused'))}"
            yield Problem(at=hosts, sentence=f"{dotted(hosts)} names no host of the link {link.name}: {mend}")
