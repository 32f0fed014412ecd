"""A healthy visit shows no fault: what does nothing is seen in no place, let alone in two, whichever fault it claims to be."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.catalog import Family, Link, Place, Side
from harness.journal.model import Event, Moment, Scenario, SeenTicket, Sighting, Submit
from harness.lab.fault_window import Meters, Snapshot, printed_between
from harness.lab.origin import OriginRequest
from harness.lab.recorder import Recorder
from harness.lab.router import Connection
from harness.lab.sightings import sightings
from harness.lab.traffic import Flight
from harness.plan.build import Plan, make_plan
from harness.providers.serving import Arrival
from harness.target.loader import find_target, load_target
from harness.target.spec import Observe
from harness.toxiproxy.metrics import ProxyBytes

SHOP = load_target(find_target(None))
PLAN: Plan = make_plan(SHOP)
FAULTY = [scenario for scenario in PLAN.scenarios if scenario.kind == "fault"]


class Healthy:
    """The logs of one visit in which nothing was broken: 30 ms an answer, every link used once, times from ``began`` on.

    ``provider`` is whose links were used, by its name in the target.
    """

    def __init__(self, provider: str = "") -> None:
        self.links = PLAN.links_by_provider[provider]
        self.recorder = Recorder()
        self.recorder.began = 1000.0
        self.recorder.visits = [(1000.0, "honest")]
        # A bridge inside an app is no way for requests.
        links = [link for link in self.links.values() if link.hosts]
        self.flights = [self._flight(link, 1000.1 + n / 10) for n, link in enumerate(links) if link.side is Side.BROWSER]
        self.arrivals = [
            self._arrival(link, 1000.11 + n / 10) for n, link in enumerate(links) if link.name not in ("page", "submit")
        ]
        hosts = {host: link.side for link in links for host in link.hosts}
        self.connections = [self._connection(host, side) for host, side in hosts.items()]
        self.meters = {(host, way): ProxyBytes(received=900, sent=900) for host in hosts for way in ("upstream", "downstream")}
        self.tickets: list[SeenTicket] = []
        self.proxies: dict[str, str] = {}
        self.submits = [Submit(visit="honest", moment=Moment(at_ms=1500, page_ms=1500), status=201, real_ms=60)]

    @staticmethod
    def _flight(link: Link, began: float) -> Flight:
        return Flight(
            url=f"https://{link.hosts[0]}/", method="GET", link=link.name, host=link.hosts[0], visit="honest", began=began,
            ended=began + 0.03, status=200, sha256=f"sha of {link.name}",
        )  # fmt: skip

    @staticmethod
    def _arrival(link: Link, arrived: float) -> Arrival:
        return Arrival(
            link=link.name, host=link.hosts[0], method="GET", path="/", connection="c", arrived=arrived,
            answered=arrived + 0.01, status=200, said="code 1", sha256=f"sha of {link.name}",
        )  # fmt: skip

    @staticmethod
    def _connection(host: str, side: Side) -> Connection:
        return Connection(
            host=host, port=443, side=side, opened=1000.05, bytes_up=900, bytes_down=900, last_up=1001.6, last_down=1001.63,
            exchanges={1001.6: 0.03},
        )  # fmt: skip

    def seen(self, scenario: Scenario, *, visit: str = "honest") -> dict[Place, Sighting]:
        log = self.arrivals
        provider = SimpleNamespace(
            log=log,
            arrivals=lambda name: (a for a in log if a.link == name),
            classify=lambda host, _method, path, _query: "entry" if path == "/TCaptcha.js" else "",
        )
        origin = SimpleNamespace(log=[OriginRequest(method="POST", path="/login", link="submit", arrived=1001.5, status=201)])
        slot = SimpleNamespace(provider=provider, origin=origin, links=self.links)
        found = sightings(
            scenario, self.links[scenario.link], cast(Any, slot), self.recorder,
            Snapshot.take(self.connections, self.flights, self.proxies),
            applied=1000.06, healed=1002.0, before=Meters(), after=Meters(bytes=self.meters), output="INFO served\n",
            submits=self.submits, tickets=self.tickets, observe=Observe(log="captcha.degraded"), visit=visit,
        )  # fmt: skip
        return {sighting.place: sighting for sighting in found}


def scenario_of(scenario_id: str) -> Scenario:
    return next(scenario for scenario in FAULTY if scenario.id == scenario_id)


@pytest.mark.parametrize("family", list(Family))
def test_no_fault_is_seen_in_a_healthy_visit(family: Family) -> None:
    of_family = [scenario for scenario in FAULTY if scenario.fault is not None and scenario.fault.family is family]
    assert of_family, "the table covers every family"
    seen = {scenario.id: Healthy(SHOP.flows[scenario.flow].provider).seen(scenario) for scenario in of_family}
    assert {name: places for name, places in seen.items() if places} == {}


def test_what_was_broken_on_another_host_is_not_this_links_sighting() -> None:
    visit = Healthy()
    for connection in visit.connections:
        if connection.host == "turing.captcha.gtimg.com":
            connection.ended, connection.ended_by = 1001.0, "upstream-reset"
    assert Place.ROUTER in visit.seen(scenario_of("login-1004-frame-reset-cold"))
    assert Place.ROUTER not in visit.seen(scenario_of("login-1006-config-reset-cold"))


def test_a_wait_counts_as_the_browser_measured_it_however_late_the_lab_heard_of_its_beginning() -> None:
    slow = scenario_of("login-own-edge-page-latency-cold")
    visit = Healthy()
    visit.flights = [replace(flight, ended=flight.began + 0.9) for flight in visit.flights]
    assert Place.BROWSER not in visit.seen(slow)
    visit.flights = [replace(flight, took_ms=1004.0) for flight in visit.flights]
    assert Place.BROWSER in visit.seen(slow)


def test_what_the_browser_measured_of_a_request_from_before_the_fault_counts_for_nothing() -> None:
    visit = Healthy()
    visit.flights = [replace(flight, began=1000.01, took_ms=1004.0) for flight in visit.flights]
    assert Place.BROWSER not in visit.seen(scenario_of("login-own-edge-page-latency-cold"))


@pytest.mark.parametrize(
    ("late_s", "failure", "seen"), [(0.02, "net::ERR_FAILED", True), (1.5, "net::ERR_FAILED", False), (0.02, "", False)]
)
def test_a_failure_under_a_fault_that_strikes_once_counts_though_it_is_heard_of_just_after_its_end(
    late_s: float, failure: str, seen: bool
) -> None:
    """The fault's end is at 1002.0 s."""
    visit = Healthy()
    visit.flights = [replace(f, began=1002.0 + late_s, ended=1002.0 + late_s, failure=failure) for f in visit.flights]
    assert (Place.BROWSER in visit.seen(scenario_of("login-own-edge-submit-reset-cold"))) is seen
    assert Place.BROWSER not in visit.seen(scenario_of("login-1004-frame-reset-cold")), "that one stands until it is healed"


def test_what_was_over_before_the_fault_stood_is_no_sighting() -> None:
    visit = Healthy()
    visit.flights = [replace(flight, began=1000.01, ended=1000.02, failure="net::ERR_FAILED") for flight in visit.flights]
    visit.connections = [replace(c, opened=1000.01, ended=1000.02, ended_by="refused") for c in visit.connections]
    found = visit.seen(scenario_of("login-1004-frame-reset-cold"))
    assert {Place.ROUTER, Place.BROWSER} & set(found) == set()


def test_each_place_tells_by_itself_what_it_saw() -> None:
    visit, host = Healthy(), "turing.captcha.qcloud.com"
    visit.meters[host, "downstream"] = ProxyBytes(received=26_271, sent=22_664)
    visit.flights = [
        replace(flight, failure="net::ERR_CONNECTION_RESET") if flight.link == "config" else flight for flight in visit.flights
    ]
    visit.connections = [
        replace(c, ended=1001.0, ended_by="upstream-reset") if c.host == host else c for c in visit.connections
    ]
    found = visit.seen(scenario_of("login-1006-config-reset-cold"))
    assert "took in 26271 bytes and passed on 22664" in found[Place.TOXIPROXY].what
    assert "net::ERR_CONNECTION_RESET" in found[Place.BROWSER].what
    assert "upstream-reset" in found[Place.ROUTER].what


def test_a_ticket_that_the_server_minted_is_seen_in_whichever_visit_met_the_fault() -> None:
    met, scenario = Healthy(), scenario_of("login-2002-verdict-refused-cold")
    met.recorder.visits = [(1000.0, "control"), (1000.05, "forger")]
    minted = SeenTicket(
        text="terror_2002_199999164_1700000000_ab", where="answer", visit="forger",
        moment=Moment(at_ms=1560, page_ms=1560), unix_s=1_700_000_000,
    )  # fmt: skip
    met.tickets = [minted]
    assert "minted terror_2002" in met.seen(scenario, visit="forger")[Place.SERVER_CLIENT].what
    met.tickets = [replace(minted, visit="control")]
    assert Place.SERVER_CLIENT not in met.seen(scenario, visit="forger")


@pytest.mark.parametrize("kind", ["expired", "wrong-name", "unknown-ca"])
def test_a_verdict_call_over_a_bad_certificate_is_seen_at_both_of_its_ends(kind: str) -> None:
    met, scenario = Healthy(), scenario_of(f"login-2002-verdict-{kind}-certificate-cold")
    met.submits = [replace(submit, ticket="t03issued") for submit in met.submits]
    assert set(met.seen(scenario)) == set(), "a good certificate is no sighting, whatever the fault claims"
    met.arrivals = [replace(a, certificate="good") for a in met.arrivals]
    assert set(met.seen(scenario)) == set()
    met.arrivals = [replace(a, certificate=kind) if a.link == "verdict" else a for a in met.arrivals]
    found = met.seen(scenario)
    assert set(found) == {Place.PROVIDER, Place.SERVER_CLIENT}
    assert all(f"the {kind} certificate" in sighting.what for sighting in found.values())


def test_a_call_of_the_visit_before_does_not_hide_that_none_arrived() -> None:
    met, scenario = Healthy(), scenario_of("login-2002-verdict-refused-cold")
    assert Place.PROVIDER not in met.seen(scenario)
    met.recorder.visits = [(900.0, "control"), (1001.4, "forger")]
    assert "no call arrived here" in met.seen(scenario, visit="forger")[Place.PROVIDER].what


def test_a_wrong_answer_was_met_by_nobody_whose_question_did_not_arrive() -> None:
    """Another fault of the link lets the target give up all the same: late, and with a ticket of its own."""
    met, scenario = Healthy(), scenario_of("login-2001-verdict-half-answer-cold")
    (asked,) = (a for a in met.arrivals if a.link == "verdict")
    met.arrivals.remove(asked)
    met.connections = [replace(c, ended=1001.0, ended_by="refused") if c.host == asked.host else c for c in met.connections]
    met.submits = [replace(submit, real_ms=1500) for submit in met.submits]
    met.tickets = [
        SeenTicket(
            text="terror_2002_199999164_1700000000_ab", where="answer", visit="honest",
            moment=Moment(at_ms=1560, page_ms=1560), unix_s=1_700_000_000,
        )
    ]
    assert met.seen(scenario) == {}
    met.arrivals = [*met.arrivals, replace(asked, rewritten="half-answer")]
    assert set(met.seen(scenario)) >= {Place.PROVIDER, Place.ORIGIN, Place.SERVER_CLIENT}
    # A question whose body takes its time begins long before the fault that strikes when it is whole.
    met.arrivals[-1].arrived = 999.0
    assert set(met.seen(scenario)) >= {Place.ORIGIN, Place.SERVER_CLIENT}


def test_a_connection_to_the_target_that_ends_after_its_answer_broke_no_handshake() -> None:
    visit = Healthy()
    visit.connections = [replace(c, ended=1001.9, ended_by="upstream-eof") for c in visit.connections if c.host == "127.0.0.1"]
    assert Place.ROUTER not in visit.seen(scenario_of("login-own-edge-submit-reset-cold"))


def test_a_spare_connection_that_the_browser_closes_is_a_broken_handshake_only_where_a_certificate_is_bad() -> None:
    visit = Healthy()
    visit.arrivals = []
    visit.connections = [replace(c, ended=1001.9, ended_by="client-eof") for c in visit.connections]
    assert Place.ROUTER not in visit.seen(scenario_of("login-1004-frame-reset-cold"))
    assert "in the handshake" in visit.seen(scenario_of("login-1001-entry-expired-certificate-cold"))[Place.ROUTER].what


def test_no_byte_through_toxiproxy_is_a_sign_only_with_what_its_server_says() -> None:
    visit, host = Healthy(), "turing.captcha.qcloud.com"
    visit.meters = {key: moved for key, moved in visit.meters.items() if key[0] != host}
    visit.connections = [replace(c, bytes_down=0) if c.host == host else c for c in visit.connections]
    scenario = scenario_of("login-1006-config-reset-cold")
    assert Place.TOXIPROXY not in visit.seen(scenario)
    visit.proxies = {host: "disabled, toxics: none"}
    assert "it said: disabled" in visit.seen(scenario)[Place.TOXIPROXY].what


def test_what_never_arrives_is_seen_by_what_came_before_it_and_not_by_the_browsers_own_list() -> None:
    visit, scenario = Healthy(), scenario_of("login-1006-config-reset-cold")
    visit.arrivals = [a for a in visit.arrivals if a.link != "config"]
    assert "entry, which comes before it, had been answered" in visit.seen(scenario)[Place.PROVIDER].what
    visit.arrivals = []
    assert Place.PROVIDER not in visit.seen(scenario), "the browser alone says that it asked"


@pytest.mark.parametrize(
    ("text", "at_ms", "seen"),
    [
        ("Loading the script 'https://turing.captcha.qcloud.com/TCaptcha.js' violates the policy", 500, True),
        ("Loading the script 'https://turing.captcha.qcloud.com/TCaptcha.js' violates the policy", 2500, False),
        ("TypeError: no entry on this page of turing.captcha.qcloud.com", 500, False),
        ("Error: no\n    at f (https://turing.captcha.qcloud.com/TCaptcha.js:1:20)", 500, False),
        ("Failed to load https://turing.captcha.qcloud.com/other.png", 500, False),
    ],
)
def test_the_console_tells_of_a_link_by_its_address_and_while_the_fault_stands(text: str, at_ms: float, seen: bool) -> None:
    visit, moment = Healthy(), Moment(at_ms=at_ms, page_ms=at_ms)
    visit.recorder.events = [Event(what="console-error", moment=moment, visit="honest", detail=text)]
    assert (Place.BROWSER in visit.seen(scenario_of("login-1001-entry-csp-blocked-cold"))) is seen


def test_a_busy_machine_is_no_sign_of_a_fault_that_takes_no_time() -> None:
    visit = Healthy()
    visit.flights = [replace(flight, ended=flight.began + 1.2) for flight in visit.flights]
    visit.connections = [replace(c, last_down=1001.9, exchanges={1000.2: 1.2}) for c in visit.connections]
    visit.submits = [replace(submit, real_ms=1800) for submit in visit.submits]
    assert visit.seen(scenario_of("login-1001-entry-reset-cold")) == {}
    assert visit.seen(scenario_of("login-2002-verdict-refused-cold")) == {}
    assert {Place.ROUTER, Place.BROWSER} <= set(visit.seen(scenario_of("login-own-edge-page-latency-cold")))


@pytest.mark.parametrize(("how", "seen"), [("client-eof", False), ("lab-closed", False), ("upstream-eof", True)])
def test_a_caller_who_gave_up_by_himself_met_no_refused_connection(how: str, seen: bool) -> None:
    """A verdict API that answers too late for the target's deadline is a busy machine's, or a hang."""
    visit = Healthy()
    visit.connections = [replace(c, last_down=1000.1, last_up=1000.2, ended=1001.9, ended_by=how) for c in visit.connections]
    assert (Place.ROUTER in visit.seen(scenario_of("login-2002-verdict-refused-cold"))) is seen
    assert "no answer for" in visit.seen(scenario_of("login-2001-verdict-hang-cold"))[Place.ROUTER].what


@pytest.mark.parametrize("fault", ["refused", "reset", "dns-failure"])
def test_an_error_that_was_answered_shows_no_link_on_which_nothing_arrives(fault: str) -> None:
    visit = Healthy()
    visit.arrivals = [replace(a, said="error AuthFailure.SignatureFailure") for a in visit.arrivals]
    assert Place.PROVIDER not in visit.seen(scenario_of(f"login-2002-verdict-{fault}-cold"))
    assert "SignatureFailure" in visit.seen(scenario_of("login-2001-verdict-hang-cold"))[Place.PROVIDER].what


def test_an_exchange_before_the_fault_is_none_of_its_delay() -> None:
    visit = Healthy()
    visit.connections = [replace(c, exchanges={996.0: 4.0, 1001.6: 0.03}) for c in visit.connections]
    assert Place.ROUTER not in visit.seen(scenario_of("login-1001-entry-latency-cold"))


def test_output_is_read_from_the_strike_on_even_when_its_beginning_is_forgotten() -> None:
    before = "".join(f"line {n}\n" for n in range(1000))
    assert printed_between(before, before + "captcha.degraded\n") == "captcha.degraded\n"
    assert printed_between(before, before[3000:] + "captcha.degraded\n") == "captcha.degraded\n"
    assert printed_between("a\n", "a\nb\na\n") == "b\na\n"
