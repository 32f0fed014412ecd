"""What is recorded. Frozen, serialisable; judge and report see these types, the catalog, and nothing else.

Times: ``at_ms`` is real time since the scenario began; ``page_ms`` is what a user would have waited (real time plus what the
page's clock was advanced). Both are monotonic. ``unix_s`` is wall-clock.

One file, because it is one format: whatever changes here changes what journals hold, and what older ones are read as.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from harness.catalog import Behaviour, Contradiction, Family, Phase, Place, Policy, Schedule, Side, Stroke, Waiver, Warmth


class Verdict(StrEnum):
    """Pass, fail or unknown, and unknown is never a pass; waived is a fail whose every finding its owner has waived."""

    PASS = "pass"  # noqa: S105 - a verdict, no password
    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIVED = "waived"


class Severity(StrEnum):
    """How bad a finding is."""

    BLOCKER = "blocker"
    MAJOR = "major"
    MINOR = "minor"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFacts:
    """What the judge needs to know of the fault, copied from it when the plan was made."""

    name: str
    family: Family
    felt_at: tuple[Place, ...]
    hangs: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """One fault of a schedule, and what the judge needs to know of it.

    ``own_edge``: it strikes the way between the user and the target itself, be it together with others.
    """

    stroke: Stroke
    fault: FaultFacts
    side: Side
    own_edge: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What ``accept`` allows unverified users in a window of ``window_s`` seconds."""

    per_account: int = 1
    per_address: int = 5
    window_s: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the contract demands of this scenario, fixed before it runs.

    ``codes``: acceptable codes of the fallback ticket (the documented one, or the watchdog's where that comes first; both when
    they come within the watchdog's tolerance); empty when no fallback ticket may be seen. ``fallback_budget_ms`` and
    ``business_budget_ms`` are page time from the click on show; ``server_budget_ms`` is the server's answer to one submit.
    ``minted_after_ms``: page time from opening the page to the minting of the ticket, as the contract has it.
    ``outcome``: verified · unverified (accepted within limits) · stepped-up · refused (a verdict: blocked, a retry offered).
    ``other_way``: method and path of the way in that must stay open, ``explains``: the selector of what must say in the page
    what has happened; "" where the target file names none, or where there is no need of it.
    ``says``: the flow's own selector of what must say in the page, in its language, what has happened.
    ``lure``: the host that every visit's address names as where to go afterwards, and to which nothing may lead.
    ``signals``: in words, where the target says that it is degraded; empty where its file names no such place.
    ``looks``: the page of the honest visit, and of healthy ones after it, must be looked at: one in one tab of a browser.
    ``searches``: whatever was heard must be searched for secrets.
    ``second_factor``: codes are due to be tried where the step-up is offered by HTTP, the right one among them.
    ``policy`` holds for all of a scenario, in one of load only while the verdict API gives no verdict: ``policy_up`` is the one
    while it does. In a schedule that breaks browser and server, either may hold for its user. None in other scenarios.
    """

    codes: tuple[int, ...] = ()
    minted_by: Literal["vendor", "page", "server"] | None = None
    outcome: Literal["verified", "unverified", "stepped-up", "refused", "nothing"] = "verified"
    policy: Policy = Policy.ACCEPT
    policy_up: Policy | None = None
    limits: Limits = field(default_factory=Limits)
    fallback_budget_ms: int = 0
    business_budget_ms: int = 0
    server_budget_ms: int = 5000
    recovery_budget_ms: int = 10000
    minted_after_ms: int = 0
    app_id: str = ""
    other_way: str = ""
    explains: str = ""
    says: str = ""
    lure: str = ""
    signals: tuple[str, ...] = ()
    looks: bool = False
    searches: bool = False
    second_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Target × flow × link × fault × phase × warmth × client build × browser profile, with a stable, readable id.

    ``kind``: ``fault`` (a browser visit through a broken link), ``control`` (the same, nothing broken), ``verdict`` (the
    provider is healthy and gives a verdict other than 1), ``forgery`` (HTTP only: forged tickets), ``load`` (a crowd by HTTP
    before, in and after an outage), ``recovery`` (a fault that comes and goes, or a user who does more than walk straight
    through), ``storm`` (HTTP only: many who were held up by the fault come back at its end), ``schedule`` (a browser visit
    through several faults: all of them are in ``schedule``, the first also in the fields of one). ``wait_ms`` is the vendor's
    documented wait from the click on show until its client calls back, None when it never does; ``twin_of`` names the fault
    that this one differs from in a status code only (it does not count as coverage). ``browser_profile`` is desktop, phone, or
    none, where a scripted client runs without a page. ``beside`` are links that the same fault strikes with ``link``.
    ``third_party``: ``link``, or one of the schedule's, leads to neither the target nor the captcha, but to somebody else whom
    the pages ask.
    """

    id: str
    kind: Literal["fault", "control", "verdict", "forgery", "load", "recovery", "storm", "schedule"]
    target: str
    provider: str
    flow: str
    link: str
    link_side: Side
    fault: FaultFacts | None
    phase: Phase
    warmth: Warmth
    build: str
    browser_profile: str
    mode: int | None
    mode_title: str
    strikes: str
    behaviour: Behaviour
    parameters: tuple[tuple[str, int], ...]
    expect: Expectation
    wait_ms: int | None = 0
    twin_of: str = ""
    beside: tuple[str, ...] = ()
    schedule: tuple[Scheduled, ...] = ()
    third_party: bool = False

    @property
    def strokes(self) -> Schedule:
        """Its faults as a schedule; without any where it is not of that kind."""
        return Schedule(strokes=tuple(one.stroke for one in self.schedule))

    @property
    def health(self) -> str:
        """How healthy the captcha is while the fault stands, as who comes by HTTP meets it."""
        if self.fault is None:
            return HEALTHY
        if self.beside:
            return WHOLE_OUTAGE
        return CLIENT_OUTAGE if self.link_side is Side.BROWSER else OUTAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something happened: real milliseconds since the scenario began, and page time."""

    at_ms: float
    page_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the time line. ``what`` is a word of a small vocabulary, ``detail`` is hostile text.

    ``what``: visit-begins, page-usable, clicked-show, challenge-visible, refreshed, dragged, callback, request,
    request-finished, request-failed, submit, submit-answered, step-up-offered, step-up-done, completed, not-completed,
    fault-applied, fault-healed, verdict-call, router, console-error, screenshot, clock-advanced, visit-ends, other-way-tried;
    screen-shows (a client, of its own screen); in an app bridge-called (by the page) and bridge-heard (by the native part);
    of a user who does more than walk straight through, what became of it: one of those below.
    """

    what: str
    moment: Moment
    visit: str
    link: str = ""
    detail: str = ""


# A habit that took place, or for which the page rightly left no room; and one that did not, with the reason as its detail.
PRESSED_AGAIN, NOTHING_TO_PRESS = "pressed-again", "nothing-to-press"
SOLVED_LATE, NOTHING_LATE = "solved-late", "nothing-late"
SENT_NOTHING = "second-tab-sent-nothing"
HABIT_FAILED = "habit-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One place at which the fault was seen to bite: what was seen there, in words with figures.

    ``link`` is one that is broken beside the scenario's own, "" that one itself. ``stroke``: by which fault of a
    schedule, from 0.
    """

    place: Place
    what: str
    link: str = ""
    stroke: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A fault application or its end, with what was read back. ``stroke``: of which fault of a schedule, from 0."""

    action: Literal["apply", "heal"]
    moment: Moment
    receipts: tuple[str, ...]
    stroke: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTicket:
    """A ticket somebody handed over.

    ``where``: submit (page → target), post (the same, elsewhere than the flow's submit), answer (target → page), effect
    (business record), callback (vendor's client → page).
    ``page_unix_s``: what the page's own clock said then, exactly; 0 where none was asked or it is not known.
    """

    text: str
    where: Literal["submit", "post", "answer", "effect", "callback"]
    visit: str
    moment: Moment
    unix_s: float
    page_unix_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """One arrival of the flow's submit at the target's origin (so a browser's silent re-send counts), and its answer."""

    visit: str
    moment: Moment
    status: int | None
    real_ms: float | None
    ticket: str = ""
    randstr: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One arrival at the target's origin of what is neither a GET nor the flow's submit: a picture asked for, a code entered.

    ``path`` has no query.
    """

    visit: str
    moment: Moment
    method: str
    path: str
    status: int | None
    real_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCall:
    """One request to the verdict API, counted at the provider: what it asked and the code or error it was answered.

    ``certificate``: the kind that its connection was shown (good, expired, wrong-name, unknown-ca); "" without TLS.
    ``user_ip``: the user's address as the call names it; "" where it names none, or the vendor asks for none.
    ``fingerprint``: equal for two requests that are equal to their signature; "" where it was not taken.
    """

    visit: str
    moment: Moment
    ticket: str
    answer: str
    reached: bool = True
    certificate: str = ""
    user_ip: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardedCall:
    """One request for what only a pass may buy (an SMS), counted at the provider.

    ``ticket``: what it rests on, the ticket of the verdict call that had to come before. ``answer``: what the provider did,
    a refusal begins with ``error``.
    """

    link: str
    visit: str
    moment: Moment
    ticket: str
    answer: str


LEAK_PAGE, LEAK_URL, LEAK_ELSEWHERE, LEAK_OUTPUT = "page", "url", "elsewhere", "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A secret that was seen where it must not be: only its name and the place are kept.

    ``where``: page (an answer of the target's, its head or body), url (of a request, whoever asked), elsewhere (a request to
    the provider that is no question of the server's), output (what the target printed). ``at``: method and path, or host and
    path, without a query; "" for the output.
    """

    secret: str
    where: str
    at: str
    visit: str


HONEST_TRY = "honest"
# The labels of a storm: sent in the outage, sent again at its end, sent with a ticket solved after it; and the next visitor.
HELD_UP, AGAIN, FRESH, NEXT = "storm:held-up", "storm:again", "storm:fresh", "storm:next"
# What the captcha's health was for a try: for the server, a broken link of the browser looks like health.
HEALTHY, CLIENT_OUTAGE, OUTAGE, WHOLE_OUTAGE = "healthy", "client-outage", "outage", "whole-outage"
VERDICT_DOWN = (OUTAGE, WHOLE_OUTAGE)
# The labels of tries that bring no ticket of any kind.
NOTHING_BROUGHT = ("no-ticket", "empty", "garbage", "sql-text", "script-text", "huge", "megabytes")
# Where a target sees everybody come from that is told nothing else.
LOOPBACK = "127.0.0.1"
# To whom belongs what is recorded while somebody takes the other way in: to no visit.
OTHER_WAY = "other-way"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one call of the verdict API named: the ticket, and every other parameter but the account's secrets, as text."""

    ticket: str
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try by HTTP in a forgery or verdict scenario.

    ``effects`` counts what the origin gained by it; ``health`` is one of those above,
    ``together`` how many were sent at once; ``asked`` is what the provider was asked meanwhile, in a verdict scenario.
    ``completed``: the answer said that the business is done. ``address`` is the one that the try claimed for itself, and in a
    storm that of who came. ``after_ms``: how long after the outage's end it was sent, of a next visitor after a crowd.
    Labelled :data:`HONEST_TRY` it is no forgery but the control of all others: a good ticket, to show that the submit works
    at all.
    """

    label: str
    ticket: str
    status: int | None
    real_ms: float
    effects: int
    offered: bool
    server_error: bool
    detail: str = ""
    account: str = ""
    address: str = ""
    health: str = HEALTHY
    completed: bool = False
    together: int = 1
    randstr: str = ""
    asked: tuple[Asked, ...] = ()
    after_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signalled:
    """How the target said in one visit that it is degraded, at the places that its file names (None: it names no such place).

    ``log``: how often it printed the word. ``metric``: how far the counter rose; of a gauge, what it said when the visit had
    ended. ``missing``: why the metric cannot have said anything, as "no such name at /metrics".
    ``stood_ms``: a gauge that stood above 0 after a visit was read for so long, in real ms; ``metric`` is what it said at last.
    """

    log: int | None = None
    metric: float | None = None
    missing: str = ""
    stood_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageError:
    """An error that no script of the page caught.

    ``script``: path, line and column of the innermost of the target's own scripts in its stack; "" where none had a part in it.
    """

    text: str
    script: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the page showed a user and their keyboard when a second factor was ``offered``, or when the visit had ``ended``.

    ``busy``: what still said, a second later, that work is under way. ``focus_lost``: what has the focus though it cannot be
    seen; ``unreachable``: what the keyboard does not come to; "" where nothing is wrong, or it could not be told.
    ``language``: what the page says of its own, "" where it says nothing. ``leads_to``: hosts of others that a link leads to.
    ``restless_ms``: how long it was waited in vain for what was busy to end and for the focus to be seen; None where that came.
    """

    when: Literal["offered", "ended"]
    busy: tuple[str, ...] = ()
    focus_lost: str = ""
    unreachable: str = ""
    language: str = ""
    leads_to: tuple[str, ...] = ()
    restless_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CrowdCall:
    """One virtual user's request in a scenario of load: who sent it, in which wave, and what became of it.

    ``began_ms`` counts from its wave's beginning (the wave ``after`` begins when the fault has ended). ``status`` is None
    without a whole answer, ``error`` then says why. ``page``: a request that the captcha has nothing to do with.
    ``account`` and ``address``: whose it is, and where the target sees it come from; "" where nobody noted it.
    """

    who: Literal["honest", "forger", "page"]
    wave: Literal["before", "outage", "after"]
    began_ms: float
    real_ms: float
    status: int | None
    ticket: str = ""
    completed: bool = False
    offered: bool = False
    error: str = ""
    account: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeTry:
    """Codes of one kind that a forger entered where a step-up was offered.

    ``right-code`` is no forgery but shows that the step-up works at all; ``right-code-later``, tried where ``code-of-another``
    had an effect, shows that a later offer's code is its own. ``status`` is the last answer's, ``effects`` what the origin
    gained by them all.
    """

    label: str
    tries: int
    status: int | None
    effects: int
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One user's pass through the flow.

    ``name``: honest, same-tab, new-tab, new-visitor, control. ``outcome`` is what was seen, not what was hoped: verified means
    the business completed and the provider answered 1 for this visit's ticket; ``nothing`` that it did not complete in budget.
    ``fallback_ms``, ``business_ms``: page time from click on show to the fallback ticket's submit (or the server's minting) and
    to completion. ``effects``: business effects counted at the origin in this visit. ``usable_ms``: longest the page took to
    answer an interaction while the fault stood (None: not measured). ``loaded_ms``: page time until what the
    user clicks to ask for the captcha could be seen. ``marked_verified``: business records of this visit that the target marks
    as a verified user's (None: its file names no such mark). ``explained``: the text that could be seen, when the
    flow had gone on, in what explains a failure to the user (None: nobody looked). ``signalled``: None where nobody looked.
    ``looks`` are empty where nobody looked, or there was no page to look at. ``captchas``: how many captchas the flow came to;
    ``clicked`` is then of the last, and the two times are those of the one that took the longest.
    """

    name: str
    outcome: Literal["verified", "unverified", "stepped-up", "refused", "nothing"]
    began: Moment
    ended: Moment
    clicked: Moment | None
    fallback_ms: float | None
    business_ms: float | None
    effects: int
    usable_ms: float | None = None
    loaded_ms: float | None = None
    step_up_offered: bool = False
    marked_verified: int | None = None
    error: str = ""
    screenshot: str = ""
    explained: str | None = None
    signalled: Signalled | None = None
    looks: tuple[Look, ...] = ()
    page_errors: tuple[PageError, ...] = ()
    captchas: int = 1


# Fewer characters, spaces not counted, explain nothing to anybody.
EXPLAINED_CHARS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWay:
    """One user's try of the flow's other way in while the fault stood.

    ``asked`` is method and path; ``status`` is None without an answer; ``through``: the answer is as the target file has it.
    """

    asked: str
    moment: Moment
    status: int | None
    real_ms: float
    through: bool
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One call of the page's captcha callback: every field it was given, as JSON."""

    visit: str
    moment: Moment
    fields: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A named reason for which a healthy visit did not come through, or may not: what was seen of it, and what to do.

    The names stand in docs/doctor.md.
    """

    name: str
    seen: str
    mend: str

    def __str__(self) -> str:
        return f"{self.name}: {self.seen}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What happened, as recorded. Append-only while the scenario runs, frozen after.

    ``codes_untried``: why codes that were due to be tried were not, or not all of them.
    ``crowd_effects``: business effects that the origin counted while the crowd was there, its late ones included;
    ``crowd_effects_by``: how many of them name which account, where the records name any; of a storm's, too.
    ``requests_at_origin``: per link, how many requests arrived at provider or target. ``scripts``: link → SHA-256 of each
    client script as served. ``other_way``: None where nobody took one. ``refused_hosts``: hosts the page or server asked for
    that nothing maps. ``addresses``: the address at which the target saw each visit's user.
    ``secrets``: by name, what was searched for, ``searched`` the places (``LEAK_…``), and ``leaks`` where it was seen.
    ``diagnoses``: of a control, why it did not come through.
    """

    visits: tuple[Visit, ...] = ()
    events: tuple[Event, ...] = ()
    applied: tuple[Applied, ...] = ()
    sightings: tuple[Sighting, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    tickets: tuple[SeenTicket, ...] = ()
    submits: tuple[Submit, ...] = ()
    posts: tuple[Post, ...] = ()
    verdict_calls: tuple[VerdictCall, ...] = ()
    guarded_calls: tuple[GuardedCall, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    code_tries: tuple[CodeTry, ...] = ()
    codes_untried: str = ""
    crowd: tuple[CrowdCall, ...] = ()
    crowd_effects: int = 0
    crowd_effects_by: tuple[tuple[str, int], ...] = ()
    other_way: OtherWay | None = None
    requests_at_origin: tuple[tuple[str, int], ...] = ()
    scripts: tuple[tuple[str, str], ...] = ()
    refused_hosts: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    leaks: tuple[Leak, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    lab_error: str = ""
    target_output: str = ""
    clock: Literal["advanced", "installed", "real"] = "real"
    advanced_ms: float = 0.0
    real_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing wrong, said so that it can be mended."""

    oracle: str
    severity: Severity
    expected: str
    seen: str
    source: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waived:
    """A finding that counts no more, and the waiver that says so."""

    finding: Finding
    waiver: Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one scenario. ``unknown_because`` is set exactly when the verdict is unknown.

    ``findings`` are those that stand, ``waived`` those that do not; ``idle_waivers`` cover this scenario, and what they waive
    was looked for in vain; what ``outgrown_waivers`` waive stands here, worse than they cover.
    """

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    fault_felt: bool = False
    unknown_because: str = ""
    waived: tuple[Waived, ...] = ()
    idle_waivers: tuple[Waiver, ...] = ()
    outgrown_waivers: tuple[Waiver, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A control between two scenarios, that was to show that the process had healed; ``why`` it was not healthy, "" if it was.

    ``alone``: it had the machine to itself. ``process``: the number of the process that it went to; 0 where that never came to
    serve, or where it was not yet written.
    """

    control: str
    why: str = ""
    alone: bool = False
    process: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedProcess:
    """The target's process that a scenario ran on, where one may serve many (``target.isolation = "slot"``).

    ``number``: which of the run it was, 1 first. ``labs_before``: how many scenarios and controls it had served by then, 0 if
    it was fresh, and ``last``, the id of the last scenario. ``started_because``: why it took the place of the one before, ""
    for the first of its slot; ``unhealed``: because that one was not as it had been before the scenarios that it served.
    ``proofs`` are the controls between this scenario and the one before it, in their order, on whichever process.
    """

    number: int
    labs_before: int
    last: str = ""
    started_because: str = ""
    unhealed: bool = False
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One scenario as the journal keeps it.

    ``slot`` ties it to the controls of its slot; ``attempt`` counts repeats (1 first). ``process`` is None where every scenario
    has a process of its own.
    """

    scenario: Scenario
    evidence: Evidence
    slot: int
    began_unix_s: float
    attempt: int = 1
    repeat_reason: str = ""
    process: SharedProcess | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """The head of a journal. ``target_words``: how the user named the target on the command line, "" for the shop.

    ``documented``: the codes of the failure modes that the target's providers document; empty where that was not yet written.
    ``waivers``: what the target file waives, so that verdicts can be made again from the journal alone; ``waivers_reach``: for
    each of them, how many scenarios of the whole plan could show it; empty where that was not yet written.
    ``contradictions``: where the documents of the target's providers contradict each other.
    ``shard``: which part of the selection this run was given, as ``2/5``. ``budget_s``: the seconds it was given; what it then
    left out is part of ``planned``, and was left out because somebody wanted it so. 0 without a budget.
    ``live``: what was left out since a vendor itself was asked, and where requests went, a line each; empty with emulators.
    ``untold``: what was left out since it tells nothing in a browser of that engine, a line for each reason.
    ``browser_engine``: by which browser engine the run was driven, by its name on the command line.
    """

    run_id: str
    captchaos_version: str
    target: str
    seed: int
    began_unix_s: float
    browser: str
    toxiproxy: str
    planned: int
    jobs: int
    real_time: bool
    target_words: str = ""
    documented: tuple[int, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    waivers_reach: tuple[int, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()
    shard: str = ""
    budget_s: float = 0.0
    live: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    browser_engine: str = "chromium"
    schema: int = 1
