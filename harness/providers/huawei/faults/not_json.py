"""A 200 that calls itself JSON and is a gateway's sentence (domain/huawei-oneaccess.md: undocumented)."""

from __future__ import annotations

from harness.faults.rewriting import add, saying
from harness.providers.huawei.faults.altered import JSON, at_the_api

BODY = b"upstream connect error or disconnect before headers"

add(at_the_api("not-json", "The captcha API answers a sentence in place of JSON", saying(BODY, content_type=JSON)))
