"""What must hold of one try over HTTP, in health and in an outage: pure functions from what was seen to broken rules.

A ticket is read here by hand and not by :mod:`harness.tickets`, which the plan and the oracles read with. Where two right
integrations may differ about a ticket it is *unsure*, and only what holds of every ticket is asked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal, get_args

from harness.catalog import Policy
from harness.explore.finding import Failure
from harness.explore.seen import Seen
from harness.journal.model import Limits
from harness.judge.windows import at_most
from harness.target.spec import FlowSpec

# Whose clients write fallback tickets under both prefixes: other providers' pages mint their own, under one that they know.
KNOWN_FORM = ("tencent_web", "tencent_mini")
TOO_MANY_REQUESTS = 429
_PREFIXES = ("terror", "trerror")
_AT_AN_END = re.compile(r"\A[\s\0\ufeff]+|[\s\0\ufeff]+\Z")
# Nobody mints a ticket so long before it arrives, and no integration is right to take one so far off.
_NOW_S, _FAR_S = 30, 86_000
_SURE_SUFFIX, _LONGEST_SUFFIX = 40, 512
_TIME_DIGITS = 10
TURNED_AWAY: Final = "business-completes"

Rule = Literal[
    "stays-alive", "never-5xx", "bounded-wait", "exactly-once", "private", "no-reflection", "nothing-for-free",
    "nothing-for-nothing", "business-completes",
]  # fmt: skip
RULES: tuple[str, ...] = get_args(Rule)
"""Every rule that one try over HTTP may break."""


class Worth(Enum):
    """What a ticket is worth before anybody is asked."""

    HONEST = "the provider's own"
    LOOKALIKE = "not to be told from an honest user's fallback ticket"
    UNSURE = "taken by some that are right, and not by others"
    WORTHLESS = "nobody honest has it"
    NOTHING = "nothing was brought"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a flow's owner promises. ``down``: no verdict comes; ``patient_ms`` is the server's budget."""

    flow: FlowSpec
    provider: str
    down: bool
    patient_ms: int

    @property
    def policy(self) -> Policy:
        """What an unverified user gets now."""
        return self.flow.policy.verdict_down if self.down else self.flow.policy.verdict_up


def worth_of(ticket: object, *, app_id: str, codes: Collection[int], now_s: int) -> Worth:
    """Read a ticket as the contract has it; ``codes`` are those that an honest client writes, ``now_s`` its moment."""
    if not isinstance(ticket, str):
        return Worth.WORTHLESS
    if not ticket.strip():
        return Worth.NOTHING
    found = _read(ticket, app_id=app_id, codes=codes, now_s=now_s)
    if found is Worth.WORTHLESS and (text := normalised(ticket)) != ticket:
        # Who brings what users send to one form is right to, and reads a good ticket then.
        read = _read(text, app_id=app_id.casefold(), codes=codes, now_s=now_s)
        return Worth.UNSURE if read is not Worth.WORTHLESS else found
    return found


def normalised(ticket: str) -> str:
    """A ticket as the most lenient of right integrations reads it: trimmed, one normal form, without regard to case."""
    return _AT_AN_END.sub("", unicodedata.normalize("NFKC", ticket).casefold())


def _read(text: str, *, app_id: str, codes: Collection[int], now_s: int) -> Worth:
    prefix, code, app, seconds, suffix = (*text.split("_", 4), "", "", "", "", "")[:5]
    numbers = all(part.isascii() and part.isdecimal() for part in (code, seconds))
    if prefix not in _PREFIXES or not numbers or app != app_id or len(seconds) != _TIME_DIGITS:
        return Worth.WORTHLESS
    if text.endswith("_") or len(suffix) > _LONGEST_SUFFIX or any(letter.isspace() or letter == "\0" for letter in suffix):
        return Worth.WORTHLESS
    off_s = abs(int(seconds) - now_s)
    # Codes from 2001 on are a server's, and its signature is guessed here.
    if off_s >= _FAR_S or (2001 <= int(code[:9]) <= 2006 and int(code[:9]) not in codes):
        return Worth.WORTHLESS
    plain = suffix == "" or (suffix.isascii() and suffix.isalnum() and len(suffix) <= _SURE_SUFFIX)
    sure = off_s <= _NOW_S and len(code) == 4 and int(code) in codes and plain
    return Worth.LOOKALIKE if sure else Worth.UNSURE


def broken(seen: Seen, worth: Worth, bounds: Bounds, cause: str) -> Iterator[Failure]:
    """Every rule that one try breaks; ``cause`` is the label of what was sent."""

    def failure(rule: Rule, expected: str, said: str) -> Failure:
        return Failure(rule=rule, cause=cause, expected=expected, seen=said)

    if seen.died:
        yield failure("stays-alive", "the target goes on, whatever is sent", seen.died)
        return
    for rule, expected, said in (*always(seen, bounds), *_for_free(seen, worth, bounds), *_turned_away(seen, worth, bounds)):
        yield failure(rule, expected, said)


def always(seen: Seen, bounds: Bounds) -> Iterator[tuple[Rule, str, str]]:
    """What holds whatever is sent and whatever the provider answers: rule, expected, seen."""
    if seen.status is not None and seen.status >= 500:
        yield "never-5xx", "an answer below 500, whatever is sent", f"the target answered {seen.status}"
    if seen.status is None:
        yield "bounded-wait", f"an answer within {bounds.patient_ms} ms", seen.error
    elif seen.real_ms > bounds.patient_ms:
        yield "bounded-wait", f"an answer within {bounds.patient_ms} ms", f"it came after {seen.real_ms:.0f} ms"
    if seen.gained > 1:
        yield "exactly-once", "one effect at most for one submit", f"it took effect {seen.gained} times"
    if seen.leaked:
        yield "private", "no secret in answers or output", ", ".join(seen.leaked)
    if seen.reflected:
        yield "no-reflection", "markup of a ticket is escaped in a page", f"the answer has {seen.reflected!r}"
    if seen.injected:
        yield "no-reflection", "no line of a ticket becomes a header", "the answer has a header that the ticket wrote"


def _for_free(seen: Seen, worth: Worth, bounds: Bounds) -> Iterator[tuple[Rule, str, str]]:
    if seen.passed:
        return
    if seen.marked:
        yield "nothing-for-free", "verified only by the provider's own word", "a record marked as a verified user's"
        return
    if not (seen.gained or seen.completed):
        return
    said = "it took effect" if seen.gained else "the target said that it was done"
    accepts = bounds.policy is Policy.ACCEPT
    if worth is Worth.NOTHING:
        yield "nothing-for-nothing", "nothing for who brings no ticket", said
    elif not accepts:
        where = "in an outage" if bounds.down else "while the provider is healthy"
        yield "nothing-for-free", f"policy {bounds.policy}: no effect without the provider's pass ({where})", said
    elif worth is Worth.WORTHLESS and not bounds.down:
        yield "nothing-for-free", "no effect of a worthless ticket while the provider is healthy", said


def over_the_limit(seen: Seen, bounds: Bounds) -> str:
    """What says that an address got more unverified effects than the policy's limits give it; empty where it did not."""
    unverified = 0 if seen.passed else max(0, seen.gained)
    limits = bounds.flow.limits
    most = at_most(
        Limits(per_account=limits.per_account, per_address=limits.per_address, window_s=limits.window_s), seen.open_s
    ).per_address
    if not unverified or bounds.policy is not Policy.ACCEPT or seen.used_before + unverified <= most:
        return ""
    return f"{seen.used_before + unverified} unverified effects from one address, which may have {most}"


def limited(seen: Seen, worth: Worth, bounds: Bounds) -> bool:
    """Whether it was turned away for how many had come, so that nothing is known of what was sent."""
    if seen.status is None or seen.status >= 500 or seen.completed or seen.offered or seen.gained:
        return False
    if seen.status == TOO_MANY_REQUESTS:
        return True
    used_up = seen.used_lately >= bounds.flow.limits.per_address
    hidden = worth is Worth.NOTHING or (worth is Worth.WORTHLESS and not bounds.down)
    return used_up and hidden and bounds.policy is Policy.ACCEPT


def _turned_away(seen: Seen, worth: Worth, bounds: Bounds) -> Iterator[tuple[Rule, str, str]]:
    """Who has what an honest user has is served; whoever sent too much, or the same twice, may be turned away."""
    if seen.status is None or seen.status >= 500 or seen.status == TOO_MANY_REQUESTS or not seen.first:
        return
    if seen.completed or seen.offered:
        return
    if worth is Worth.HONEST and not bounds.down:
        yield TURNED_AWAY, "a good ticket is served while the provider is healthy", f"it was turned away, status {seen.status}"
        return
    left = bounds.policy is not Policy.ACCEPT or seen.used_lately < bounds.flow.limits.per_address
    known = worth is Worth.HONEST or (worth is Worth.LOOKALIKE and not bounds.down and bounds.provider in KNOWN_FORM)
    if known and left and bounds.policy is not Policy.BLOCK:
        what = "a good ticket in an outage" if bounds.down else "a fallback ticket as the vendor's client writes it"
        yield TURNED_AWAY, f"{what} gets what the policy gives ({bounds.policy})", f"it was turned away, status {seen.status}"
