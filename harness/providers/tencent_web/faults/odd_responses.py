"""Bodies that are JSON and have no verdict where one is expected (domain/sdk-behaviour.md, "Unreadable answers").

``{"Response":"busy"}`` is noted to end a whole Node process through the vendor's SDK; release 4.1.313 hands the text on, as a
result without a code.
"""

from __future__ import annotations

from harness.faults.rewriting import add, saying
from harness.providers.tencent_web.faults.gateway import JSON, at_the_api

for _name, _what, _body in (
    ("null-body", "null", b"null"),
    ("response-null", "a Response that is null", b'{"Response":null}'),
    ("response-empty", "a Response without anything in it", b'{"Response":{}}'),
    ("response-list", "a Response that is a list", b'{"Response":[]}'),
    ("response-text", "a Response that is a text", b'{"Response":"busy"}'),
):
    add(at_the_api(_name, f"The verdict API answers {_what}", saying(_body, content_type=JSON)))
