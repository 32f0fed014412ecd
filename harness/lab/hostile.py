"""Tickets with quotes and JSON in them: whoever builds the verdict call by putting texts together asks about something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from harness.lab.forgeries import FIRST_ACCOUNT, Forgery
from harness.providers.base import VerdictCase

HOSTILE = "hostile-text:"

# An address of RFC 5737 that no visitor of a lab has.
_JSON, _FORM = '","UserIp":"192.0.2.66', "&UserIp=192.0.2.66"
_AFTER = {"quote": '"', "backslash": "\\", "json": _JSON, "form": _FORM, "percent": "%22%2C%22"}
_ACCOUNT = FIRST_ACCOUNT + 60


def hostile(good: Callable[[], VerdictCase], *, with_randstr: bool) -> Iterator[Forgery]:
    """A good ticket with something after it, then a good one whose randstr has, where one is handed in; each a new ``good``."""
    for number, (name, after) in enumerate(_AFTER.items()):
        case = good()
        ticket = f"{case.ticket}{after}"
        yield Forgery(label=f"{HOSTILE}{name}", ticket=ticket, randstr=case.randstr, account=_ACCOUNT + number)
    if not with_randstr:
        return
    case = good()
    account = _ACCOUNT + len(_AFTER)
    yield Forgery(label=f"{HOSTILE}randstr", ticket=case.ticket, randstr=f"{case.randstr}{_JSON}", account=account)
