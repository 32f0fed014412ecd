"""A CaptchaCode that is no whole number (domain/sdk-behaviour.md, "Unreadable answers").

Where a type can hold the real verdict it does, so that a pass stays a pass and a refusal a refusal: ``true`` equals 1 in
Python, and 1.0 in every language that has one kind of number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from harness.faults.rewriting import add
from harness.providers.tencent_web.faults.gateway import at_the_api, envelope, rewording

HUGE = 2**64 + 1


def _coded(name: str, what: str, change: Callable[[int], object]) -> None:
    def reword(fields: dict[str, Any]) -> bytes:
        code = fields.get("CaptchaCode")
        return envelope(fields | {"CaptchaCode": change(code)} if isinstance(code, int) else fields)

    add(at_the_api(name, f"The verdict's code is {what}", rewording(reword)))


_coded("code-null", "null", lambda code: None)
_coded("code-float", "written with a decimal point", float)
_coded("code-true", "true for a pass and false for anything else", lambda code: code == 1)
_coded("code-text", "a text that is no number", lambda code: "abc")
_coded("code-list", "a list with the code in it", lambda code: [code])
_coded("code-fraction", "a fraction, 1.5", lambda code: 1.5)
_coded("code-huge", "larger than 64 bits", lambda code: HUGE)
_coded("code-nan", "NaN, which JSON does not have", lambda code: float("nan"))
