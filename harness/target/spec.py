"""A target as its owner wrote it (DESIGN.md, "A target, as its owner writes it"). Frozen data; the loader alone makes it.

Texts still hold their ``{…}`` placeholders: the lab fills them, once per scenario (:mod:`harness.target.placeholders`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeVar

from harness.catalog import Policy, Waiver
from harness.target.steps import Step

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """What an owner allows of the vendor's real hosts, asked in the place of its emulator (docs/live.md).

    ``hosts`` are those that may be asked, ``requests`` how many requests a run may send there. ``solve`` is the
    ``file.py:function`` that solves the challenge, "" where nobody does. ``unused`` names the links that a healthy pass does
    not need. ``ca`` is the file (absolute) whose certificates are trusted, "" for the system's; ``resolve`` says where a host
    is reached that is not where its name leads; ``address`` is the one at which the vendor sees this machine.
    """

    consent: str
    hosts: tuple[str, ...]
    requests: int = 4000
    solve: str = ""
    unused: tuple[str, ...] = ()
    ca: str = ""
    resolve: Mapping[str, str] = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUse:
    """Which provider the target depends on. ``retired_hosts``: its dead entry scripts and API hosts are served too.

    ``options`` are the provider's own (docs/providers.md). ``credentials`` maps a word of its console to the environment
    variable that holds what a target which runs already, or one whose provider is ``live``, was given.
    """

    use: str = "tencent_web"
    app_id: str = "199999164"
    prefix: Literal["terror", "trerror"] = "terror"
    retired_hosts: bool = False
    options: Mapping[str, object] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    live: Live | None = None

    @property
    def all_options(self) -> Mapping[str, object]:
        """What the provider is told: its own options, and ``retired_hosts`` where the owner wants them."""
        return {**self.options, **({"retired_hosts": True} if self.retired_hosts else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Csrf:
    """A token that a page hands out: the path to GET, and the name of the field, meta tag or cookie that holds it."""

    get: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQL:
    """A GraphQL operation; placeholders are filled in its variables alone."""

    query: str
    variables: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitSpec:
    """One HTTP request of a flow; ``path`` is relative to the target's origin.

    At most one of ``json``, ``form``, ``multipart`` and ``graphql`` is set. ``csrf`` is taken before, and is ``{csrf}`` then.
    ``before`` is sent first of all, such as a login; its cookies go with the rest.
    """

    method: str = "POST"
    path: str
    json: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    multipart: Mapping[str, str] | None = None
    graphql: GraphQL | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    csrf: Csrf | None = None
    before: SubmitSpec | None = None

    @property
    def fields(self) -> Mapping[str, object]:
        """What its body holds, whatever it is written in."""
        if self.graphql is not None:
            return self.graphql.variables
        return self.json or self.form or self.multipart or {}

    def keeping(self, keep: Callable[[object], bool]) -> SubmitSpec:
        """The same with those fields of its body only whose value is to be kept."""

        def kept(fields: Mapping[str, T] | None) -> Mapping[str, T] | None:
            return None if fields is None else {name: value for name, value in fields.items() if keep(value)}

        graphql = self.graphql and replace(self.graphql, variables=kept(self.graphql.variables) or {})
        return replace(
            self, json=kept(self.json), form=kept(self.form), multipart=kept(self.multipart), graphql=graphql or None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """How a completed business looks: ``selector`` or ``url`` in the browser, ``status`` and ``json`` over HTTP.

    ``url`` is a glob as Playwright's ``wait_for_url`` takes it; ``json`` maps a JSONPath to the value that must stand there.
    """

    selector: str | None = None
    url: str | None = None
    status: int | None = None
    json: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Where business effects are counted at the origin: the path to GET, and the JSONPath of what is counted there.

    ``verified`` is the JSONPath of the mark that tells a verified record from one accepted without verification (true, false).
    Without ``get``: ``sql`` whose first value counts, asked of ``database`` (a URL of SQLAlchemy's); a ``command`` that prints
    a number; or ``log``, a pattern of which each line that is printed counts.
    """

    get: str = ""
    count: str = "$"
    verified: str | None = None
    sql: str | None = None
    database: str | None = None
    command: str | None = None
    log: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySpec:
    """What an unverified user gets while the verdict API answers, and while it does not."""

    verdict_up: Policy = Policy.STEP_UP
    verdict_down: Policy = Policy.STEP_UP


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowLimits:
    """What ``accept`` allows unverified users in a window of ``window_s`` seconds."""

    per_account: int = 1
    per_address: int = 5
    window_s: int = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """The second factor: how its offer looks, where its code is read, and how it is confirmed.

    In the browser the offer is ``selector`` (where the code is typed) with ``button`` to send it; over HTTP it is ``status``.
    ``code_get`` is the path of the outbox, ``code_json`` the JSONPath of the newest code in it.
    """

    selector: str | None = None
    button: str | None = None
    status: int | None = None
    code_get: str
    code_json: str
    confirm: SubmitSpec | None = None

    @property
    def by_http(self) -> bool:
        """Whether it can be taken without a browser."""
        return self.status is not None and self.confirm is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """What is left to users while the captcha fails: another way in, and a word on why they need it.

    ``submit`` is the other way's request and ``completed`` how its answer looks, both or none.
    ``explains`` selects what then says in the page what has happened.
    """

    submit: SubmitSpec | None = None
    completed: Completed | None = None
    explains: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many arrive per second when the flow is tried under load, and which pages must stay quick beside it (paths)."""

    rate_per_s: int
    also: tuple[str, ...] = ()


# What [third_party] says of a host in the place of a folder: the real one is asked, or only while its answers are recorded.
LET_THROUGH = ("allow",)
RECORD = "record"
BROWSER = "browser"
APP = "app"
# Where nobody may be led: a name that is reserved for examples, and that no lab maps.
ELSEWHERE = "elsewhere.example"
# Who lives there answers questions about names and tunnels (RFC 7534, 7535, 7450): addresses that every registry calls public,
# and from which no browser ever comes. Libraries count those for documentation (RFC 5737) as private, and many skip them.
CLIENT_IP_RANGES = ("192.175.48.0/24", "192.31.196.0/24", "192.52.193.0/24")
# The clients that have a browser's page; every other one is a provider's scripted client.
IN_BROWSER = (BROWSER, APP)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSpec:
    """One business transaction. ``browser`` is ``file.py:function``, or ``""`` when the flow is not driven.

    ``steps`` are what it does where no function says so (``browser`` is then :data:`harness.target.steps.STEPS`).
    ``before`` is the function of what its visitors do before, ``storage`` the file (absolute) of cookies that they come with.

    ``provider`` names one of the target's ``providers``, "" is its main one. ``profile`` is the size of its pages.
    ``client`` is who is driven: :data:`BROWSER`, :data:`APP` (an app with a web view), or one of the provider's own.
    ``watchdog_ms``: the page's own, from click to visible challenge; it then mints the ticket with ``watchdog_code``.
    ``challenge_watchdog_ms``: its last resort, from the visible challenge until the vendor's client answers; the same code.
    ``load``: how the flow is tried under load, None: not at all.
    ``entry_deadline_ms``: how long the page waits for the entry script. ``session_s``: how long the target's session lives.
    ``aid``: the path from which the page fetches its ``aidEncrypted``, if it does.
    ``busy`` selects what shows in the page while work is under way; ``explains`` what tells a user who went on degraded why.
    ``return_parameter``: the query parameter by which the flow's pages are told where to go afterwards, if they take one.
    """

    name: str
    provider: str = ""
    browser: str = ""
    steps: tuple[Step, ...] = ()
    before: str = ""
    storage: str = ""
    client: str = BROWSER
    profile: Literal["desktop", "phone"] = "desktop"
    submit: SubmitSpec | None = None
    completed: Completed
    effects: Effects
    policy: PolicySpec = field(default_factory=PolicySpec)
    limits: FlowLimits = field(default_factory=FlowLimits)
    step_up: StepUp | None = None
    otherwise: Otherwise | None = None
    watchdog_ms: int | None = None
    watchdog_code: int = 1001
    challenge_watchdog_ms: int | None = None
    entry_deadline_ms: int | None = None
    session_s: int | None = None
    aid: str | None = None
    load: Load | None = None
    busy: str | None = None
    explains: str | None = None
    return_parameter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """What may pass, in milliseconds of page time; None follows from the vendor's documented waits."""

    server_ms: int = 5000
    recovery_ms: int = 10000
    fallback_ms: int | None = None
    business_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A counter of the degraded mode: the path to GET, and its name there."""

    get: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observe:
    """Where the target says that it is degraded: a word in its log, a metric, or nowhere (both None)."""

    log: str | None = None
    metric: Metric | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What an owner allows with a system that others use: the hosts whose edges may be broken."""

    consent: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTo:
    """A Toxiproxy next to a running target: its API, and the address at which the target asks through it."""

    toxiproxy: str
    listen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The application under test. Exactly one of ``start`` (a command the lab runs) and ``url`` (one that runs) is set.

    ``runtime`` names what its server runs on, of :data:`harness.target.runtimes.RUNTIMES`, and is then led by what that obeys.
    ``folder`` is where ``file`` lies and what its paths are relative to; ``cwd`` is where ``start`` and ``reset`` run.
    ``ready`` is a path that answers below 400 once the target serves. ``accounts`` makes user names from ``{n}``.
    ``providers`` are those beside the main one, by the name that flows and placeholders use.
    ``client_ip_header`` is the header in which the proxy in front of the target hands on who its client is, and
    ``client_ip_ranges`` are the IPv4 ranges of whom it tells.
    ``session_cookies`` names the cookies that are a user's session; None where that is left to be seen.
    ``third_party`` maps a host (in small letters) to one of :data:`LET_THROUGH`, :data:`RECORD`, or a folder (absolute).
    """

    name: str
    file: Path
    folder: Path
    cwd: Path
    start: str | None = None
    url: str | None = None
    ready: str = "/"
    isolation: Literal["scenario", "slot"] = "scenario"
    reset: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    runtime: str | None = None
    shared: Shared | None = None
    links: Mapping[str, NextTo] = field(default_factory=dict)
    accounts: str = "user-{n}@captchaos.test"
    client_ip_header: str | None = None
    client_ip_ranges: tuple[str, ...] = CLIENT_IP_RANGES
    session_cookies: tuple[str, ...] | None = None
    provider: ProviderUse = field(default_factory=ProviderUse)
    providers: Mapping[str, ProviderUse] = field(default_factory=dict)
    flows: Mapping[str, FlowSpec]
    third_party: Mapping[str, str] = field(default_factory=dict)
    budgets: Budgets = field(default_factory=Budgets)
    observe: Observe = field(default_factory=Observe)
    waivers: tuple[Waiver, ...] = ()

    @property
    def live_uses(self) -> Mapping[str, Live]:
        """The providers whose real hosts are asked, by name; "" is the main one."""
        uses = {"": self.provider, **self.providers}
        return {name: use.live for name, use in uses.items() if use.live is not None}

    @property
    def shares_process(self) -> bool:
        """Whether one process that captchaos starts serves many scenarios."""
        return self.isolation == "slot" and self.url is None

    @property
    def parts_data(self) -> bool:
        """Whether each process is handed a folder or a port of its own to keep its data by."""
        told = " ".join(self.env.values())
        return "{lab.dir}" in told or "{port}" in told

    @property
    def one_at_a_time(self) -> str:
        """Why only one laboratory at a time may use it, "" where there may be several."""
        if self.url is not None:
            return "target.url is one system that runs already, and faults of one laboratory would strike another's users"
        if self.live_uses:
            return "provider.live asks the vendor itself, whom nobody may crowd"
        if self.shares_process and not self.parts_data:
            # What one of them resets, all of them use.
            return "target.isolation = \"slot\" empties one database for all ([target.env] names neither {lab.dir} nor {port})"
        return ""

    def use_of(self, flow: str) -> ProviderUse:
        """The provider that a flow depends on."""
        return self.use_named(self.flows[flow].provider)

    def use_named(self, name: str) -> ProviderUse:
        """The provider of that name; "" is the main one."""
        return self.providers[name] if name else self.provider
