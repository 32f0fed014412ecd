"""Tickets that get each verdict other than 1 by the mini program's table. Source: domain/tencent-api.md 1.5, 1.5b."""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.errors import UsageError
from harness.providers.base import Emulator, VerdictCase
from harness.providers.tencent_mini.emulator import MiniEmulator
from harness.providers.tencent_web.cases import TEXTS_THAT_DECEIVE
from harness.providers.tencent_web.faults.gateway import answering
from harness.providers.tencent_web.tables.mini import MESSAGES, MINI
from harness.providers.tencent_web.tickets_store import TICKET_VALID_S

UNDOCUMENTED = 999

_BLOCKING = (7, 8, 10, 15, 16, 25, 100)
_OTHER_APP = "188888888"
_LETTERS = string.ascii_letters + string.digits


def verdict_cases(emulator: Emulator) -> Sequence[VerdictCase]:
    """Make every case on a running emulator; the used ticket is used up here, past the target, as by another server."""
    if not isinstance(emulator, MiniEmulator):
        raise UsageError(f"tencent_mini has no verdict cases for a {type(emulator).__name__}: hand it its own emulator")
    return (*_by_cause(emulator), *_by_rewrite(emulator))


def _by_cause(emulator: MiniEmulator) -> Iterator[VerdictCase]:
    other_app = _OTHER_APP if emulator.credentials.app_id != _OTHER_APP else _OTHER_APP[::-1] + "1"
    yield _case(7, "honest-ticket-of-another-app", _honest(emulator, app_id=other_app))
    yield _case(8, "expired-ticket", _honest(emulator, aged_s=TICKET_VALID_S + 100))
    yield _case(10, "malformed-ticket", f"tr03{_word(20)}*")
    yield _case(15, "undecryptable-ticket", f"tr03{_word(156)}*")
    yield _case(16, "fallback-ticket-of-another-app", f"trerror_1006_{other_app}_{int(emulator.now())}")
    yield _case(25, "used-ticket", _used(emulator))


def _by_rewrite(emulator: MiniEmulator) -> Iterator[VerdictCase]:
    for code, says in (*((code, "") for code in (*_BLOCKING, UNDOCUMENTED)), *TEXTS_THAT_DECEIVE):
        altered = answering({"CaptchaCode": code, "CaptchaMsg": says or MESSAGES.get(code, "")})({})
        case = _case(code, "altered-text" if says else "altered-verdict", _honest(emulator))
        yield replace(case, rewrite=altered, says=says)


def _case(code: int, cause: str, ticket: str) -> VerdictCase:
    return VerdictCase(code=code, cause=cause, ticket=ticket, randstr=_randstr())


def _honest(emulator: MiniEmulator, *, aged_s: int = 0, app_id: str = "") -> str:
    owner = app_id or emulator.credentials.app_id
    return emulator.tickets.issue(app_id=owner, randstr=_randstr(), user_ip=emulator.seen_at(), now=emulator.now() - aged_s)


def _used(emulator: MiniEmulator) -> str:
    ticket, app_id = _honest(emulator), emulator.credentials.app_id
    emulator.tickets.redeem(ticket, app_id=app_id, user_ip=emulator.seen_at(), now=emulator.now(), judge=MINI.judge)
    return ticket


def _randstr() -> str:
    return f"@{_word(3)}"


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
