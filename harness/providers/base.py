"""What a provider is: the contract it documents, an emulator of it, and how a human solves its challenge."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from harness.catalog import Answer, Behaviour, Cause, Contradiction, FailureMode, Link, Rewrite
from harness.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What the vendor's console would show, made up anew for every lab. ``repr`` hides the secrets.

    ``more`` is what only this vendor's console shows, by the name under which a target file asks for it
    (``{provider.client_id}``); ``more_secrets`` names those of them that are secret.
    """

    app_id: str
    app_secret: str = ""
    secret_id: str = ""
    secret_key: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    more_secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Credentials(app_id={self.app_id!r}, …)"

    def values(self) -> dict[str, str]:
        """Every value by the name that stands in ``{provider.NAME}``."""
        own = {"app_secret": self.app_secret, "secret_id": self.secret_id, "secret_key": self.secret_key}
        return {"app_id": self.app_id, **{name: value for name, value in own.items() if value}, **self.more}

    def secrets(self) -> tuple[str, ...]:
        """The values that must never reach browser, URL, log or report."""
        secret = (self.app_secret, self.secret_key, *(self.more[name] for name in self.more_secrets))
        return tuple(value for value in secret if value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One arrived request, read whole (bodies over 1 MiB never get this far)."""

    link: str
    host: str
    method: str
    path: str
    query: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    body: bytes
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCase:
    """A ticket to which the emulator answers ``code``, a verdict that is no pass; ``cause`` names why in a few words.

    With a ``rewrite`` the ticket is an honest one and that rewrite of the verdict makes the code: for codes that no ticket
    causes, and for targets that turn the real cause away before they ask. ``says`` is the text that it then has instead of
    the code's own; only with one may the code be a pass.
    """

    code: int
    cause: str
    ticket: str
    randstr: str
    rewrite: Rewrite | None = None
    says: str = ""


class Emulator(Protocol):
    """A provider that answers. One per slot; :meth:`reset` makes it new for the next lab.

    ``now`` is the emulator's clock in unix seconds, skewable by a fault. Nothing that names a scenario, fault or expected
    code ever reaches it.
    """

    credentials: Credentials

    def reset(self, *, build: str) -> None:
        """Forget every ticket and session, make new credentials, and serve the given client build."""

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link a request travels on; ``""`` for what belongs to no link (a favicon, telemetry)."""

    async def answer(self, request: Request) -> Answer:
        """Make the answer, with all its effects on tickets; sending it is the server's business."""

    def describe(self, request: Request, answer: Answer) -> str:
        """Say in a few words what was asked and answered (``code 21``, ``error InternalError``), for the evidence."""

    def ticket_of(self, request: Request) -> str:
        """The ticket a verdict request asks about, or one on a guarded link rests on, as sent; ``""`` on every other link."""

    def skew(self, seconds: int) -> int:
        """Set the emulator's clock apart from the world's; returns the offset that now stands."""


@runtime_checkable
class NamesUser(Protocol):
    """A vendor whose verdict call says where the user comes from."""

    def user_ip_of(self, request: Request) -> str:
        """The user's address that a verdict request names, as sent; ``""`` when it names none, and on every other link."""


@runtime_checkable
class TellsWhatIsAsked(Protocol):
    """A vendor whose verdict call is a list of parameters."""

    def asked_of(self, request: Request) -> tuple[tuple[str, str], ...]:
        """Name and text of every parameter of a verdict request but ticket and secrets; empty when it cannot be read."""


@runtime_checkable
class BindsToVisitor(Protocol):
    """A vendor that keeps the address to which a ticket was issued; ``visitor_ip`` None: that of the connection."""

    visitor_ip: Callable[[], str] | None


@runtime_checkable
class Bill(Protocol):
    """What a vendor would have charged for: ``billed`` verdicts since the last reset."""

    billed: int


@runtime_checkable
class Bills(Protocol):
    """An emulator that counts what its vendor would charge for; an emulator need not."""

    tickets: Bill


@runtime_checkable
class Delivers(Protocol):
    """An emulator that sends people messages (a code by SMS): what stands in the newest one; an emulator need not."""

    def delivered(self, to: str) -> str:
        """The code in the newest message to an address or number; ``""`` when none came."""


@runtime_checkable
class KeepsCredentials(Protocol):
    """An emulator whose account can be a given one, for targets that outlive a laboratory; an emulator need not."""

    def keep(self, credentials: Mapping[str, str]) -> None:
        """From the next reset on, show these words in the console; raises UsageError for one that it does not have."""


@runtime_checkable
class HasExample(Protocol):
    """A provider whose app ids look otherwise than Tencent's: ``example_app_id`` is one of the right form."""

    example_app_id: str


@runtime_checkable
class HasSdk(Protocol):
    """A provider whose vendor's SDK obeys no variable that names a CA file: ``sdk_ca_file`` says how it is told of one."""

    sdk_ca_file: str


class Human(Protocol):
    """How a person deals with the challenge in a page. Both run against Playwright's async API."""

    async def challenge_visible(self, page: Any) -> None:
        """Return when the challenge can be solved; wait for ever otherwise."""

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        """Solve it with the mouse, asking for a refresh first when the behaviour says so.

        ``mark`` is awaited with ``refresh`` and ``drag`` just before each act and with ``refreshed`` and ``dragged`` after it.
        """


@runtime_checkable
class ClosesChallenge(Protocol):
    """A human who can close the challenge without solving it; a human need not."""

    async def close(self, page: Any) -> None:
        """Close it."""


class Provider(Protocol):
    """A third-party captcha: its contract and our emulator of it.

    ``console`` are the names that a target file may use in ``{provider.NAME}``; ``options`` are those of
    ``[provider.options]``, each with what it means.
    ``observer`` is a script for every page: it hands each callback of the client to ``window.captchaosSaw`` as JSON.
    The server link on which the business asks for a verdict is called ``verdict``; a pass is described as ``code 1``.
    """

    name: str
    title: str
    links: tuple[Link, ...]
    modes: tuple[FailureMode, ...]
    causes: tuple[Cause, ...]
    builds: tuple[str, ...]
    human: Human
    console: tuple[str, ...]
    options: Mapping[str, str]
    observer: str

    def links_with(self, options: Mapping[str, object]) -> tuple[Link, ...]:
        """The links as these options make them; they may add hosts to :attr:`links`, never links."""

    def emulator(self, *, app_id: str, prefix: str, options: Mapping[str, object]) -> Emulator:
        """Make an emulator for the app id; ``prefix`` is ``terror`` or ``trerror``."""

    def verdict_cases(self, emulator: Emulator) -> Sequence[VerdictCase]:
        """Make a fresh ticket for each verdict other than a pass, its real causes first, rewrites after them."""


@runtime_checkable
class ChoosesCauses(Protocol):
    """A provider whose causes depend on its options; a provider need not."""

    def causes_with(self, options: Mapping[str, object]) -> tuple[Cause, ...]:
        """The causes as these options make them, the first of the build that the pages load."""


@runtime_checkable
class Contradicts(Protocol):
    """A provider whose vendor's own documents contradict each other in what they ask of a target; a provider need not."""

    contradictions: tuple[Contradiction, ...]


def contradictions_of(provider: Provider) -> tuple[Contradiction, ...]:
    """Where a provider's documents contradict each other; empty for one that declares nothing."""
    return provider.contradictions if isinstance(provider, Contradicts) else ()


AID_USED = "with a good aid"


@runtime_checkable
class TakesAid(Protocol):
    """A provider whose client takes an encrypted app id that the page fetches from its own server; a provider need not.

    Its emulator's ``describe`` ends with :data:`AID_USED` for a request that brought a good one.
    """

    def causes_with_aid(self, options: Mapping[str, object]) -> tuple[Cause, ...]:
        """What more can fail in a flow whose page does: on the target's link ``aid``, and on the provider's own links."""


@runtime_checkable
class DrawsCallbacks(Protocol):
    """A provider with a client that shows no challenge and calls the page's callback as it is told; optional.

    ``drawn_client`` answers with it for what travels on the link ``entry``. It is told by an event ``tcaptcha:next`` of the
    window, whose detail is what :func:`harness.catalog.callbacks.as_script` writes. With the observer's ``tcaptcha:callback``
    it says how many of these events it has had (``number``), which call it has made (0: it was asked) and what the callback
    has ``thrown``; once with number 0 when it is there.
    """

    drawn_client: Rewrite


PROVIDERS: Registry[Provider] = Registry("provider", package="harness.providers", entry_point_group="captchaos.providers")
