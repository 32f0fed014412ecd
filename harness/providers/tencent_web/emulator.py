"""The emulator: static client files, the challenge's server side, the verdict API behind it.

Its answers depend on what is asked and on the state of sessions and tickets, and on nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from harness.catalog import Answer
from harness.errors import UsageError, closest
from harness.providers.base import AID_USED, Request
from harness.providers.tencent_web import aid_check, hosts
from harness.providers.tencent_web.aid_check import AidSettings
from harness.providers.tencent_web.api_settings import ApiSettings
from harness.providers.tencent_web.challenge_site import NO_STORE, ChallengeSite, as_json
from harness.providers.tencent_web.challenges import Session
from harness.providers.tencent_web.client_files import BUILDS, ClientFiles, client_files

_CALLBACK_NAME = re.compile(r"[A-Za-z_$][\w$]{0,63}", re.ASCII)
_AID_REFUSED = re.compile(rb'"errMessage": "(aidEncrypted [^"]*)"')
_NOTHING = {"state": 0, "ticket": "", "randstr": ""}

Handler = Callable[[Request], Answer]


class TencentEmulator(ChallengeSite):
    """One account of the vendor's console with one app id, and everything the vendor serves browsers for it.

    ``retired_hosts``: the vendor's dead entry hosts answer too. ``finds_safe``: risk control would let every visitor of a page
    with ``enableAutoCheck`` through without a puzzle; what the vendor's really thinks is not known, so it is off.
    ``api``: the options of the server API; ``aid``: those of ``aidEncrypted``.
    """

    def __init__(
        self,
        *,
        app_id: str,
        prefix: str,
        retired_hosts: bool = False,
        api: ApiSettings | None = None,
        aid: AidSettings | None = None,
    ) -> None:
        super().__init__(app_id=app_id, prefix=prefix, api=api)
        self.aid = aid or AidSettings()
        self._prefix = prefix
        self._retired_hosts = retired_hosts
        self.finds_safe = False
        self._dynamic: Mapping[str, Handler] = {"config": self._configure, "refresh": self.refresh, "verify": self.verify}
        self.reset(build=BUILDS[0])

    def reset(self, *, build: str) -> None:
        """Forget every ticket and session, make new credentials, and serve the given client build."""
        if build not in BUILDS:
            raise UsageError(f"no client build is called {build!r}{closest(build, BUILDS)}")
        self._files: ClientFiles = client_files(build, self._prefix)
        self.renew()

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link a request travels on; ``""`` for what belongs to none."""
        return hosts.link_of(host, path, query, retired_hosts=self._retired_hosts)

    async def answer(self, request: Request) -> Answer:
        """Answer one request; verifying a drag issues a ticket, the verdict API uses one up."""
        if request.link == "verdict":
            return await self.verdict.answer(request)
        answer = self._dynamic.get(request.link, self._static)(request)
        return replace(answer, headers=(*answer.headers, *_shared_with(request)))

    def describe(self, request: Request, answer: Answer) -> str:
        """Say in a few words what was asked and answered; that an ``aidEncrypted`` was refused, and why."""
        if request.link in ("config", "refresh", "verify") and (refused := _AID_REFUSED.search(answer.body)):
            return f"error {refused[1].decode()}"
        said = super().describe(request, answer)
        sent = request.link == "config" and request.query.get("aidEncrypted") and b'"state": 1' in answer.body
        return f"{said} {AID_USED}" if sent else said

    def refresh(self, request: Request) -> Answer:
        """Answer with another picture, while the captcha's ``aidEncrypted`` is good."""
        return self._expired(request) or super().refresh(request)

    def verify(self, request: Request) -> Answer:
        """Answer a drag, while the captcha's ``aidEncrypted`` is good."""
        return self._expired(request) or super().verify(request)

    def _expired(self, request: Request) -> Answer | None:
        session = self.session_of(request)
        until_s = session.aid_until_s if session is not None else None
        if until_s is None or self.now() <= until_s or self.aid.expired_in_use == "ignored":
            return None
        return as_json({"ret": 1, "errorCode": "9", "ticket": "", "errMessage": "aidEncrypted expired"}, status=400)

    def _static(self, request: Request) -> Answer:
        files, name = self._files, request.path.rsplit("/", 1)[-1]
        scripts = {files.frame_name: files.frame, files.slider_name: files.slider, "dy-jy.js": files.library}
        if request.link == "entry":
            return _script(files.global_entry if request.path in hosts.GLOBAL_ENTRY_PATHS else files.entry)
        if request.link and name in scripts:
            return _script(scripts[name])
        if request.link in ("template", "iframe") and name == files.template_name:
            return Answer(headers=(("content-type", "text/html; charset=utf-8"), *NO_STORE), body=files.template)
        if request.path == hosts.TELEMETRY_PATH:
            return Answer(status=204, headers=NO_STORE)
        return Answer(status=404, headers=(("content-type", "text/plain"), *NO_STORE), body=b"404 Not Found")

    def _configure(self, request: Request) -> Answer:
        callback = request.query.get("callback", "")
        if not _CALLBACK_NAME.fullmatch(callback):
            return Answer(status=400, headers=NO_STORE)
        if request.query.get("aid") != self.app_id:
            return _script(f"{callback}({json.dumps(_NOTHING)})".encode())
        checked = aid_check.check(request.query, self.credentials, self.now(), self.aid)
        if checked.refusal is not None:
            refused = {**_NOTHING, "errMessage": f"aidEncrypted {checked.refusal}"}
            told = _script(f"{callback}({json.dumps(refused)})".encode())
            return replace(told, status=400) if self.aid.refused == "http-400" else told
        session = self.begin(request)
        session.aid_until_s = checked.good_until_s
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
        return self.issue(session, request)

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


def _shared_with(request: Request) -> tuple[tuple[str, str], ...]:
    """Let the asking origin read the answer, with credentials: scripts and fetches then share their connections."""
    if not (origin := request.headers.get("origin", "")):
        return ()
    return (("access-control-allow-origin", origin), ("access-control-allow-credentials", "true"), ("vary", "origin"))


def _script(body: bytes) -> Answer:
    return Answer(headers=(("content-type", "application/javascript; charset=utf-8"), *NO_STORE), body=body)
