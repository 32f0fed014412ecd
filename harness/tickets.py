"""The grammar of fallback tickets, and the names of what misses it by a little.

Source: DESIGN.md "The tickets"; domain/tencent-api.md 1.5b; domain/tencent-client.md 3.2; the near-misses are those that
vendors and integrators really emit (domain/integration-bugs.md F5, F6 and seed 003 step 4).
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

# Tencent's app ids are decimal; 32 hex digits may by chance be digits alone.
_DECIMAL = "(?:[0-9]{1,20}|[0-9]{32})"
# What other vendors call a captcha id or a site key, such as GeeTest's hex digits and hCaptcha's UUIDs. Which of them is the
# target's own is no matter of form: whoever reads a ticket compares. Nothing tells where one with an underscore would end.
_WITH_LETTERS = "(?=[0-9-]*[A-Za-z])[0-9A-Za-z][0-9A-Za-z-]"
APP_ID = rf"(?:{_DECIMAL}|{_WITH_LETTERS}{{0,63}})"
# Nobody writes a number with zeros in front, and a suffix is a session id or a signature: what is printed in ASCII. So a ticket
# that is read is spelled in one way alone, and no encoding or normal form of Unicode makes it another.
_CODE, _SECONDS, _SUFFIX = "(?:0|[1-9][0-9]{0,5})", "[1-9][0-9]{9,10}", "[!-^`-~][!-~]*"
_WELL_FORMED = re.compile(rf"(tr?error)_({_CODE})_({APP_ID})_({_SECONDS})(?:_({_SUFFIX}))?", re.ASCII)
_NO_UNDERSCORE = re.compile(rf"tr?error_[0-9]{{4}}_(?:[0-9]{{15,40}}|{_WITH_LETTERS}{{4,63}}[1-9][0-9]{{9,10}})", re.ASCII)
_EMPTY_APP_ID = re.compile(r"tr?error_[0-9]{1,6}__[0-9]{10,11}(?:_\S*)?", re.ASCII)
_NO_CODE = re.compile(rf"tr?error_(?:_?(?:[0-9]{{5,20}}|{_WITH_LETTERS}{{4,63}}))_[0-9]{{10,11}}", re.ASCII)
_MILLISECONDS = re.compile(rf"tr?error_[0-9]{{1,6}}_{APP_ID}_[0-9]{{13}}(?:_\S*)?", re.ASCII)
_FIND = re.compile(r"tr?error_[0-9A-Za-z_:@.\-]{1,200}", re.ASCII)
_PREFIXES = ("terror_", "trerror_")
MAX_LENGTH = 512


class TicketKind(Enum):
    """What a string is, read as a ticket."""

    FALLBACK = "fallback"
    NO_UNDERSCORE = "no-underscore-before-time"
    EMPTY_APP_ID = "empty-app-id"
    NO_CODE = "code-missing"
    MILLISECONDS = "milliseconds-for-seconds"
    MALFORMED = "malformed-fallback"
    EMPTY = "empty"
    OTHER = "other"


# Tuples and not dataclasses: to make a frozen dataclass takes longer than to match the ticket that it holds (docs/figures.md).
class FallbackTicket(NamedTuple):
    """``<prefix>_<code>_<app id>_<unix seconds>[_<suffix>]``, taken apart.

    ``suffix`` is the client's session id (vendor-minted) or an hmac (server-minted); ``None`` when absent.
    """

    prefix: str
    code: int
    app_id: str
    timestamp_s: int
    suffix: str | None = None

    def __str__(self) -> str:
        tail = f"_{self.suffix}" if self.suffix is not None else ""
        return f"{self.prefix}_{self.code}_{self.app_id}_{self.timestamp_s}{tail}"

    @property
    def minted_by_server(self) -> bool:
        """Whether the code is one of ours (2001–2006), which only a business server mints."""
        return 2001 <= self.code <= 2006


class Reading(NamedTuple):
    """One string, classified; ``ticket`` is set only when ``kind`` is :attr:`TicketKind.FALLBACK`."""

    kind: TicketKind
    ticket: FallbackTicket | None = None


# Looked up here once and not for each ticket; so are the numbers of the documented codes.
_FALLBACK = TicketKind.FALLBACK
_NUMBERS = {str(code): code for code in (*range(1001, 1015), *range(2001, 2007))}
_made = tuple.__new__


def read(text: object) -> Reading:
    """Classify anything as a ticket; never raises, and takes linear time in the length of ``text``."""
    if not isinstance(text, str):
        return Reading(TicketKind.OTHER)
    if len(text) <= MAX_LENGTH and (found := _WELL_FORMED.fullmatch(text)):
        prefix, code, app_id, seconds, suffix = found.groups()
        parts = (prefix, _NUMBERS.get(code) or int(code), app_id, int(seconds), suffix)
        return _made(Reading, (_FALLBACK, _made(FallbackTicket, parts)))
    return Reading(_miss(text))


def _miss(text: str) -> TicketKind:
    """Name what is no well-formed ticket."""
    if not text.strip():
        return TicketKind.EMPTY
    if not text.startswith(_PREFIXES):
        return TicketKind.OTHER
    if len(text) > MAX_LENGTH:
        return TicketKind.MALFORMED
    for kind, pattern in (
        (TicketKind.MILLISECONDS, _MILLISECONDS),
        (TicketKind.NO_UNDERSCORE, _NO_UNDERSCORE),
        (TicketKind.EMPTY_APP_ID, _EMPTY_APP_ID),
        (TicketKind.NO_CODE, _NO_CODE),
    ):
        if pattern.fullmatch(text):
            return kind
    return TicketKind.MALFORMED


def find(text: str) -> tuple[str, ...]:
    """Every ``tr?error_…`` string that stands in ``text`` (at most 1 MiB is searched), in order, once each."""
    return tuple(dict.fromkeys(_FIND.findall(text[: 1 << 20])))
