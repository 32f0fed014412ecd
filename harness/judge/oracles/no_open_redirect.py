"""no-open-redirect: the degraded path leads nobody to a site that the visitor's address named."""

from __future__ import annotations

from harness.journal.model import Finding, Record, Scenario, Severity
from harness.judge.oracle import ORACLES, finding
from harness.judge.reading import demand_looks, honest, is_fault, quote


class NoOpenRedirect:
    """Who is in a hurry to let users through an outage forgets what the healthy path checks."""

    slug = "no-open-redirect"
    demands = (
        "Who comes by an address that names another site as where to go afterwards is led there by nothing, in an outage "
        "either: neither by the page itself nor by a link that it shows."
    )
    why = "A fallback that follows any address sends people, signed in and trusting, to whoever made the link."
    source = "docs/oracles.md (a class of its own: open redirect of the fallback)"
    severity = Severity.MAJOR
    mend = (
        "Front end: build every way out of the captcha, the fallback's too, on one function that takes an address of the "
        "page's own origin and nothing else. Back end: check it again where the server redirects."
    )
    needs = "fault on a flow with return_parameter, in a browser"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks on faults of flows whose addresses name where to go afterwards."""
        return is_fault(scenario) and bool(scenario.expect.lure)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge where the browser was sent, and where the links of the page lead that the honest user saw."""
        lure, evidence = record.scenario.expect.lure, record.evidence
        demand_looks(record, honest(record))
        asked = [host for host in evidence.refused_hosts if host.partition(":")[0] == lure]
        linked = [visit.name for visit in evidence.visits for look in visit.looks if lure in look.leads_to]
        if not asked and not linked:
            return ()
        seen = f"the browser asked for {quote(asked[0])}" if asked else f"a link in the visit {linked[0]} leads there"
        return (finding(self, expected=f"nothing leads to {lure}, which only the visitor's address named", seen=seen),)


ORACLES.add("no-open-redirect", NoOpenRedirect())
