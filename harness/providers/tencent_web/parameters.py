"""Check a call's parameters as strictly as the vendor's gateway: unknown, missing, wrongly typed, out of range."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from harness.providers.tencent_web.api_errors import ApiError, error
from harness.providers.tencent_web.envelope import Call

_INTEGER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_INT64 = range(-(1 << 63), 1 << 63)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The names an action takes, each ``int`` or ``str``."""

    required: Mapping[str, type]
    optional: Mapping[str, type] = field(default_factory=dict)

    @cached_property
    def types(self) -> Mapping[str, type]:
        """Every name with its type, required ones first."""
        return {**self.required, **self.optional}

    def read(self, call: Call) -> Mapping[str, Any] | ApiError:
        """Return the parameters in their types, null ones left out, or what is wrong with them."""
        if call.given is None:
            return error("InvalidParameter", "Body")
        given = call.given if call.typed else {name: self._number(name, value) for name, value in call.given.items()}
        wrong = self._wrong_with(given)
        return wrong or {name: value for name, value in given.items() if value is not None}

    def _number(self, name: str, value: object) -> object:
        if self.types.get(name) is int and isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        return value

    def _wrong_with(self, given: Mapping[str, object]) -> ApiError | None:
        if not self.types.keys() >= given.keys():
            return error("UnknownParameter")
        for name, kind in self.types.items():
            value = given.get(name)
            if value is None:
                if name in self.required:
                    return error("MissingParameter", name)
            elif type(value) is not kind:
                return error("InvalidParameter", name)
            elif isinstance(value, int) and value not in _INT64:
                return error("InvalidParameterValue", name)
        return None
