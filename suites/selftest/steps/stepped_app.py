"""A little shop behind a login that asks for a captcha too, and right in its fallback handling at both.

Where ``STEP_UP`` stands in its environment, a user without a verdict is asked for a code by e-mail, at each captcha
(``each``), or at the login alone, which then vouches for the session (``once``).
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from suites.selftest.doctor.little_app import ENTRY, Server, verdict

VERIFIED = "verified"
STEP_UP = os.environ.get("STEP_UP", "")
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
const key = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
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
// The same key at every try: what was done already is answered again, and not done again.
async function post(path, fields) {
  const body = JSON.stringify({ ...fields, key: key() });
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      const answer = await fetch(path, { method: "POST", body, signal: AbortSignal.timeout(6000) });
      if (answer.ok) return await answer.json();
      return null;
    } catch (error) {
      console.warn("not heard of:", error);
    }
  }
  return null;
}
function captcha(id, path, name, done) {
  const button = document.getElementById(id);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const result = await ticket();
    const said = result.ticket && await post(path, { name: name(), ticket: result.ticket, randstr: result.randstr });
    if (said && said.state === "code") return offer(said.order, done);
    button.disabled = false;
    if (said) done();
  });
}
function offer(order, done) {
  const form = document.getElementById("code-form");
  const field = document.getElementById("code");
  form.hidden = false;
  field.value = "";
  field.focus();
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (!await post("/codes", { order, code: field.value })) return;
    form.hidden = true;
    done();
  };
}
const shows = (id) => { document.getElementById(id).hidden = false; };
"""
SIGN_IN = '<section id="sign-in"><input id="name"><button id="in">Sign in</button></section>'
SHOP = '<section id="shop"%s><button id="buy">Buy the tea</button></section><p id="done" hidden>thank you, it is on its way</p>'
CODE = """<form id="code-form" hidden><p>We could not check that you are human, and have sent you a code by e-mail.</p>
<label>Code <input id="code" autocomplete="one-time-code"></label><button id="confirm">Go on</button></form>"""
SIGNS_IN = 'captcha("in", "/sessions", () => document.getElementById("name").value, () => { %s });'
BUYS = 'captcha("buy", "/orders", () => "", () => shows("done"));'
LEAVES = 'location.href = "/shop"'
PLAINLY = '<form method="post" action="/plain-sessions"><input id="user" name="name"><button id="in">Sign in</button></form>'


@dataclass(frozen=True)
class Reply:
    """A status, a JSON document, and headers."""

    status: int
    said: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What a user has asked for at ``path``, and the code without which it is not done."""

    path: str
    name: str
    worth: str
    code: str = ""


class Stepped(BaseHTTPRequestHandler):
    """``/`` has both captchas on one page, ``/sign-in`` leads to the second at ``/shop``; ``/plainly`` asks for a name."""

    protocol_version = "HTTP/1.1"
    orders: ClassVar[list[dict[str, Any]]] = []
    outbox: ClassVar[list[dict[str, str]]] = []
    waiting: ClassVar[dict[str, Waiting]] = {}
    vouched: ClassVar[set[str]] = set()
    done: ClassVar[dict[str, Future[Reply]]] = {}
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self._answer(200, "{}")
        elif self.path == "/orders.json":
            self._answer(200, json.dumps({"orders": self.orders}))
        elif self.path == "/outbox.json":
            self._answer(200, json.dumps(self.outbox))
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
        act = self._confirmed if self.path == "/codes" else self._asked
        reply = self._once(str(fields.get("key", "")), lambda: act(fields))
        self._answer(reply.status, json.dumps(reply.said), **reply.headers)

    def _once(self, key: str, act: Callable[[], Reply]) -> Reply:
        """What has been answered to this key, or is being answered; a request without one is a new one."""
        with self.lock:
            first = key not in self.done
            answer = self.done.setdefault(key, Future()) if key else Future()
        if first or not key:
            answer.set_result(act())
        return answer.result()

    def _asked(self, fields: dict[str, Any]) -> Reply:
        worth = decided(fields["ticket"], fields["randstr"])
        if worth is None or (self.path == "/orders" and not self._user):
            return Reply(403, {})
        what = Waiting(path=self.path, name=fields["name"] if self.path == "/sessions" else self._user, worth=worth)
        if worth == VERIFIED or not STEP_UP or (STEP_UP == "once" and what.name in self.vouched):
            return self._complete(what)
        order, code = secrets.token_hex(8), f"{secrets.randbelow(10**6):06d}"
        self.waiting[order] = replace(what, code=code)
        self.outbox.append({"to": what.name, "code": code})
        return Reply(202, {"state": "code", "order": order, "ticket": worth})

    def _confirmed(self, fields: dict[str, Any]) -> Reply:
        """A code is tried once: who mistypes it asks for another."""
        what = self.waiting.pop(str(fields["order"]), None)
        if what is None or not secrets.compare_digest(what.code, str(fields["code"])):
            return Reply(403, {})
        self.vouched.add(what.name)
        return self._complete(what)

    def _complete(self, what: Waiting) -> Reply:
        said = {"state": "done", "ticket": what.worth}
        if what.path == "/sessions":
            return Reply(201, said, {"set-cookie": f"user={what.name}; Path=/"})
        self.orders.append({"name": what.name, "verified": what.worth == VERIFIED, "ticket": what.worth})
        return Reply(201, said)

    @property
    def _user(self) -> str:
        return self.headers.get("cookie", "").partition("user=")[2]

    def _page(self, body: str, script: str) -> None:
        names = {"entry": ENTRY, "app_id": os.environ["CAPTCHA_APP_ID"]}
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Tea</title>'
        self._answer(200, f"{head}{body}{CODE}<script>{SCRIPT % names}{script}</script>", **{"content-type": "text/html"})

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
