"""A target as its owner wrote it (DESIGN.md, "A target, as its owner writes it"). Frozen data; the loader alone makes it.

Texts still hold their ``{…}`` placeholders: the lab fills them, once per scenario (:mod:`harness.target.placeholders`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from harness.catalog import Policy, Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderUse:
    """Which provider the target depends on. ``retired_hosts``: its dead entry scripts and API hosts are served too.

    ``options`` are the provider's own (docs/providers.md).
    """

    use: str = "tencent_web"
    app_id: str = "199999164"
    prefix: Literal["terror", "trerror"] = "terror"
    retired_hosts: bool = False
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def all_options(self) -> Mapping[str, object]:
        """What the provider is told: its own options, and ``retired_hosts`` where the owner wants them."""
        return {**self.options, **({"retired_hosts": True} if self.retired_hosts else {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitSpec:
    """One HTTP request of a flow; ``path`` is relative to the target's origin. At most one of ``json`` and ``form`` is set."""

    method: str = "POST"
    path: str
    json: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


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
    """

    get: str
    count: str
    verified: str | None = None


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
class Target:
    """The application under test. Exactly one of ``start`` (a command the lab runs) and ``url`` (one that runs) is set.

    ``folder`` is where ``file`` lies and what its paths are relative to; ``cwd`` is where ``start`` and ``reset`` run.
    ``ready`` is a path that answers below 400 once the target serves. ``accounts`` makes user names from ``{n}``.
    ``providers`` are those beside the main one, by the name that flows and placeholders use.
    ``client_ip_header`` is the header in which the proxy in front of the target hands on who its client is, and
    ``client_ip_ranges`` are the IPv4 ranges of whom it tells.
    ``session_cookies`` names the cookies that are a user's session; None where that is left to be seen.
    ``third_party`` maps a host to ``allow``, ``record``, or a folder (absolute) from which it is served.
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

    def use_of(self, flow: str) -> ProviderUse:
        """The provider that a flow depends on."""
        return self.use_named(self.flows[flow].provider)

    def use_named(self, name: str) -> ProviderUse:
        """The provider of that name; "" is the main one."""
        return self.providers[name] if name else self.provider
