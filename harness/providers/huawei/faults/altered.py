"""Change the fields of a real 200, and leave a refusal what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from harness.catalog import Answer, Asked, Place, Rewrite
from harness.faults.rewriting import ResponseFault, always, instead
from harness.providers.huawei.calls import parse_json

JSON = "application/json"
AT_THE_API = (Place.PROVIDER, Place.SERVER_CLIENT)


def setting(values: Mapping[str, Any]) -> Callable[[Mapping[str, int]], Rewrite]:
    """Give these fields these values, where a 200 has them."""

    def rewrite(answer: Answer, asked: Asked) -> Answer:
        told = parse_json(answer.body)
        if answer.status != 200 or not isinstance(told, dict):
            return answer
        changed = {name: values.get(name, value) for name, value in told.items()}
        return instead(answer, body=json.dumps(changed).encode(), content_type=JSON)

    return always(rewrite)


def at_the_api(name: str, title: str, make: Callable[[Mapping[str, int]], Rewrite]) -> ResponseFault:
    """Make a fault of the API, which only the business server meets."""
    return ResponseFault(name=name, title=title, make=make, felt_at=AT_THE_API)
