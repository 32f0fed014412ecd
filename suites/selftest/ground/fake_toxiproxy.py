"""A server that answers Toxiproxy's API in one wrong way, by its first argument; the rest as real ones are started."""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FLAW = sys.argv[1]
PROXY = {"name": "", "listen": "", "upstream": "", "enabled": True, "toxics": []}
TOXICS: list[dict[str, object]] = []


class Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        return

    def answer(self, status: int, body: object) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def body(self) -> dict[str, object]:
        said: dict[str, object] = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        return said

    def do_GET(self) -> None:
        if self.path == "/version":
            self.answer(200, {"version": "9.9.9"})
        elif self.path.endswith("/toxics"):
            self.answer(200, [] if FLAW == "toxics-vanish" else TOXICS)
        else:
            self.answer(200, PROXY)

    def do_POST(self) -> None:
        said = self.body()
        if self.path.endswith("/toxics"):
            if FLAW == "no-limit-data" and said["type"] == "limit_data":
                return self.answer(400, {"error": "invalid toxic type"})
            TOXICS.append(said)
            return self.answer(200, said)
        PROXY.update(said, listen=f"127.0.0.1:{self.server.server_address[1]}")
        return self.answer(201, PROXY)

    def do_PATCH(self) -> None:
        if FLAW == "no-patch":
            return self.answer(405, {})
        if FLAW != "patch-ignored":
            PROXY.update(self.body())
        return self.answer(200, PROXY)

    def do_DELETE(self) -> None:
        self.answer(204, {})


port = int(sys.argv[sys.argv.index("-port") + 1])
ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
