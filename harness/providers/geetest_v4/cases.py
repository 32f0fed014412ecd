"""Passes that ``/validate`` refuses, each from its cause. Every one is described as ``code 0``: the vendor numbers none.

The last is an honest pass whose verdict is altered on the way, for targets that turn the others away before they ask.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from harness.catalog import Answer, Asked
from harness.errors import UsageError
from harness.providers.base import Emulator, VerdictCase
from harness.providers.geetest_v4.emulator import BYPASS_TOKEN, GeetestEmulator, ticket_from

_LONG_AGO_S = 10**7


def verdict_cases(emulator: Emulator) -> Sequence[VerdictCase]:
    """Make every case on a running emulator; the used pass is used up here, past the target, as by another server."""
    if not isinstance(emulator, GeetestEmulator):
        raise UsageError(f"geetest_v4 has no verdict cases for a {type(emulator).__name__}: hand it its own emulator")
    return tuple(_cases(emulator))


def _cases(emulator: GeetestEmulator) -> Iterator[VerdictCase]:
    yield _case("expired-pass", _passed(emulator, aged_s=_LONG_AGO_S))
    used = _passed(emulator)
    emulator.lots.validate(used, now=emulator.now())
    yield _case("used-pass", used)
    yield _case("altered-output", {**_passed(emulator), "captcha_output": secrets.token_urlsafe(96)})
    yield _case("pass-of-another-lot", {**_passed(emulator), "lot_number": secrets.token_hex(16)})
    yield _case("bypass-while-healthy", {**_passed(emulator), "pass_token": BYPASS_TOKEN})
    yield replace(_case("result-fail", _passed(emulator)), rewrite=_refuse)


def _refuse(answer: Answer, asked: Asked) -> Answer:
    """Say of whatever was decided that it is refused; an answer that decided nothing stays as it is."""
    told = json.loads(answer.body) if answer.status == 200 else {}
    if told.get("status") != "success":
        return answer
    refused = {**told, "result": "fail", "reason": "pass_token invalid"}
    return replace(answer, body=json.dumps(refused).encode())


def _passed(emulator: GeetestEmulator, *, aged_s: int = 0) -> Mapping[str, str]:
    then = emulator.now() - aged_s
    return emulator.lots.solve(emulator.lots.begin(now=then), captcha_id=emulator.credentials.app_id, now=then)


def _case(cause: str, seccode: Mapping[str, str]) -> VerdictCase:
    return VerdictCase(code=0, cause=cause, ticket=ticket_from(seccode), randstr=seccode["lot_number"])
