"""What a forger sends: the tickets of one forgery scenario, in the order in which they prove most.

Tickets that are worthless for what they are come first, while the limits are still unused: a limit must not hide that one of
them was taken. Source: DESIGN.md "The tickets" (near-misses), docs/oracles.md (nothing-for-free).
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness import tickets as grammar
from harness.errors import LaboratoryError
from harness.journal.model import HONEST_TRY, Limits
from harness.providers.base import VerdictCase
from harness.tickets import TicketKind

WELL_FORMED = "well-formed:"
UNVERIFIABLE = f"{WELL_FORMED}unverifiable"
FROM_ELSEWHERE = f"{WELL_FORMED}from-elsewhere:"
FIRST_ACCOUNT = 100
HONEST_ACCOUNT = FIRST_ACCOUNT - 1
# The least of each kind, and the most that a run can bear; between them the target's own limits say what must be exceeded.
CROWD, MOST_CROWD = 100, 400
BURST, MOST_BURST = 5, 50
ELSEWHERE, MOST_ELSEWHERE = 12, 200
NOTICED_AFTER = 6

_DAY_S = 86_400
_HUGE = 100_000
_MEGABYTES = 2 << 20
_AT_ONCE = 100
# How many more than a limit allows: an address shares its own with tries that came before.
_MORE_FOR_ACCOUNT, _MORE_FOR_ADDRESS = 4, 7
_AGAIN_FROM_ELSEWHERE = 3
_PREFIXES = ("terror", "trerror")
# Every code that the vendor's client documents, under both prefixes.
_HONEST_LOOKS = tuple(f"{prefix}_{code}" for code in range(1001, 1015) for prefix in _PREFIXES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """One forged submit. ``ticket`` None: the submit names none at all. ``account`` fills ``{n}`` of the target's accounts.

    ``elsewhere``: the forger writes into the headers that only a proxy should write that he comes from another address, of
    those the one with this number; 0 where he does not.
    ``after_ms``: how long after an outage's end it is sent, where that is told.
    """

    label: str
    ticket: str | None
    randstr: str
    account: int
    elsewhere: int = 0
    after_ms: float = 0.0


Round = tuple[Forgery, ...]


def good_case(cases: Sequence[VerdictCase]) -> VerdictCase:
    """Pick a ticket that the provider passes: one whose verdict only an altered answer makes another than 1."""
    if good := next((case for case in cases if case.rewrite is not None), None):
        return good
    raise LaboratoryError("the provider makes no good ticket for tries over HTTP: its verdict cases have none with a rewrite")


def honest(cases: Sequence[VerdictCase]) -> Round:
    """The control of all forgeries: one good ticket with its randstr, from an account of its own."""
    good = good_case(cases)
    return (Forgery(label=HONEST_TRY, ticket=good.ticket, randstr=good.randstr, account=HONEST_ACCOUNT),)


class Forger:
    """Writes tickets for one app id at one moment; the same ``seed`` writes the same randstrs.

    ``limits`` are those that the target is to keep: he must try more than they allow. Accounts are never reused, but where
    a limit on one is tried.
    """

    def __init__(self, *, app_id: str, now_s: int, seed: str, limits: Limits | None = None) -> None:
        self._app_id = app_id
        self._now_s = now_s
        self._seed = seed
        self._limits = limits or Limits()
        self._used_up: int | None = None
        self._drawn = 0
        self._account = FIRST_ACCOUNT - 1

    def worthless(self, cases: Sequence[VerdictCase]) -> Iterator[Round]:
        """Tickets that nobody honest has, one at a time: malformed, stale, foreign, used, guessed."""
        app, now = self._app_id, self._now_s
        yield from self.nothing()
        for label, ticket in (
            ("sql-text", "terror_1001' OR '1'='1' --"),
            ("script-text", "<script>alert('terror_1001')</script>"),
            ("huge", f"terror_1001_{app}_{now}_{'A' * _HUGE}"),
            ("megabytes", f"terror_1001_{app}_{now}_{'A' * _MEGABYTES}"),
        ):
            yield self._one(label, ticket)
        for prefix in _PREFIXES:
            like = "" if prefix == "terror" else f":{prefix}"
            for label, ticket in (
                ("no-underscore-before-time", f"{prefix}_1001_{app}{now}"),
                ("empty-app-id", f"{prefix}_1001__{now}"),
                ("code-missing", f"{prefix}_{app}_{now}"),
                ("milliseconds", f"{prefix}_1001_{app}_{now}000"),
                ("foreign-app-id", f"{prefix}_1001_{_other(app)}_{now}"),
                ("stale", f"{prefix}_1001_{app}_{now - _DAY_S}"),
                ("future", f"{prefix}_1001_{app}_{now + _DAY_S}"),
                ("guessed-server-ticket", f"{prefix}_2001_{app}_{now}_{self._hex(40)}"),
            ):
                yield self._one(label + like, ticket)
        for case in cases:
            if case.rewrite is None:
                yield (Forgery(label=case.cause, ticket=case.ticket, randstr=case.randstr, account=self._next_account()),)

    def replay(self) -> Iterator[Round]:
        """One ticket that looks honest under each prefix, and the first again from another account."""
        first, _ = pair = [
            forgery
            for prefix in _PREFIXES
            for forgery in self._one(f"{WELL_FORMED}{prefix}_1001", f"{prefix}_1001_{self._app_id}_{self._now_s}")
        ]
        yield from ((forgery,) for forgery in pair)
        yield (Forgery(label="replayed", ticket=first.ticket, randstr=first.randstr, account=self._next_account()),)

    def another(self) -> Forgery:
        """One more that looks honest, from an account of its own."""
        return self._honest_looking(0, self._next_account())

    def burst(self) -> Iterator[Round]:
        """Several at once on one account: a limit that is read before it is used up lets more through than it allows."""
        account = self._used_up = self._next_account()
        count = _between(BURST, self._limits.per_account + _MORE_FOR_ACCOUNT, MOST_BURST)
        yield tuple(self._honest_looking(number, account) for number in range(count))

    def crowd(self) -> Iterator[Round]:
        """A hundred at once that cannot be told from honest ones, of every documented code, each for an account of its own.

        Where an address may have nearly as many or more, hundreds after one another.
        """
        count = _between(CROWD, self._limits.per_address + _MORE_FOR_ADDRESS, MOST_CROWD)
        for begin in range(0, count, _AT_ONCE):
            numbers = range(begin, min(begin + _AT_ONCE, count))
            yield tuple(self._honest_looking(number, self._next_account()) for number in numbers)

    def elsewhere(self) -> Iterator[Round]:
        """When all limits are used up: more of the same, each claiming to come from an address of its own.

        First on the account of the burst, whose limit no address widens.
        """
        numbers = itertools.count(1)
        if self._used_up is not None:
            yield tuple(self._from(next(numbers), self._used_up) for _ in range(_AGAIN_FROM_ELSEWHERE))
        count = _between(ELSEWHERE, self._limits.per_address + _MORE_FOR_ADDRESS, MOST_ELSEWHERE)
        yield tuple(self._from(next(numbers), self._next_account()) for _ in range(count))

    def _from(self, number: int, account: int) -> Forgery:
        look = self._honest_looking(number, account)
        return replace(look, label=f"{FROM_ELSEWHERE}{look.label.removeprefix(WELL_FORMED)}", elsewhere=number)

    def without_randstr(self) -> Iterator[Round]:
        """What looks honest but for its missing randstr; some integrators never sent one."""
        yield self._one(f"{WELL_FORMED}no-randstr", f"trerror_1004_{self._app_id}_{self._now_s}", "")

    def unverifiable(self, cases: Sequence[VerdictCase]) -> Iterator[Round]:
        """The provider's own kind of ticket, good and bad: only the provider could tell them apart."""
        for case in cases:
            if grammar.read(case.ticket).kind is TicketKind.OTHER:
                yield (Forgery(label=UNVERIFIABLE, ticket=case.ticket, randstr=case.randstr, account=self._next_account()),)

    def noticed(self, fresh: Callable[[], Sequence[VerdictCase]]) -> Iterator[Round]:
        """Good tickets that the provider is not asked about: what a server must see before it calls that an outage.

        All on one account, so that they use up one of what an address is given. ``fresh`` makes cases not used before.
        """
        account = self._next_account()
        for _ in range(NOTICED_AFTER):
            good = good_case(fresh())
            yield (Forgery(label=UNVERIFIABLE, ticket=good.ticket, randstr=good.randstr, account=account),)

    def nothing(self) -> Iterator[Round]:
        """No ticket, an empty one, and garbage, while no limit is used up."""
        yield (Forgery(label="no-ticket", ticket=None, randstr="", account=self._next_account()),)
        yield self._one("empty", "", "")
        yield self._one("garbage", f"not-a-ticket-{self._hex(32)}")

    def again(self, tickets: Sequence[str]) -> Iterator[Round]:
        """Tickets that the target itself minted for others, brought back by somebody else."""
        for ticket in tickets:
            yield self._one("replayed-server-ticket", ticket)

    def _honest_looking(self, number: int, account: int) -> Forgery:
        look = _HONEST_LOOKS[number % len(_HONEST_LOOKS)]
        ticket = f"{look}_{self._app_id}_{self._now_s}"
        if number % 2:
            ticket += f"_{self._hex(16)}"
        return Forgery(label=f"{WELL_FORMED}{look}", ticket=ticket, randstr=self._randstr(), account=account)

    def _one(self, label: str, ticket: str, randstr: str | None = None) -> Round:
        said = self._randstr() if randstr is None else randstr
        return (Forgery(label=label, ticket=ticket, randstr=said, account=self._next_account()),)

    def _next_account(self) -> int:
        self._account += 1
        return self._account

    def _randstr(self) -> str:
        return f"@{self._hex(6)}"

    def _hex(self, length: int) -> str:
        self._drawn += 1
        return hashlib.sha256(f"{self._seed}/{self._drawn}".encode()).hexdigest()[:length]


def _between(least: int, wanted: int, most: int) -> int:
    return min(max(least, wanted), most)


def _other(app_id: str) -> str:
    """An app id of the same length that is not ours."""
    return app_id[:-1] + ("1" if app_id[-1:] != "1" else "2")
