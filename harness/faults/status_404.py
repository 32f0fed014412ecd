"""The file is gone: a wrong path, a retired version, a CDN that lost it."""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

BODY = b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"

add(
    ResponseFault(
        name="status-404",
        title="The answer is HTTP 404",
        make=saying(BODY, content_type="text/html", status=404),
    )
)
