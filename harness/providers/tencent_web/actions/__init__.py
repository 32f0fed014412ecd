"""What the API can be asked: one module for each action, registered where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.providers.tencent_web.account import Account
from harness.providers.tencent_web.api_errors import ApiError
from harness.providers.tencent_web.parameters import Parameters
from harness.registry import Registry

CAPTCHA_TYPE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: what it takes, and what it answers, which are the fields of ``Response`` or an error."""

    parameters: Parameters
    run: Callable[[Mapping[str, Any], Account], Mapping[str, object] | ApiError]


ACTIONS: Registry[Action] = Registry(
    "action", package="harness.providers.tencent_web.actions", entry_point_group="captchaos.tencent_web.actions"
)
