"""The API answers ``{}``: KeyError in one SDK, a raw exception in two, no error at all in a fourth (domain/sdk-behaviour.md)."""

from __future__ import annotations

from harness.faults.rewriting import add, saying
from harness.providers.tencent_web.faults.gateway import JSON, at_the_api

add(at_the_api("empty-object", "The verdict API answers an empty object", saying(b"{}", content_type=JSON)))
