"""A little application that depends on Tencent's captcha; its second argument names what it does wrong."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import ssl
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl

ENTRY = "https://turing.captcha.qcloud.com/TCaptcha.js"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Little</title>{head}
<form id="form"><input id="name" name="name"><input type="hidden" id="token" name="token" value="{token}">
<button id="go" type="submit">Go</button></form><p id="done" hidden></p><p id="pass" hidden>{token}</p>
<script>
const form = document.getElementById("form");
let clockWrong = false;
{script}
form.addEventListener("submit", (event) => {{
  event.preventDefault();
  if (clockWrong) return;
  const onResult = async (result) => {{
    if (!result.ticket) return;
    if ({two} && !document.body.dataset.first) {{
      document.body.dataset.first = "solved";
      return;
    }}
    const fields = {{ name: form.name.value, token: form.token.value, ticket: result.ticket, randstr: result.randstr }};
    const answer = await fetch("{submit}", {{ method: "POST", headers: {{ "content-type": "application/json" }},
      body: JSON.stringify(fields) }});
    if (!answer.ok) return;
    const done = document.getElementById("done");
    done.textContent = "thank you, it is done";
    done.hidden = false;
  }};
  new TencentCaptcha("{app_id}", onResult).show();
}});
</script><script src="{entry}"></script></html>"""
LOGIN = """<!doctype html><html lang="en"><title>Sign in</title><form method="post">
<input id="user" name="name"><button id="in">Sign in</button></form></html>"""
CLOCK = "if (Math.abs(Date.now() - {now_ms}) > 20000) clockWrong = true;"


class Little(BaseHTTPRequestHandler):
    """Answers as an application does that has no setting for anything but the endpoint of the verdict API."""

    protocol_version = "HTTP/1.1"
    wrong: frozenset[str] = frozenset()
    records: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/healthz":
            self._json(200, {"ok": True})
        elif path == "/effects.json":
            shown = max(0, 50 - len(self.records)) if "backwards" in self.wrong else len(self.records)
            self._json(200, {"count": shown, "records": self.records})
        elif "https" in self.wrong:
            self._answer(301, b"", location=f"https://127.0.0.1:{self.server.server_port}{self.path}")  # type: ignore[attr-defined]
        elif path == "/login":
            self._answer(200, LOGIN.encode(), **{"content-type": "text/html"})
        elif path == "/" and "login" in self.wrong and "user=" not in self.headers.get("cookie", ""):
            self._answer(302, b"", location="/login")
        elif path == "/":
            self._page()
        else:
            self._json(404, {"lost": path})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        kind = self.headers.get("content-type", "")
        fields = read_fields(kind, body) if body else {}
        needs_session = bool(self.wrong & {"secure", "domain", "session"})
        if self.path == "/login":
            self._answer(302, b"", **{"location": "/", "set-cookie": f"user={fields['name'].partition('@')[0]}; Path=/"})
        elif self.path == "/empty":
            del self.records[-3 if "drains" in self.wrong else 0 :]
            self._json(200, {})
        elif self.path != "/submit":
            self._json(404, {"lost": self.path})
        elif needs_session and "sid=" not in self.headers.get("cookie", ""):
            self._json(403, {"error": "no session"})
        elif "csrf" in self.wrong and fields.get("token") != "tok-4711":
            self._json(403, {"error": "no token"})
        elif "once" in self.wrong and any(one["name"] == fields.get("name") for one in self.records):
            self._json(409, {"error": "one order for each"})
        else:
            self._decide(str(fields.get("ticket", "")), str(fields.get("randstr", "")), str(fields.get("name", "")))

    def _decide(self, ticket: str, randstr: str, name: str) -> None:
        try:
            code = verdict(ticket, randstr)
        except (OSError, ValueError):
            code = None
            if "silent" not in self.wrong:
                print("captcha.degraded: no verdict", flush=True)  # noqa: T201 - the log that is observed
        if code not in (1, 21, None):
            self._json(403, {"error": code})
            return
        if code == 21 and not ticket.startswith(("terror_", "trerror_")):
            self._json(403, {"error": code})
            return
        if code == 21 and "silent" not in self.wrong:
            print("captcha.degraded: a fallback ticket", flush=True)  # noqa: T201 - the log that is observed
        for _ in range(2 if "twice" in self.wrong else 1):
            self.records.append({"name": name, "verified": code == 1})
            print(f"order taken from {name}", flush=True)  # noqa: T201 - an effect that is counted in the log
        if database := os.environ.get("LITTLE_DB"):
            note(database, name)
        self._json(201, {"state": "done"})

    def _page(self) -> None:
        more = "; Secure" * ("secure" in self.wrong) + "; Domain=shop.example" * ("domain" in self.wrong)
        policy = {"content-security-policy": "script-src 'self' 'unsafe-inline'"} if "csp" in self.wrong else {}
        cookie = {"set-cookie": f"sid=abc123; Path=/{more}"}
        beside = '<script async src="https://cdn.nowhere.example/x.js"></script>' if "unmapped" in self.wrong else ""
        script = CLOCK.format(now_ms=int(time.time() * 1000)) if "clock" in self.wrong else ""
        text = PAGE.format(
            head=beside, script=script, entry=ENTRY, app_id=os.environ["CAPTCHA_APP_ID"], submit="/submit", token="tok-4711",
            two="true" if "two" in self.wrong else "false",
        )
        self._answer(200, text.encode(), **{"content-type": "text/html; charset=utf-8", **policy, **cookie})

    def _json(self, status: int, document: object) -> None:
        self._answer(status, json.dumps(document).encode(), **{"content-type": "application/json"})

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        pass


def read_fields(kind: str, body: bytes) -> dict[str, Any]:
    """The fields of a body: JSON (GraphQL's variables, too), a form, or multipart."""
    if kind.startswith("application/json"):
        document = json.loads(body or b"{}")
        return dict(document.get("variables", document))
    if kind.startswith("multipart/form-data"):
        parts = body.split(b"--" + kind.partition("boundary=")[2].strip('"').encode())
        fields = {}
        for part in parts:
            head, _, value = part.partition(b"\r\n\r\n")
            if b'name="' in head:
                fields[head.split(b'name="')[1].split(b'"')[0].decode()] = value.removesuffix(b"\r\n").decode()
        return fields
    return dict(parse_qsl(body.decode()))


def note(database: str, *names: str) -> None:
    """Keep records in a database of one's own."""
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("create table if not exists orders (name text)")
        connection.executemany("insert into orders values (?)", [(name,) for name in names])


def verdict(ticket: str, randstr: str) -> int:
    """Ask DescribeCaptchaResult once, signed (TC3-HMAC-SHA256); raises OSError or ValueError without an answer."""
    settings = os.environ
    payload = json.dumps({
        "CaptchaType": 9, "Ticket": ticket, "UserIp": "127.0.0.1", "Randstr": randstr,
        "CaptchaAppId": int(settings["CAPTCHA_APP_ID"]), "AppSecretKey": settings["CAPTCHA_APP_SECRET"],
    }).encode()  # fmt: skip
    url = settings["CAPTCHA_API"].rstrip("/") + "/"
    host, now = url.split("/")[2], int(time.time())
    day = time.strftime("%Y-%m-%d", time.gmtime(now))
    hashed, scope = hashlib.sha256(payload).hexdigest(), f"{day}/captcha/tc3_request"
    canonical = f"POST\n/\n\ncontent-type:application/json\nhost:{host}\n\ncontent-type;host\n{hashed}"
    to_sign = f"TC3-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"TC3{settings['CAPTCHA_SECRET_KEY']}".encode()
    for part in (day, "captcha", "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"TC3-HMAC-SHA256 Credential={settings['CAPTCHA_SECRET_ID']}/{scope}"
    request = urllib.request.Request(url, data=payload, headers={  # noqa: S310 - the lab's own address
        "content-type": "application/json", "host": host, "x-tc-action": "DescribeCaptchaResult", "x-tc-version": "2019-07-22",
        "x-tc-timestamp": str(now), "authorization": f"{credential}, SignedHeaders=content-type;host, Signature={signature}",
    })  # fmt: skip
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trust()))
    with opener.open(request, timeout=2) as answer:
        return int(json.load(answer)["Response"]["CaptchaCode"])


def trust() -> ssl.SSLContext:
    """What certificates are checked by."""
    return ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or None)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


def main(port: int, wrong: str) -> None:
    """Serve, with what is wrong named in one word or several with commas between."""
    Little.wrong = frozenset(wrong.split(","))
    if "drains" in Little.wrong:
        Little.records += [{"name": f"seeded {number}"} for number in range(9)]
    if "port" in Little.wrong:
        port = free_port()
    if "slow" in Little.wrong:
        threading.Event().wait(2)
    if database := os.environ.get("LITTLE_DB"):
        note(database)
    Server(("127.0.0.1", port), Little).serve_forever()


def free_port() -> int:
    """A port that nobody asked for."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
