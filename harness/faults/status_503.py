"""The other side is overloaded or closed for work: an HTTP 503 with its HTML page."""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

BODY = b"<html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>"

add(
    ResponseFault(
        name="status-503",
        title="The answer is HTTP 503",
        make=saying(BODY, content_type="text/html", status=503),
    )
)
