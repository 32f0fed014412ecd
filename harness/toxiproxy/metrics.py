"""Read the bytes through each proxy from ``/metrics`` (Prometheus text format; the server runs with ``-proxy-metrics``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from harness.errors import ToxiproxyError

_LINE = re.compile(r"toxiproxy_proxy_(received|sent)_bytes_total\{(.*)\}\s+(\S+)(?:\s+-?\d+)?\s*")
_LABEL = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyBytes:
    """Bytes of one proxy in one direction since its server started: taken in, and passed on after the toxics.

    The server adds a connection's bytes when that direction of it ends, so an open connection does not show yet.
    """

    received: int = 0
    sent: int = 0


def parse(text: str, *, url: str) -> Mapping[tuple[str, str], ProxyBytes]:
    """Read ``(proxy, direction) → bytes``; a proxy that nothing went through has no entry.

    A proxy that was removed and made again under its old name has the sum of both lives.
    """
    counted: dict[tuple[str, str], dict[str, int]] = {}
    for line in text.splitlines():
        if (found := _LINE.fullmatch(line)) is None:
            continue
        which, labels, value = found.groups()
        named = {key: re.sub(r"\\.", lambda m: _ESCAPES.get(m[0], m[0]), quoted) for key, quoted in _LABEL.findall(labels)}
        try:
            key, count = (named["proxy"], named["direction"]), int(float(value))
        except (KeyError, ValueError) as error:
            raise ToxiproxyError(f"Toxiproxy at {url} writes a metric that is not understood: {line!r}") from error
        entry = counted.setdefault(key, {"received": 0, "sent": 0})
        entry[which] += count
    return {key: ProxyBytes(**entry) for key, entry in counted.items()}
