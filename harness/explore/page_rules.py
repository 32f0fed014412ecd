"""What must hold of a page whatever its callback is given: the documented states, once, and never for free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

from harness import tickets as grammar
from harness.catalog import Policy
from harness.catalog.callbacks import Blank, Callbacks
from harness.catalog.recipes import Recipe
from harness.explore.finding import Failure
from harness.explore.handed_in import carries, pieces_of, readable, stands_in, texts_of
from harness.explore.rules import normalised
from harness.explore.server_errors import ServerError, server_errors
from harness.explore.stand import Tried
from harness.journal.model import PageError
from harness.target.spec import FlowSpec
from harness.tickets import TicketKind

Rule = Literal[
    "target-lives", "one-effect", "nothing-for-free", "always-an-answer", "told-what-is", "well-formed-ticket",
    "ticket-handed-in", "no-uncaught-error", "no-server-error",
]  # fmt: skip
RULES: tuple[str, ...] = get_args(Rule)
"""Every rule that a page may break."""
_PREFIXES = ("terror_", "trerror_")
_SHOWN_CHARS = 100
DOCUMENTED = "verified, unverified, a second factor offered, or turned away and free to press again"


def failures(
    tried: Tried,
    flow: FlowSpec,
    *,
    app_id: str,
    usual: frozenset[PageError] = frozenset(),
    usual_answers: frozenset[ServerError] = frozenset(),
) -> tuple[Failure, ...]:
    """Every rule that an example has broken, the worst first. What is ``usual`` comes in health, too."""
    if tried.died:
        return (_failure("target-lives", tried, expected="the target goes on", seen=tried.died),)
    return (
        *_effects(tried, flow, app_id),
        *_states(tried),
        *_tickets(tried, app_id),
        *_errors(tried, usual),
        *_answers(tried, flow, usual_answers),
    )


def _effects(tried: Tried, flow: FlowSpec, app_id: str) -> Iterator[Failure]:
    if tried.gained > 1:
        yield _failure("one-effect", tried, expected="one effect at most for one press", seen=f"{tried.gained} effects")
        return
    honest = any(_has_honest_ticket(call.value) for call in tried.callbacks.calls)
    if tried.verified and not honest:
        seen = "an effect that is marked as a verified user's"
        yield _failure("nothing-for-free", tried, expected="nobody is verified without an honest ticket", seen=seen)
    elif tried.gained and not tried.verified and not honest and (why := _not_for(tried, flow, app_id)):
        yield _failure("nothing-for-free", tried, expected=why, seen="an effect")


def _not_for(tried: Tried, flow: FlowSpec, app_id: str) -> str:
    """Why the policy gives no effect for what was handed in; "" where it does."""
    policy = flow.policy.verdict_up
    if policy is Policy.BLOCK:
        return "no effect without a verification, as the policy says"
    if policy is Policy.STEP_UP and not tried.callbacks.finishes:
        return "no effect before the second factor is taken, as the policy says"
    if all(map(readable, tried.submits)) and not _hands_in_right(tried, app_id):
        return "no effect for anything but a ticket of the documented form"
    return ""


def _states(tried: Tried) -> Iterator[Failure]:
    if tried.ending == "dead":
        why = f"; the callback threw {_cut(tried.thrown)}" if tried.thrown else ""
        seen = f"after {tried.waited_ms / 1000:g} s of waiting the page neither goes on nor lets its user press again{why}"
        yield _failure("always-an-answer", tried, expected=f"the page ends {DOCUMENTED}", seen=seen)
    elif tried.ending == "completed" and not tried.gained:
        expected = "the page shows success where there was an effect"
        yield _failure("told-what-is", tried, expected=expected, seen="none at the origin")
    elif tried.ending == "ready" and tried.gained:
        seen = "an effect, and a page that lets its user press again"
        yield _failure("told-what-is", tried, expected="whose business took effect is told so", seen=seen)


def _tickets(tried: Tried, app_id: str) -> Iterator[Failure]:
    drawn = [text for text in tried.drawn if text.startswith(_PREFIXES)]
    given = any(carries(one, text) for one in tried.submits for text in drawn)
    handed_in = [text for one in tried.submits for text in texts_of(one)]
    for text in (piece for whole in handed_in for piece in _written(whole, tried.drawn)):
        if text.startswith(_PREFIXES) and not _right(text, app_id):
            kind = grammar.read(text).kind
            wrong = "of another app" if kind is TicketKind.FALLBACK else kind.value
            expected = f"a ticket that the page writes reads terror_<code>_{app_id}_<unix seconds>"
            yield _failure("well-formed-ticket", tried, cause=wrong, expected=expected, seen=f"{_cut(text)} ({wrong})")
            return
    if (ticket := genuine(tried.callbacks)) and not given and all(map(readable, tried.submits)):
        seen = "something else handed in" if tried.submits else "nothing handed in"
        yield _failure("ticket-handed-in", tried, expected=f"the page hands in the {ticket} that it was given", seen=seen)


def _errors(tried: Tried, usual: frozenset[PageError]) -> Iterator[Failure]:
    for error in tried.errors:
        if error.script and error.text not in {one.text for one in usual}:
            seen = f"{_cut(error.text)} in {_cut(error.script)}"
            yield _failure("no-uncaught-error", tried, expected="the target's own scripts catch their errors", seen=seen)
            return


def _answers(tried: Tried, flow: FlowSpec, usual: frozenset[ServerError]) -> Iterator[Failure]:
    for one in server_errors(tried.submits, flow):
        if one not in usual:
            seen = f"{one.status} from {one.method} {_cut(one.path)}"
            yield _failure("no-server-error", tried, expected="whatever is handed in is answered, and not by a 5xx", seen=seen)
            return


def genuine(callbacks: Callbacks) -> str:
    """What it is that the client hands over where it does just what the vendor's does on a failure; "" otherwise."""
    if callbacks.throws or len(callbacks.calls) != 1:
        return ""
    match callbacks.calls[0].value:
        case {"ret": 0, "ticket": Recipe(label="") as ticket, "randstr": str(randstr), "errorCode": int(code), **rest}:
            untouched = set(rest) <= {"errorMessage"} and randstr.startswith("@") and f"_{code}_" in ticket.text
            return "fallback ticket" if untouched and not ticket.structured else ""
    return ""


def _has_honest_ticket(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_honest_ticket(one) for one in value.values())
    return value is Blank.TICKET


def _hands_in_right(tried: Tried, app_id: str) -> bool:
    """Whether a ticket of the documented form stands in what was handed in: one that was drawn, or the page's own."""
    drawn = [text for text in tried.drawn if _right(normalised(text), app_id.casefold())]
    return any(
        any(carries(one, text) for text in drawn)
        or any(_right(piece, app_id) for text in texts_of(one) for piece in _written(text, tried.drawn))
        for one in tried.submits
    )


def _written(text: str, drawn: frozenset[str]) -> list[str]:
    """What the page itself may have written there: nothing where a ticket stands that it was given."""
    return [] if any(stands_in(one, text) for one in drawn if one.startswith(_PREFIXES)) else pieces_of(text)


def _right(text: str, app_id: str) -> bool:
    ticket = grammar.read(text).ticket
    return ticket is not None and ticket.app_id == app_id


def _failure(rule: Rule, tried: Tried, *, expected: str, seen: str, cause: str = "") -> Failure:
    return Failure(rule=rule, cause=cause or label_of(tried.callbacks), expected=expected, seen=seen)


def label_of(callbacks: Callbacks) -> str:
    """A word or two for what the client does, by which failures are grouped."""
    if callbacks.throws:
        return "show throws"
    if not callbacks.calls:
        return "never calls back"
    if len(callbacks.calls) > 1:
        return "calls back again"
    match callbacks.calls[0].value:
        case {"ticket": Recipe(label=label)}:
            return label or "fallback ticket"
        case {"ticket": Blank.TICKET}:
            return "honest ticket"
        case dict() as given:
            return "ticket missing" if "ticket" not in given else "ticket of another kind"
    return "no object"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
