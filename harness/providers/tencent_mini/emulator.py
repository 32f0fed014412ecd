"""The emulator: what the plug-in asks of the vendor, and the verdict API behind it.

Its answers depend on what is asked and on the state of sessions and tickets, and on nothing else. No source shows the bodies
that the plug-in and the vendor exchange: they are the Web client's, as JSON.
"""

from __future__ import annotations

import json
import secrets
import string
import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from harness.catalog import Answer
from harness.errors import UsageError, closest
from harness.providers.base import Credentials, Request
from harness.providers.tencent_mini import hosts
from harness.providers.tencent_mini.settings import MiniSettings
from harness.providers.tencent_web.api_settings import ApiSettings
from harness.providers.tencent_web.challenges import Session, Sessions
from harness.providers.tencent_web.client_files import PREFIXES
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_api import VerdictApi

BUILDS = ("classic",)

_ALPHABET = string.ascii_letters + string.digits
_NO_TICKET = {"errMessage": "", "ticket": "", "randstr": ""}

Handler = Callable[[Request], Answer]


class MiniEmulator:
    """One account of the vendor's console with one app id of the mini program kind.

    ``prefix`` is taken as every provider's and says nothing here: the plug-in mints its own tickets, as ``trerror_…``.
    """

    credentials: Credentials
    tickets: TicketStore

    def __init__(
        self, *, app_id: str, prefix: str, settings: MiniSettings | None = None, api: ApiSettings | None = None
    ) -> None:
        if prefix not in PREFIXES:
            raise UsageError(f"no ticket prefix is called {prefix!r}{closest(prefix, PREFIXES)}")
        self._app_id = app_id
        self._settings = settings or MiniSettings()
        self._skew_s = 0
        self._handlers: Mapping[str, Handler] = {
            "config": self._configure, "refresh": self._refresh, "verify": self._verify,
        }  # fmt: skip
        self.api = api or ApiSettings()
        self.reset(build=BUILDS[0])

    def reset(self, *, build: str) -> None:
        """Forget every ticket and session, and make new credentials."""
        if build not in BUILDS:
            raise UsageError(f"no plug-in build is called {build!r}{closest(build, BUILDS)}")
        self.credentials = Credentials(
            app_id=self._app_id, app_secret=_word(25), secret_id="AKID" + _word(32), secret_key=_word(32)
        )
        self.tickets = TicketStore()
        self._sessions = Sessions()
        self._verdict = VerdictApi(self.tickets, self.credentials, self.now, settings=self.api)

    def now(self) -> float:
        """The vendor's clock, in unix seconds."""
        return time.time() + self._skew_s

    def skew(self, seconds: int) -> int:
        """Set the vendor's clock apart from the world's; returns the offset that now stands."""
        self._skew_s = seconds
        return self._skew_s

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link a request travels on; ``""`` for what belongs to none."""
        return hosts.link_of(host, path, plugin_host=self._settings.plugin_host)

    async def answer(self, request: Request) -> Answer:
        """Answer one request; verifying a drag issues a ticket, the verdict API uses one up."""
        if request.link == "verdict":
            return await self._verdict.answer(request)
        return self._handlers.get(request.link, _nothing_here)(request)

    def describe(self, request: Request, answer: Answer) -> str:
        """Say in a few words what was asked and answered, for the evidence."""
        if request.link == "verdict":
            return self._verdict.describe(request, answer)
        if request.link == "verify":
            told = json.loads(answer.body)
            return "ticket issued" if told.get("ticket") else f"not passed, error {told.get('errorCode')}"
        return request.link or request.path[:80]

    def ticket_of(self, request: Request) -> str:
        """The ticket a verdict request asks about, as sent; ``""`` on every other link."""
        return self._verdict.ticket_of(request) if request.link == "verdict" else ""

    def _configure(self, request: Request) -> Answer:
        if self._settings.app_type != "mini" or request.query.get("aid") != self._app_id:
            return _json({"state": 0, "ticket": "", "randstr": ""})
        session = self._sessions.begin(app_id=self._app_id, user_ip=_user_ip(request), now=self.now())
        data = {"challenge": session.challenge.as_json()}
        return _json({"state": 1, "ticket": "", "randstr": "", "sess": session.sess, "sid": session.sid, "data": data})

    def _refresh(self, request: Request) -> Answer:
        session = self._sessions.find(_form(request).get("sess", ""))
        if session is None:
            return _json({"ret": 1, "errMessage": "invalid session"}, status=400)
        return _json({"ret": 0, "sess": session.sess, "challenge": self._sessions.renew(session).as_json()})

    def _verify(self, request: Request) -> Answer:
        form = _form(request)
        session = self._sessions.find(form.get("sess", ""))
        if session is None:
            return _json({**_NO_TICKET, "errorCode": "9"}, status=400)
        if not session.challenge.fits(form.get("ans", "")):
            challenge = self._sessions.renew(session).as_json()
            return _json({**_NO_TICKET, "errorCode": "50", "sess": session.sess, "challenge": challenge})
        return _json({"errorCode": "0", "errMessage": "", **self._issue(session, request), "sess": session.sess})

    def _issue(self, session: Session, request: Request) -> dict[str, str]:
        randstr = "@" + _word(3)
        ticket = self.tickets.issue(
            app_id=session.app_id, randstr=randstr, user_ip=_user_ip(request), now=self.now(), fetched=session.fetched
        )
        return {"ticket": ticket, "randstr": randstr}


def _nothing_here(request: Request) -> Answer:
    return Answer(status=404, headers=(("content-type", "text/plain"), ("cache-control", "no-store")), body=b"404 Not Found")


def _json(body: Mapping[str, object], *, status: int = 200) -> Answer:
    headers = (("content-type", "application/json; charset=utf-8"), ("cache-control", "no-store"))
    return Answer(status=status, headers=headers, body=json.dumps(body).encode())


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _user_ip(request: Request) -> str:
    return request.client.rpartition(":")[0]


def _word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
