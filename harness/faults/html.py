"""A captive portal answers in the provider's place: HTTP 200 with a page that asks to log in to the network.

A cross-origin script that is HTML fires ``error`` in Chromium, which blocks the opaque response (PITFALLS.md).
"""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

PAGE = (
    b"<!DOCTYPE html><html><head><title>Welcome to the guest network</title></head>"
    b'<body><h1>Please log in</h1><form method="post" action="/login"><input name="room"><button>Go online</button></form>'
    b"</body></html>"
)

add(ResponseFault(name="html", title="A captive portal answers", make=saying(PAGE, content_type="text/html; charset=utf-8")))
