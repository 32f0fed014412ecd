"""The other side broke: an HTTP 500 with its HTML page, where a client may expect JSON."""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

BODY = b"<html><head><title>500 Internal Server Error</title></head><body><h1>500 Internal Server Error</h1></body></html>"

add(
    ResponseFault(
        name="status-500",
        title="The answer is HTTP 500",
        make=saying(BODY, content_type="text/html", status=500),
    )
)
