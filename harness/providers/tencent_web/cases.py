"""Tickets that get each verdict other than 1: the documented causes first, then the same codes by an altered answer.

Source: domain/tencent-api.md 1.4 (codes 7, 8, 9, 15, 16, 100) and 1.5b (a fallback ticket of another app reads 16).
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Iterator, Sequence

from harness.catalog import Rewrite
from harness.errors import UsageError
from harness.providers.base import Emulator, VerdictCase
from harness.providers.tencent_web.emulator import TencentEmulator
from harness.providers.tencent_web.faults.gateway import answering
from harness.providers.tencent_web.tables.current import MESSAGES
from harness.providers.tencent_web.tickets_store import TICKET_VALID_S

UNDOCUMENTED = 999
# The code is the verdict; its text is for people, in no documented language (domain/integration-bugs.md, B9).
TEXTS_THAT_DECEIVE = ((8, "OK"), (UNDOCUMENTED, "ok"), (1, "passed"))

_BLOCKING = (7, 8, 9, 15, 16, 100)
_OTHER_APP = "188888888"
_LETTERS = string.ascii_letters + string.digits


def verdict_cases(emulator: Emulator) -> Sequence[VerdictCase]:
    """Make every case on a running emulator; the used ticket is used up here, past the target, as by another server."""
    if not isinstance(emulator, TencentEmulator):
        raise UsageError(f"tencent_web has no verdict cases for a {type(emulator).__name__}: hand it its own emulator")
    return (*_by_cause(emulator), *_by_rewrite(emulator))


def _by_cause(emulator: TencentEmulator) -> Iterator[VerdictCase]:
    other_app = _OTHER_APP if emulator.credentials.app_id != _OTHER_APP else _OTHER_APP[::-1] + "1"
    yield VerdictCase(code=7, cause="randstr-changed", ticket=_honest(emulator, "@abc"), randstr="@abd")
    randstr = _randstr()
    expired = _honest(emulator, randstr, aged_s=TICKET_VALID_S + 100)
    yield VerdictCase(code=8, cause="expired-ticket", ticket=expired, randstr=randstr)
    reused = emulator.api.legacy_reuse_code if emulator.api.legacy else 9
    yield VerdictCase(code=reused, cause="used-ticket", ticket=_used(emulator, randstr), randstr=randstr)
    yield VerdictCase(code=15, cause="undecryptable-ticket", ticket=f"tr03{_word(156)}*", randstr=_randstr())
    fallback = f"terror_1001_{other_app}_{int(emulator.now())}"
    yield VerdictCase(code=16, cause="fallback-ticket-of-another-app", ticket=fallback, randstr=_randstr())
    randstr = _randstr()
    foreign = _honest(emulator, randstr, app_id=other_app)
    mismatch = 16 if emulator.api.legacy else 100
    yield VerdictCase(code=mismatch, cause="honest-ticket-of-another-app", ticket=foreign, randstr=randstr)


def _by_rewrite(emulator: TencentEmulator) -> Iterator[VerdictCase]:
    for code, says in (*((code, "") for code in (*_BLOCKING, UNDOCUMENTED)), *TEXTS_THAT_DECEIVE):
        randstr = _randstr()
        ticket, cause = _honest(emulator, randstr), "altered-text" if says else "altered-verdict"
        rewrite = _answering(code, says)
        yield VerdictCase(code=code, cause=cause, ticket=ticket, randstr=randstr, rewrite=rewrite, says=says)


def _honest(emulator: TencentEmulator, randstr: str, *, aged_s: int = 0, app_id: str = "") -> str:
    owner = app_id or emulator.credentials.app_id
    return emulator.tickets.issue(app_id=owner, randstr=randstr, user_ip=emulator.seen_at(), now=emulator.now() - aged_s)


def _used(emulator: TencentEmulator, randstr: str) -> str:
    ticket, app_id = _honest(emulator, randstr), emulator.credentials.app_id
    emulator.tickets.redeem(ticket, app_id=app_id, randstr=randstr, user_ip=emulator.seen_at(), now=emulator.now())
    return ticket


def _answering(code: int, says: str) -> Rewrite:
    said = {"CaptchaCode": code, "CaptchaMsg": says or MESSAGES.get(code, ""), "EvilLevel": 0, "GetCaptchaTime": 0}
    return answering(said)({})


def _randstr() -> str:
    return f"@{_word(3)}"


def _word(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
