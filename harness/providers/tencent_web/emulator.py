"""The emulator: static client files, the challenge's server side, the verdict API behind it.

Its answers depend on what is asked and on the state of sessions and tickets, and on nothing else.
"""

from __future__ import annotations

import json
import re
import secrets
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from harness.catalog import Answer
from harness.errors import UsageError, closest
from harness.providers.base import Credentials, Request
from harness.providers.tencent_web import hosts
from harness.providers.tencent_web.api_settings import ApiSettings
from harness.providers.tencent_web.challenges import Session, Sessions
from harness.providers.tencent_web.client_files import BUILDS, PREFIXES, ClientFiles, client_files
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_api import VerdictApi

_CALLBACK_NAME = re.compile(r"[A-Za-z_$][\w$]{0,63}", re.ASCII)
_ALPHABET = string.ascii_letters + string.digits
_NO_STORE = (("cache-control", "no-store"), ("timing-allow-origin", "*"))

_NO_TICKET = {"errMessage": "", "ticket": "", "randstr": ""}

Handler = Callable[[Request], Answer]


class TencentEmulator:
    """One account of the vendor's console with one app id, and everything the vendor serves for it.

    ``retired_hosts``: the vendor's dead entry hosts answer too. ``finds_safe``: risk control would let every visitor of a page
    with ``enableAutoCheck`` through without a puzzle; what the vendor's really thinks is not known, so it is off.
    ``api``: the options of the server API.
    """

    credentials: Credentials
    tickets: TicketStore

    def __init__(self, *, app_id: str, prefix: str, retired_hosts: bool = False, api: ApiSettings | None = None) -> None:
        if prefix not in PREFIXES:
            raise UsageError(f"no ticket prefix is called {prefix!r}{closest(prefix, PREFIXES)}")
        self._app_id = app_id
        self._prefix = prefix
        self._retired_hosts = retired_hosts
        self.finds_safe = False
        self._skew_s = 0
        self._dynamic: Mapping[str, Handler] = {"config": self._configure, "refresh": self._refresh, "verify": self._verify}
        self.api = api or ApiSettings()
        self.reset(build=BUILDS[0])

    def reset(self, *, build: str) -> None:
        """Forget every ticket and session, make new credentials, and serve the given client build."""
        if build not in BUILDS:
            raise UsageError(f"no client build is called {build!r}{closest(build, BUILDS)}")
        self._files: ClientFiles = client_files(build, self._prefix)
        self.credentials = _credentials(self._app_id)
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
        return hosts.link_of(host, path, query, retired_hosts=self._retired_hosts)

    async def answer(self, request: Request) -> Answer:
        """Answer one request; verifying a drag issues a ticket, the verdict API uses one up."""
        if request.link == "verdict":
            return await self._verdict.answer(request)
        answer = self._dynamic.get(request.link, self._static)(request)
        return replace(answer, headers=(*answer.headers, *_shared_with(request)))

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

    def _static(self, request: Request) -> Answer:
        files, name = self._files, request.path.rsplit("/", 1)[-1]
        scripts = {files.frame_name: files.frame, files.slider_name: files.slider, "dy-jy.js": files.library}
        if request.link == "entry":
            return _script(files.global_entry if request.path in hosts.GLOBAL_ENTRY_PATHS else files.entry)
        if request.link and name in scripts:
            return _script(scripts[name])
        if request.link in ("template", "iframe") and name == files.template_name:
            return Answer(headers=(("content-type", "text/html; charset=utf-8"), *_NO_STORE), body=files.template)
        if request.path == hosts.TELEMETRY_PATH:
            return Answer(status=204, headers=_NO_STORE)
        return Answer(status=404, headers=(("content-type", "text/plain"), *_NO_STORE), body=b"404 Not Found")

    def _configure(self, request: Request) -> Answer:
        callback = request.query.get("callback", "")
        if not _CALLBACK_NAME.fullmatch(callback):
            return Answer(status=400, headers=_NO_STORE)
        if request.query.get("aid") != self._app_id:
            return _script(f"{callback}({json.dumps({'state': 0, 'ticket': '', 'randstr': ''})})".encode())
        session = self._sessions.begin(app_id=self._app_id, user_ip=_user_ip(request), now=self.now())
        body = {
            "state": 1,
            **self._unasked(session, request),
            "capclass": "1",
            "subcapclass": "15",
            "sess": session.sess,
            "sid": session.sid,
            "data": self._config_data(session),
        }
        return _script(f"{callback}({json.dumps(body)})".encode())

    def _unasked(self, session: Session, request: Request) -> dict[str, str]:
        """The ticket of a visitor who need not solve anything; empty for everybody else."""
        if not (self.finds_safe and request.query.get("enableAutoCheck") == "1"):
            return {"ticket": "", "randstr": ""}
        return self._issue(session, request)

    def _config_data(self, session: Session) -> dict[str, object]:
        files = self._files
        return {
            "templates": [
                f"https://{files.cdn}/1/template/{files.template_name}",
                f"https://{files.api}/template/{files.template_name}",
            ],
            "library": f"https://{files.cdn}{hosts.LIBRARY_PATH}",
            "slider": f"https://{files.cdn}/1/{files.slider_name}",
            "challenge": session.challenge.as_json(),
        }

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


def _shared_with(request: Request) -> tuple[tuple[str, str], ...]:
    """Let the asking origin read the answer, with credentials: scripts and fetches then share their connections."""
    if not (origin := request.headers.get("origin", "")):
        return ()
    return (("access-control-allow-origin", origin), ("access-control-allow-credentials", "true"), ("vary", "origin"))


def _script(body: bytes) -> Answer:
    return Answer(headers=(("content-type", "application/javascript; charset=utf-8"), *_NO_STORE), body=body)


def _json(body: Mapping[str, object], *, status: int = 200) -> Answer:
    return Answer(
        status=status, headers=(("content-type", "application/json; charset=utf-8"), *_NO_STORE), body=json.dumps(body).encode()
    )


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _user_ip(request: Request) -> str:
    return request.client.rpartition(":")[0]


def _credentials(app_id: str) -> Credentials:
    return Credentials(app_id=app_id, app_secret=_word(25), secret_id="AKID" + _word(32), secret_key=_word(32))


def _word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
