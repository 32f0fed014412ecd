"""What the vendor does alike for all clients of an app id: its account, the challenge's refresh and verify, the verdict API."""

from __future__ import annotations

import json
import re
import secrets
import string
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from harness.catalog import Answer
from harness.errors import UsageError, closest
from harness.providers.base import Credentials, Request
from harness.providers.tencent_web.api_settings import ApiSettings
from harness.providers.tencent_web.challenges import Session, Sessions
from harness.providers.tencent_web.client_files import PREFIXES
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_api import VerdictApi

NO_STORE = (("cache-control", "no-store"), ("timing-allow-origin", "*"))

_ALPHABET = string.ascii_letters + string.digits
_NO_TICKET = {"errMessage": "", "ticket": "", "randstr": ""}
_SECRETS = ("app_secret", "secret_id", "secret_key")
_APP_ID = re.compile(r"[0-9]{1,20}", re.ASCII)


class ChallengeSite:
    """One account of the vendor's console with one app id. ``api``: the options of the server API."""

    credentials: Credentials
    tickets: TicketStore
    sessions: Sessions
    verdict: VerdictApi

    def __init__(self, *, app_id: str, prefix: str, api: ApiSettings | None) -> None:
        if prefix not in PREFIXES:
            raise UsageError(f"no ticket prefix is called {prefix!r}{closest(prefix, PREFIXES)}")
        if not _APP_ID.fullmatch(app_id):
            raise UsageError(f"a CaptchaAppId of Tencent's is 1 to 20 decimal digits, not {app_id!r}")
        self.app_id = app_id
        self.api = api or ApiSettings()
        self._skew_s = 0
        self._kept: dict[str, str] = {}
        self.visitor_ip: Callable[[], str] | None = None

    def keep(self, credentials: Mapping[str, str]) -> None:
        """Show these words in the console in the place of new ones; raises UsageError for one that there is not."""
        for name in credentials:
            if name not in _SECRETS:
                raise UsageError(f"Tencent's console shows no {name!r}{closest(name, _SECRETS)}")
        self._kept = dict(credentials)

    def renew(self) -> None:
        """Forget every ticket and session, and make new credentials where none are kept."""
        made = {"app_secret": _word(25), "secret_id": "AKID" + _word(32), "secret_key": _word(32)} | self._kept
        self.credentials = Credentials(
            app_id=self.app_id, app_secret=made["app_secret"], secret_id=made["secret_id"], secret_key=made["secret_key"]
        )
        self.tickets = TicketStore()
        self.sessions = Sessions()
        self.verdict = VerdictApi(self.tickets, self.credentials, self.now, settings=self.api)

    def now(self) -> float:
        """The vendor's clock, in unix seconds."""
        return time.time() + self._skew_s

    def skew(self, seconds: int) -> int:
        """Set the vendor's clock apart from the world's; returns the offset that now stands."""
        self._skew_s = seconds
        return self._skew_s

    def describe(self, request: Request, answer: Answer) -> str:
        """Say in a few words what was asked and answered, for the evidence."""
        if request.link == "verdict":
            return self.verdict.describe(request, answer)
        if request.link == "verify":
            told = json.loads(answer.body)
            return "ticket issued" if told.get("ticket") else f"not passed, error {told.get('errorCode')}"
        return request.link or request.path[:80]

    def ticket_of(self, request: Request) -> str:
        """The ticket a verdict request asks about, as sent; ``""`` on every other link."""
        return self.verdict.ticket_of(request) if request.link == "verdict" else ""

    def user_ip_of(self, request: Request) -> str:
        """The user's address that a verdict request names, as sent."""
        return self.verdict.user_ip_of(request) if request.link == "verdict" else ""

    def asked_of(self, request: Request) -> tuple[tuple[str, str], ...]:
        """What a verdict request names beside the ticket, secrets left out."""
        return self.verdict.asked_of(request) if request.link == "verdict" else ()

    def begin(self, request: Request) -> Session:
        """Begin a session for who asks."""
        return self.sessions.begin(app_id=self.app_id, user_ip=self.seen_at(request), now=self.now())

    def session_of(self, request: Request) -> Session | None:
        """The session that a refresh or a drag belongs to."""
        return self.sessions.find(_form(request).get("sess", ""))

    def refresh(self, request: Request) -> Answer:
        """Answer with another picture."""
        session = self.session_of(request)
        if session is None:
            return as_json({"ret": 1, "errMessage": "invalid session"}, status=400)
        return as_json({"ret": 0, "sess": session.sess, "challenge": self.sessions.renew(session).as_json()})

    def verify(self, request: Request) -> Answer:
        """Answer a drag: a ticket, or another picture."""
        form = _form(request)
        session = self.sessions.find(form.get("sess", ""))
        if session is None:
            return as_json({**_NO_TICKET, "errorCode": "9"}, status=400)
        if not session.challenge.fits(form.get("ans", "")):
            challenge = self.sessions.renew(session).as_json()
            return as_json({**_NO_TICKET, "errorCode": "50", "sess": session.sess, "challenge": challenge})
        return as_json({"errorCode": "0", "errMessage": "", **self.issue(session, request), "sess": session.sess})

    def issue(self, session: Session, request: Request) -> dict[str, str]:
        """Issue a ticket with its randstr."""
        randstr = "@" + _word(3)
        ticket = self.tickets.issue(
            app_id=session.app_id, randstr=randstr, user_ip=self.seen_at(request), now=self.now(), fetched=session.fetched
        )
        return {"ticket": ticket, "randstr": randstr}

    def seen_at(self, request: Request | None = None) -> str:
        """The address to which a ticket is issued: what the emulator was told, else the connection's, else this machine's."""
        if self.visitor_ip is not None:
            return self.visitor_ip()
        return request.client.rpartition(":")[0] if request is not None else "127.0.0.1"


def as_json(body: Mapping[str, object], *, status: int = 200) -> Answer:
    """An answer of the vendor's as JSON."""
    return Answer(
        status=status, headers=(("content-type", "application/json; charset=utf-8"), *NO_STORE), body=json.dumps(body).encode()
    )


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
