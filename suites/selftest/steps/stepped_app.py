"""A little shop behind a login that asks for a captcha too, and right in its fallback handling at both."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from suites.selftest.doctor.little_app import ENTRY, Server, verdict

VERIFIED = "verified"
# One script for both captchas. By the vendor's documents: 1001 is the page's to mint, by onerror, by a deadline and where the
# client throws; a ticket that the callback brings is handed over, whatever its errorCode; a closed popup brings none.
SCRIPT = """
const entry = new Promise((loaded) => {
  const script = document.createElement("script");
  script.src = "%(entry)s";
  script.onload = () => loaded(typeof TencentCaptcha === "function");
  script.onerror = () => loaded(false);
  setTimeout(() => loaded(false), 5000);
  document.head.append(script);
});
const minted = () => ({ ticket: `terror_1001_%(app_id)s_${Math.floor(Date.now() / 1000)}`, randstr: "@stepped" });
async function ticket() {
  if (!(await entry)) return minted();
  return new Promise((settle) => {
    try {
      new TencentCaptcha("%(app_id)s", (result) => settle(result)).show();
    } catch {
      settle(minted());
    }
  });
}
function captcha(id, path, name, done) {
  const button = document.getElementById(id);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const result = await ticket();
    const body = JSON.stringify({ name: name(), ticket: result.ticket, randstr: result.randstr });
    const answer = result.ticket && await fetch(path, { method: "POST", body });
    button.disabled = false;
    if (answer && answer.ok) done();
  });
}
const shows = (id) => { document.getElementById(id).hidden = false; };
"""
SIGN_IN = '<section id="sign-in"><input id="name"><button id="in">Sign in</button></section>'
SHOP = '<section id="shop"%s><button id="buy">Buy the tea</button></section><p id="done" hidden>thank you, it is on its way</p>'
SIGNS_IN = 'captcha("in", "/sessions", () => document.getElementById("name").value, () => { %s });'
BUYS = 'captcha("buy", "/orders", () => "", () => shows("done"));'
LEAVES = 'location.href = "/shop"'
PLAINLY = '<form method="post" action="/plain-sessions"><input id="user" name="name"><button id="in">Sign in</button></form>'


class Stepped(BaseHTTPRequestHandler):
    """``/`` has both captchas on one page, ``/sign-in`` leads to the second at ``/shop``; ``/plainly`` asks for a name."""

    protocol_version = "HTTP/1.1"
    orders: ClassVar[list[dict[str, Any]]] = []

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, "{}")
        elif self.path == "/orders.json":
            self._answer(200, json.dumps({"orders": self.orders}))
        elif self.path == "/":
            self._page(SIGN_IN + SHOP % " hidden", SIGNS_IN % 'shows("shop")' + BUYS)
        elif self.path == "/sign-in":
            self._page(SIGN_IN, SIGNS_IN % LEAVES)
        elif self.path == "/plainly":
            self._page(PLAINLY, "")
        elif self.path == "/shop" and self._user:
            self._page(SHOP % "", BUYS)
        else:
            self._answer(404, "{}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        if self.path == "/plain-sessions":
            self._answer(303, "", **{"location": "/shop", "set-cookie": f"user={body.partition('=')[2]}; Path=/"})
            return
        fields = json.loads(body)
        worth = decided(fields["ticket"], fields["randstr"])
        said = json.dumps({"state": "done", "ticket": worth})
        if worth is None or (self.path == "/orders" and not self._user):
            self._answer(403, "{}")
        elif self.path == "/sessions":
            self._answer(201, said, **{"set-cookie": f"user={fields['name']}; Path=/"})
        else:
            self.orders.append({"name": self._user, "verified": worth == VERIFIED, "ticket": worth})
            self._answer(201, said)

    @property
    def _user(self) -> str:
        return self.headers.get("cookie", "").partition("user=")[2]

    def _page(self, body: str, script: str) -> None:
        names = {"entry": ENTRY, "app_id": os.environ["CAPTCHA_APP_ID"]}
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Tea</title>'
        self._answer(200, f"{head}{body}<script>{SCRIPT % names}{script}</script>", **{"content-type": "text/html"})

    def _answer(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        pass


def decided(ticket: str, randstr: str) -> str | None:
    """:data:`VERIFIED`, the fallback ticket with which the user goes on, or None where they are refused."""
    try:
        code = verdict(ticket, randstr)
    except (OSError, ValueError) as error:
        in_time = not isinstance(getattr(error, "reason", error), TimeoutError)
        print("captcha.degraded", flush=True)  # noqa: T201 - the log that is observed
        return f"terror_{2002 if in_time else 2001}_{os.environ['CAPTCHA_APP_ID']}_{int(time.time())}_{secrets.token_hex(8)}"
    if code == 21 and ticket.startswith(("terror_", "trerror_")):
        print("captcha.degraded", flush=True)  # noqa: T201 - the log that is observed
        return ticket
    return VERIFIED if code == 1 else None


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Stepped).serve_forever()
