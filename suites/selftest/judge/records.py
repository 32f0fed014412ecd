"""Records as a well-behaved target would leave them, and small ways to spoil them one thing at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.catalog import Behaviour, Family, Phase, Place, Policy, Side, Warmth
from harness.journal.model import (
    HONEST_TRY,
    Applied,
    Attempt,
    Evidence,
    Expectation,
    FaultFacts,
    Finding,
    Judgement,
    Limits,
    Look,
    Moment,
    Record,
    Scenario,
    SeenTicket,
    Sighting,
    Submit,
    VerdictCall,
    Visit,
)
from harness.judge import ORACLES, judge

APP_ID = "199999164"
NOW_S = 1_700_000_000
TICKET_1004 = f"terror_1004_{APP_ID}_{NOW_S}_sid"
TICKET_2001 = f"terror_2001_{APP_ID}_{NOW_S}_hmac"
REAL_TICKET = "t03issued-by-the-provider"
SCRIPTS = (("entry", "aa"), ("frame", "bb"))

REFUSED = FaultFacts(
    name="refused",
    family=Family.TRANSPORT,
    felt_at=(Place.TOXIPROXY, Place.ROUTER, Place.BROWSER),
    hangs=False,
    title="refused",
)


# Whoever looked saw nothing wrong.
LOOKED_AT = (Look(when="offered"), Look(when="ended"))
# Whoever searched found nothing.
SEARCHED: dict[str, Any] = {"secrets": ("app_secret", "secret_key"), "searched": ("page", "url", "elsewhere", "output")}


def at(ms: float) -> Moment:
    return Moment(at_ms=ms, page_ms=ms)


def ticket(
    text: str, where: Any = "submit", visit: str = "honest", ms: float = 1500, unix_s: float = NOW_S, page_unix_s: float = 0.0
) -> SeenTicket:
    return SeenTicket(text=text, where=where, visit=visit, moment=at(ms), unix_s=unix_s, page_unix_s=page_unix_s)


def submit(
    text: str, visit: str = "honest", status: int | None = 200, real_ms: float | None = 40, at_ms: float = 1500
) -> Submit:
    return Submit(visit=visit, moment=at(at_ms), status=status, real_ms=real_ms, ticket=text)


def call(
    visit: str, answer: str = "1", text: str = REAL_TICKET, reached: bool = True, certificate: str = "good"
) -> VerdictCall:
    return VerdictCall(visit=visit, moment=at(1600), ticket=text, answer=answer, reached=reached, certificate=certificate)


def visit(name: str, outcome: Any = "verified", **more: Any) -> Visit:
    fields: dict[str, Any] = {
        "name": name,
        "outcome": outcome,
        "began": at(0),
        "ended": at(3000),
        "clicked": at(500),
        "fallback_ms": None,
        "business_ms": 1500,
        "effects": 1,
        "loaded_ms": 300,
        "usable_ms": 20,
        "looks": LOOKED_AT,
    }
    return Visit(**(fields | more))


AFTERWARDS = tuple(visit(name) for name in ("same-tab", "new-tab", "new-visitor"))
# A ticket is single-use: each visit has its own.
CALLS_AFTERWARDS = tuple(call(seen.name, text=f"{REAL_TICKET} for {seen.name}") for seen in AFTERWARDS)

SCENARIO = Scenario(
    id="login-frame-refused",
    kind="fault",
    target="shop",
    provider="tencent_web",
    flow="login",
    link="frame",
    link_side=Side.BROWSER,
    fault=REFUSED,
    phase=Phase.BEFORE_LOAD,
    warmth=Warmth.COLD,
    build="classic",
    browser_profile="desktop",
    mode=1004,
    mode_title="frame script errors",
    strikes="until-heal",
    behaviour=Behaviour(),
    parameters=(),
    expect=Expectation(
        codes=(1004,),
        minted_by="vendor",
        outcome="unverified",
        policy=Policy.ACCEPT,
        limits=Limits(per_account=1, per_address=5),
        fallback_budget_ms=5000,
        business_budget_ms=10000,
        app_id=APP_ID,
        looks=True,
        searches=True,
    ),
)


def client_fault() -> Record:
    """The frame script is refused; the page hands over 1004 and the shop accepts within its limits."""
    evidence = Evidence(
        visits=(visit("honest", "unverified", fallback_ms=1000), *AFTERWARDS),
        applied=(
            Applied(action="apply", moment=at(10), receipts=("enabled=false",)),
            Applied(action="heal", moment=at(4000), receipts=("enabled=true",)),
        ),
        sightings=(Sighting(place=Place.ROUTER, what="3 refused"), Sighting(place=Place.BROWSER, what="3 requests failed")),
        tickets=(ticket(TICKET_1004),),
        submits=(submit(TICKET_1004),),
        verdict_calls=(call("honest", "21", TICKET_1004), *CALLS_AFTERWARDS),
        scripts=SCRIPTS,
        **SEARCHED,
    )
    return Record(scenario=SCENARIO, evidence=evidence, slot=0, began_unix_s=NOW_S)


def server_fault() -> Record:
    """The verdict API hangs; the server mints 2001 and the user steps up."""
    record = with_expect(client_fault(), codes=(2001,), minted_by="server", outcome="stepped-up", policy=Policy.STEP_UP)
    record = with_scenario(record, id="checkout-verdict-hang", link="verdict", link_side=Side.SERVER, mode=2001)
    return with_evidence(
        record,
        visits=(visit("honest", "stepped-up", fallback_ms=3000, step_up_offered=True), *AFTERWARDS),
        tickets=(ticket(REAL_TICKET), ticket(TICKET_2001, "answer", ms=3400)),
        submits=(submit(REAL_TICKET),),
        verdict_calls=CALLS_AFTERWARDS,
    )


def control() -> Record:
    """Nothing is broken: one visit, verified at the provider, over both links."""
    scenario = replace(
        SCENARIO,
        id="control-login",
        kind="control",
        link="",
        fault=None,
        mode=None,
        parameters=(("entry", 1), ("frame", 1)),
        expect=replace(SCENARIO.expect, codes=(), minted_by=None, outcome="verified"),
    )
    evidence = Evidence(
        visits=(visit("control"),),
        tickets=(ticket(REAL_TICKET, visit="control"),),
        submits=(submit(REAL_TICKET, visit="control"),),
        verdict_calls=(call("control"),),
        requests_at_origin=(("entry", 1), ("frame", 2)),
        scripts=SCRIPTS,
    )
    return Record(scenario=scenario, evidence=evidence, slot=0, began_unix_s=NOW_S)


def sick_control() -> Record:
    """The page says verified and the provider was never asked."""
    return with_evidence(control(), verdict_calls=())


def attempt(label: str, effects: int = 0, status: int | None = 403, **more: Any) -> Attempt:
    fields: dict[str, Any] = {"ticket": "x", "real_ms": 9.0, "offered": False, "server_error": False}
    return Attempt(label=label, effects=effects, status=status, **(fields | more))


def honest_try(**changes: Any) -> Attempt:
    """A good ticket that went through."""
    fields: dict[str, Any] = {"effects": 1, "status": 201, "ticket": REAL_TICKET, "completed": True, "account": "honest"}
    return attempt(HONEST_TRY, **(fields | changes))


def forgery(policy: Policy, *attempts: Attempt) -> Record:
    """Tries, and before them one with a good ticket that went through."""
    record = with_expect(with_scenario(client_fault(), id="forgery", kind="forgery", fault=None), policy=policy)
    tried = (honest_try(), *attempts) if attempts else ()
    return replace(record, evidence=Evidence(attempts=tried, verdict_calls=(call("control"),), **SEARCHED))


def verdicts(*attempts: Attempt) -> Record:
    """The healthy provider really gave each of the verdicts that the attempts are labelled with."""
    codes = [tried.label.removeprefix("code-") for tried in attempts]
    given = (call("control"), *(call("try", code, f"{REAL_TICKET} for {at}") for at, code in enumerate(codes)))
    attempts = (honest_try(), *attempts) if attempts else ()
    record = with_scenario(client_fault(), id="verdicts", kind="verdict", fault=None)
    return replace(record, evidence=Evidence(attempts=attempts, verdict_calls=given, **SEARCHED))


def with_scenario(record: Record, **changes: Any) -> Record:
    return replace(record, scenario=replace(record.scenario, **changes))


def with_expect(record: Record, **changes: Any) -> Record:
    return with_scenario(record, expect=replace(record.scenario.expect, **changes))


def with_evidence(record: Record, **changes: Any) -> Record:
    return replace(record, evidence=replace(record.evidence, **changes))


def with_visit(record: Record, name: str = "honest", **changes: Any) -> Record:
    seen = tuple(replace(one, **changes) if one.name == name else one for one in record.evidence.visits)
    return with_evidence(record, visits=seen)


def judged(record: Record, *controls: Record) -> Judgement:
    """The judgement of a record, beside a healthy control where no other is given."""
    return judge(record, controls=controls or (control(),))


def ask(slug: str, record: Record) -> tuple[Finding, ...]:
    oracle = ORACLES.get(slug)
    assert oracle.applies(record.scenario), f"{slug} does not apply to {record.scenario.kind}"
    found = oracle.examine(record)
    assert all(one.oracle == slug and one.mend and one.source for one in found)
    return found


def the_one(slug: str, record: Record) -> Finding:
    found = ask(slug, record)
    assert len(found) == 1, found
    return found[0]
