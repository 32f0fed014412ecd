"""``/validate`` answers its error envelope over HTTP 200: nothing was said about the pass (codes 50000 to 50308)."""

from __future__ import annotations

from harness.faults.rewriting import ResponseFault, add, saying

BODY = b'{"status": "error", "code": "-50005", "msg": "", "desc": {"type": "defined error"}}'

add(
    ResponseFault(
        name="geetest-error",
        title="The server check answers status error with a code, over HTTP 200",
        make=saying(BODY, content_type="application/json; charset=utf-8"),
    )
)
