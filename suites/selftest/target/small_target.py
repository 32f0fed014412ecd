"""A small target of the standard library: serves, or misbehaves at start in the way its second argument names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/environment":
            self._answer(200, dict(os.environ))
        else:
            self._answer(200 if self.path == "/healthz" else 404, {"path": self.path})

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def _answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(port: int, manner: str, *rest: str) -> None:
    if manner == "dies":
        sys.exit(f"no database at {os.environ.get('DATABASE', '?')}")
    if manner == "talks":
        print("x" * 300_000 + " the end", flush=True)  # noqa: T201 - what is printed is what is tested
        sys.exit(1)
    if manner == "taken-once" and not Path(rest[0]).exists():
        Path(rest[0]).write_text(str(port))
        sys.exit("OSError: [Errno 98] Address already in use")
    if manner == "never-listens":
        time.sleep(60)  # what it is told to be like
    if manner == "with-child":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])  # to be found and ended
        Path(rest[0]).write_text(str(child.pid))
    ThreadingHTTPServer(("127.0.0.1", port), Pages).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
