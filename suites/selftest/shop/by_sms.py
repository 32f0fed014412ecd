"""Somebody who registers by SMS at the running shop, and the OneAccess behind it."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from suites.selftest.shop.oneaccess import SMS_CODE, FakeOneAccess
from suites.selftest.shop.parts import Answer, Shop, counted, http_answer

POINT = '{"x":237.0,"y":5.0}'
_people = itertools.count(1)


@dataclass(slots=True)
class Person:
    """Somebody new: a number, an address of e-mail, one of the network, and a picture's token that nobody has used.

    ``mailbox`` is theirs where it is not new.
    """

    n: int = field(default_factory=lambda: next(_people))
    mailbox: str = ""

    @property
    def mobile(self) -> str:
        return f"138{self.n:08}"

    @property
    def email(self) -> str:
        return self.mailbox or f"new-{self.n}@shop.test"

    @property
    def address(self) -> str:
        return f"203.0.113.{self.n % 250}"


@dataclass(slots=True)
class BySms:
    """The shop as somebody who registers sees it, and the OneAccess behind it."""

    shop: Shop
    api: FakeOneAccess

    def picture(self, who: Person, *, key: str = "") -> httpx.Response:
        return self.post("/register/captcha", {}, who, key)

    def submit(self, who: Person, *, token: str = "", point: str = POINT, key: str = "", **more: Any) -> httpx.Response:
        return self.post("/register", {"token": token or f"389a7cfd{who.n}", "point": point} | more, who, key)

    def sms(self, who: Person, registration: str, code: str = SMS_CODE, *, key: str = "") -> httpx.Response:
        return self.post(f"/register/{registration}/sms", {"code": code}, who, key)

    def mail(self, who: Person, registration: str, code: str, **more: Any) -> httpx.Response:
        return self.post(f"/register/{registration}/code", {"code": code} | more, who, "")

    def as_far_as(self, call: str, who: Person) -> httpx.Response:
        """Go on until the answer in which this call's outcome shows."""
        if call == "picture":
            return self.picture(who)
        answer = self.submit(who)
        return self.sms(who, answer.json()["registration"]) if call == "code" else answer

    @contextmanager
    def elsewhere(self) -> Iterator[BySms]:
        """The same shop in another browser, which has none of this one's cookies."""
        with httpx.Client(base_url=self.shop.url, timeout=20, trust_env=False) as client:
            yield BySms(shop=replace(self.shop, client=client), api=self.api)

    def gained(self, who: Person) -> list[dict[str, Any]]:
        rows = self.shop.client.get("/admin/registrations.json").json()["registrations"]
        return [row for row in rows if row["mobile"] == who.mobile]

    def mails(self, who: Person) -> list[dict[str, Any]]:
        return [mail for mail in self.shop.outbox() if mail["email"] == who.email]

    def counted(self, reason: str) -> float:
        return counted(self.shop, "oneaccess_degraded_total", flow="register", reason=reason)

    def post(self, path: str, said: dict[str, Any], who: Person, key: str) -> httpx.Response:
        person = {"mobile": who.mobile, "email": who.email}
        headers = {"Content-Type": "application/json", "X-Forwarded-For": who.address, "User-Agent": "Browser/1 (a; b)"}
        headers |= {"Idempotency-Key": key} if key else {}
        return self.shop.client.post(path, content=json.dumps(person | said), headers=headers)


def status(line: str) -> Answer:
    """A page of a proxy's, under this status line."""
    return http_answer(f"<h1>{line}</h1>", status=line, content_type="text/html")


def asked_for_mail(by_sms: BySms, who: Person) -> dict[str, Any]:
    """What somebody is told whom OneAccess cannot send an SMS; it works again afterwards."""
    by_sms.api.answers["picture"] = status("500 Internal Server Error")
    offer = by_sms.picture(who)
    by_sms.api.answers.clear()
    assert (offer.status_code, offer.json()["state"]) == (202, "step-up")
    return offer.json()
