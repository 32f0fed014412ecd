"""``/validate`` answers well-formed JSON of another shape: HTTP 200 alone is no pass, and no verdict either."""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

BODY = b'{"status": "success", "result": true, "reason": ""}'

add(
    ResponseFault(
        name="geetest-result-mistyped",
        title="The server check answers result as a boolean",
        make=saying(BODY, content_type="application/json; charset=utf-8"),
    )
)
