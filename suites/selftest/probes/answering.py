"""How a little shop answers that a test writes down: its folder imports this as a module of its own."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from pathlib import Path


class Answering(BaseHTTPRequestHandler):
    """A handler of the standard library's that says a whole answer at once, and nothing on its own output."""

    def say(self, status: int, text: str, *cookies: str) -> None:
        """Answer so, with a Set-Cookie line for each of ``cookies``."""
        self.send_response(status)
        for cookie in cookies:
            self.send_header("set-cookie", cookie)
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_arguments: object) -> None:
        """Nothing: what a target prints is looked at for secrets."""


def written(folder: Path, *, shop: str, file: str) -> Path:
    """Write the shop's source, which may import ``Answering`` from ``answering``, and its target file, which is returned."""
    (folder / "answering.py").write_text(Path(__file__).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "members.py").write_text(shop, encoding="utf-8")
    target = folder / "captchaos.toml"
    target.write_text(file, encoding="utf-8")
    return target
