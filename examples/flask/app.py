"""An order desk: one page, one product, a captcha before the order, and a code by e-mail where nobody could vouch."""

from __future__ import annotations

import logging
import re
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from hmac import compare_digest
from typing import Any

import captcha
from flask import Flask, Response, jsonify, render_template, request

Reply = tuple[int, dict[str, Any]]
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_CODES_PER_MAILBOX, _TRIES = 5, 5

app = Flask(__name__)
logging.basicConfig(level=logging.WARNING)
log = logging.getLogger("orders")

# A shop of one process; a real one keeps these in its database.
lock = threading.Lock()
orders: dict[str, dict[str, Any]] = {}
outbox: list[dict[str, str]] = []
used: set[str] = set()
attempts: dict[tuple[str, ...], Future[Reply]] = {}


@app.get("/")
def page() -> str:
    """Show the order form."""
    return render_template("order.html", app_id=captcha.APP_ID)


@app.post("/orders")
def order() -> Response:
    """Take an order."""
    email, ticket, randstr = _texts("email", "ticket", "randstr")
    user_ip = request.remote_addr or ""
    return _answer(_once(lambda: _order(email, ticket, randstr, user_ip)))


@app.post("/orders/<order_id>/code")
def confirm(order_id: str) -> Response:
    """Finish an order by the code that its customer got by e-mail."""
    (code,) = _texts("code")
    return _answer(_once(lambda: _confirm(order_id, code)))


@app.get("/admin/orders.json")
def paid() -> Response:
    """List what was ordered and paid."""
    with lock:
        done = [{"email": one["email"], "verified": one["verified"]} for one in orders.values() if one["paid"]]
    return jsonify(orders=done)


@app.get("/admin/outbox.json")
def mails() -> Response:
    """List the codes that went out by e-mail."""
    with lock:
        return jsonify(list(outbox))


def _order(email: str, ticket: str, randstr: str, user_ip: str) -> Reply:
    if not _EMAIL.fullmatch(email):
        return _refused(400)
    with lock:
        if (pair := f"{ticket} {randstr}") in used:
            return _refused(403)
        used.add(pair)
    outcome, code = captcha.worth(ticket, randstr, user_ip)
    if outcome == captcha.REFUSED:
        return _refused(403)
    kept = {"id": secrets.token_hex(12), "email": email, "paid": True, "verified": True}
    if outcome == captcha.VERIFIED:
        with lock:
            orders[kept["id"]] = kept
        return 201, {"state": "paid", "message": "Thank you. Your tea is on its way."}
    log.warning("captcha.degraded code=%d", code)
    return _offer(kept, captcha.server_ticket(code, kept["id"]) if code > 2000 else ticket)


def _offer(kept: dict[str, Any], ticket: str) -> Reply:
    """Keep the order until its customer has proved the mailbox; nobody's mailbox is filled."""
    code = f"{secrets.randbelow(10**6):06d}"
    with lock:
        if sum(mail["email"] == kept["email"].lower() for mail in outbox) >= _CODES_PER_MAILBOX:
            return 429, {"state": "refused", "message": "That were too many codes for one mailbox. Please try again later."}
        orders[kept["id"]] = kept | {"paid": False, "verified": False, "ticket": ticket, "code": code, "tries": 0}
        outbox.append({"email": kept["email"].lower(), "code": code})
    return 202, {"state": "code", "order": kept["id"], "ticket": ticket}


def _confirm(order_id: str, code: str) -> Reply:
    with lock:
        kept = orders.get(order_id)
        if kept is None or kept["paid"] or kept["tries"] >= _TRIES:
            return 403, {"state": "refused", "message": "This code is no longer good. Please order once more."}
        kept["tries"] += 1
        if not compare_digest(kept["code"].encode(), code.encode()):
            return 403, {"state": "refused", "message": "That is not the code. Please look once more."}
        kept["paid"] = True
        said = "Thank you. You have proved your mailbox, and your tea is on its way."
        return 201, {"state": "paid", "message": said, "ticket": kept["ticket"]}


def _refused(status: int) -> Reply:
    return status, {"state": "refused", "message": "The check did not go through. Press the button to try again."}


def _texts(*names: str) -> list[str]:
    """The texts of a JSON body; what is missing, or no text, or endless, is an empty one."""
    body = request.get_json(silent=True)
    found = [body.get(name) if isinstance(body, dict) else None for name in names]
    return [text if isinstance(text, str) and len(text) <= 600 else "" for text in found]


def _once(work: Callable[[], Reply]) -> Reply:
    """Do the work of an attempt once, and answer each repetition with the same: browsers re-send, and so do people."""
    key = request.headers.get("Idempotency-Key") or secrets.token_hex(16)
    attempt = (key, request.path, request.get_data(as_text=True))
    with lock:
        running = attempts.get(attempt)
        mine = running is None
        if running is None:
            running = attempts[attempt] = Future()
    if mine:
        try:
            running.set_result(work())
        except Exception as error:  # noqa: BLE001 - whatever it was, a repetition that waits must hear of it
            with lock:
                del attempts[attempt]
            running.set_exception(error)
    return running.result(timeout=10)


def _answer(reply: Reply) -> Response:
    status, body = reply
    answer = jsonify(body)
    answer.status_code = status
    return answer
