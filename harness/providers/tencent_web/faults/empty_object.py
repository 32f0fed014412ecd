"""The API answers ``{}``, which every SDK meets in its own way, one of them without an error (domain/sdk-behaviour.md)."""

from __future__ import annotations

from harness.faults.rewriting import add, saying
from harness.providers.tencent_web.faults.gateway import JSON, at_the_api

add(at_the_api("empty-object", "The verdict API answers an empty object", saying(b"{}", content_type=JSON)))
