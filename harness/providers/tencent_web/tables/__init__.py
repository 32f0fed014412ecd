"""The vendor's tables of CaptchaCode: what each code says, and which one a presented ticket gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.providers.tencent_web.sealed import Presented

Judge = Callable[[Presented], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: texts by code, and the rule that picks a code. The rule uses nothing up."""

    messages: Mapping[int, str]
    judge: Judge
