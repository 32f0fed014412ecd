"""Statuses that the documents do not have, each with its page: only 200 and 400 are documented."""

from __future__ import annotations

from http import HTTPStatus

from harness.faults.rewriting import add, saying
from harness.providers.huawei.faults.altered import at_the_api

for _status in (401, 403, 429, 502):
    _said = f"{_status} {HTTPStatus(_status).phrase}"
    _page = f"<html><head><title>{_said}</title></head><body><h1>{_said}</h1></body></html>".encode()
    _make = saying(_page, content_type="text/html", status=_status)
    add(at_the_api(f"status-{_status}", f"The answer is HTTP {_status}", _make))
