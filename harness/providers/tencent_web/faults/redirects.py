"""The verdict API sends its callers to another host: 301 and 302 are followed as GET, 307 and 308 with the whole body.

So with Python's, Node's and Go's SDKs the AppSecretKey goes wherever a redirect points (domain/sdk-behaviour.md, "HTTP
statuses"). The other host is one that the lab owns too: a browser host of the vendor, or loopback under its other name, where
the provider's log says which secrets came along (``Arrival.carried``). Nothing lives at the path, so it answers 404. The path
tells these requests apart, for both SDKs keep the Host header of the first request.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from harness.catalog import Answer, Asked
from harness.faults.rewriting import add, always, instead
from harness.providers.tencent_web import hosts
from harness.providers.tencent_web.faults.gateway import at_the_api

PATH = "/api/v2/"
_LOOPBACK = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


def elsewhere(asked: Asked) -> str:
    """The same question at the other host; a query (GET puts the AppSecretKey there) is carried along."""
    site = urlsplit(asked.site)
    host = _LOOPBACK.get(asked.host, hosts.CDN)
    port = f":{site.port}" if site.port else ""
    query = f"?{urlencode(asked.query)}" if asked.query else ""
    return f"{site.scheme or 'https'}://{host}{port}{PATH}{query}"


def _redirect(status: int, phrase: str) -> None:
    def rewrite(answer: Answer, asked: Asked) -> Answer:
        body = f"<html><head><title>{phrase}</title></head><body><h1>{phrase}</h1></body></html>".encode()
        moved = instead(answer, body=body, content_type="text/html", status=status)
        return replace(moved, headers=(*moved.headers, ("location", elsewhere(asked))))

    title = f"The verdict API answers HTTP {status}, which points to another host"
    add(at_the_api(f"redirect-{status}", title, always(rewrite)))


for _status, _phrase in (
    (301, "Moved Permanently"),
    (302, "Found"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
):
    _redirect(_status, _phrase)
