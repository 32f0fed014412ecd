"""The words that tickets are made of, and what is said to whoever asks for others."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.errors import UsageError, closest
from harness.tickets import APP_ID

PREFIXES = ("terror", "trerror")
CLIENT_CODES = tuple(range(1001, 1015))
SERVER_CODES = tuple(range(2001, 2007))
CODES = (*CLIENT_CODES, *SERVER_CODES)
"""Every documented code: the client's, then those that a business server mints (DESIGN.md, "The tickets")."""

_APP_ID = re.compile(APP_ID, re.ASCII)
_LARGEST_CODE = 999_999


def checked_app_id(app_id: object) -> str:
    """Return an app id that a ticket can carry; raises :class:`UsageError` for any other."""
    if isinstance(app_id, str) and _APP_ID.fullmatch(app_id):
        return app_id
    raise UsageError(
        f"app_id is {app_id!r}, which no well-formed ticket carries: give the id as a text of digits, or of letters, digits "
        "and hyphens, such as app_id='199999164'"
    )


def checked_codes(codes: Sequence[int]) -> tuple[int, ...]:
    """Return codes that a ticket can carry; raises :class:`UsageError` for any other, and for none."""
    for code in codes:
        if isinstance(code, bool) or not isinstance(code, int) or not 0 <= code <= _LARGEST_CODE:
            raise UsageError(f"codes has {code!r}, which no ticket carries: a code is a number from 0 to {_LARGEST_CODE}")
    if not codes:
        raise UsageError("name at least one code in codes, or leave codes out for every documented one")
    return tuple(codes)


def checked_prefixes(prefixes: Sequence[str]) -> tuple[str, ...]:
    """Return known prefixes; raises :class:`UsageError` for any other, and for none."""
    for prefix in prefixes:
        if prefix not in PREFIXES:
            raise UsageError(f"no ticket prefix is called {prefix!r}{closest(str(prefix), PREFIXES)}")
    if not prefixes:
        raise UsageError(f"name at least one prefix in prefixes: {' or '.join(PREFIXES)}")
    return tuple(prefixes)
