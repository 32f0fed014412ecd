"""What came of one try over HTTP, as far as it can be seen from outside."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from harness.target.signals import SubmitResult

# Long enough that no page has it by itself, and a tag that a browser would read.
_MARKUP = re.compile(r"<[A-Za-z][^\s<]{10,80}")
_INJECTED = re.compile(r"[\r\n]x: y")


class Unsendable(Exception):  # noqa: N818 - it says what became of an example, and is no failure
    """A ticket that cannot stand where the flow's submit puts it, such as a newline in a header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One try. ``gained`` effects, ``marked`` of them as a verified user's; ``passed``: the provider vouched for the ticket,
    and nothing stood between it and the target. ``asked``: it was asked, ``altered``: with an answer put in its
    place. ``verdicts``: how many of its verdicts on this ticket the target has had.

    ``died``: how the target died of it, with its last output. ``used_before``: unverified effects of the same address before,
    ``used_lately``: at any flow within the flow's window. ``offer``: the answer, where it offers the second factor.
    ``first``: nobody had sent this ticket to this target. ``now_s``: the moment that the ticket is of (unix seconds);
    ``open_s``: for how long the target has run.
    """

    status: int | None
    ticket: object
    error: str = ""
    real_ms: float = 0.0
    completed: bool = False
    offered: bool = False
    gained: int = 0
    marked: int = 0
    passed: bool = False
    asked: bool = False
    verdicts: int = 0
    altered: bool = False
    leaked: tuple[str, ...] = ()
    reflected: str = ""
    injected: bool = False
    died: str = ""
    used_before: int = 0
    used_lately: int = 0
    offer: SubmitResult | None = None
    first: bool = True
    now_s: int = 0
    open_s: float = 0.0

    @property
    def became(self) -> str:
        """What became of it, in a word or two for a table."""
        if self.died:
            return "died"
        if self.status is None:
            return "no answer"
        if self.status >= 500:
            return "5xx"
        if self.completed:
            return "let in"
        return "step-up" if self.offered else "turned away"


def reflected(ticket: object, answer: httpx.Response | None) -> str:
    """The markup of a ticket that stands unescaped in an answer which browsers read as a page; empty where none does."""
    if answer is None or not isinstance(ticket, str):
        return ""
    kind = answer.headers.get("content-type", "text/html").lower()
    if "html" not in kind and "xml" not in kind and "svg" not in kind:
        return ""
    return next((piece for piece in _MARKUP.findall(ticket) if piece in answer.text), "")


def header_injected(ticket: object, answer: httpx.Response | None) -> bool:
    """Whether a line of a ticket has become a header of the answer."""
    return answer is not None and isinstance(ticket, str) and bool(_INJECTED.search(ticket)) and answer.headers.get("x") == "y"
