"""A failure mode: a documented outcome, and what it must yield."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureMode:
    """One documented outcome.

    ``code`` is the errorCode (client, 1001–1014) or ours (server, 2001–2006); ``message`` the errorMessage to the letter.
    ``minted_by`` says who writes the ticket: the vendor's client, the page, or the business server.
    ``before_visible`` tells whether it comes before the challenge is on screen, so that a page's own watchdog can come first.
    ``source`` names the document.
    """

    code: int
    message: str
    title: str
    minted_by: Literal["vendor", "page", "server"]
    before_visible: bool
    source: str
