"""Tell a target who its client is, as a reverse proxy in front of it does: by one header of each request."""

from __future__ import annotations

import h11


def forwarded(request: h11.Request, header: str, address: str) -> bytes:
    """Write a request's head in which ``header`` ends with ``address``.

    What the client wrote into that header itself stays in front of it, all in one line: proxies append.
    """
    own = header.lower().encode("ascii")
    claimed = [value for name, value in request.headers if name == own and value]
    others = [(name, value) for name, value in request.headers.raw_items() if name.lower() != own]
    told = (header.encode("ascii"), b", ".join([*claimed, address.encode("ascii")]))
    lines = [b": ".join(pair) for pair in (*others, told)]
    first = b" ".join((request.method, request.target, b"HTTP/" + request.http_version))
    return b"\r\n".join([first, *lines, b"", b""])


def speaks_otherwise(request: h11.Request) -> bool:
    """Whether the connection may leave HTTP/1.1 after this request: what follows are then no heads."""
    return any(name == b"upgrade" and b"websocket" in value.lower() for name, value in request.headers)
