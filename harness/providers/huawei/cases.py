"""Tokens that get each refusal of ValidateCaptcha: the documented causes first, then the same codes by an altered answer.

``code`` N stands for CAPTCHA.000N; ``randstr`` is the point that goes with the token.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence

from harness.catalog import Answer, Asked, Rewrite
from harness.errors import UsageError
from harness.faults.rewriting import instead
from harness.providers.base import Emulator, VerdictCase
from harness.providers.huawei.emulator import HuaweiEmulator
from harness.providers.huawei.refusals import refusal

_BLOCKING = (2, 3, 4)


def verdict_cases(emulator: Emulator) -> Sequence[VerdictCase]:
    """Make every case on a running emulator."""
    if not isinstance(emulator, HuaweiEmulator):
        raise UsageError(f"huawei has no verdict cases for a {type(emulator).__name__}: hand it its own emulator")
    return (*_by_cause(emulator), *_by_rewrite(emulator))


def _by_cause(emulator: HuaweiEmulator) -> Iterator[VerdictCase]:
    tolerance = emulator.settings.tolerance_px
    token, x = _open_picture(emulator)
    yield VerdictCase(code=2, cause="dropped-beside-the-gap", ticket=token, randstr=_point(x - tolerance - 2))
    token, x = _open_picture(emulator, aged_s=emulator.settings.picture_valid_s + 100)
    yield VerdictCase(code=3, cause="expired-token", ticket=token, randstr=_point(x))
    yield VerdictCase(code=4, cause="unknown-token", ticket=secrets.token_hex(16), randstr=_point(x))


def _by_rewrite(emulator: HuaweiEmulator) -> Iterator[VerdictCase]:
    for code in _BLOCKING:
        token, x = _open_picture(emulator)
        yield VerdictCase(code=code, cause="altered-verdict", ticket=token, randstr=_point(x), rewrite=_answering(code))


def _open_picture(emulator: HuaweiEmulator, *, aged_s: int = 0) -> tuple[str, int]:
    gap_x = 100 + secrets.randbelow(100)
    return emulator.tokens.issue(gap_x=gap_x, now=emulator.now() - aged_s), gap_x


def _point(x: int) -> str:
    return json.dumps({"x": float(x), "y": 5.0}, separators=(",", ":"))


def _answering(code: int) -> Rewrite:
    refused = refusal(f"CAPTCHA.{code:04}").answer()

    def rewrite(answer: Answer, asked: Asked) -> Answer:
        return instead(answer, body=refused.body, content_type="application/json", status=refused.status)

    return rewrite
