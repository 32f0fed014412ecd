"""The emulator: the static scripts, ``/load`` and ``/verify`` by JSONP for browsers, ``/validate`` for servers."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

from harness.catalog import Answer
from harness.errors import UsageError, closest
from harness.providers.base import Credentials, Request
from harness.providers.geetest_v4 import hosts
from harness.providers.geetest_v4.lots import FIELDS, Lots, fits
from harness.providers.geetest_v4.settings import Settings

BUILDS = ("classic",)
# Bypass tokens cannot come from the vendor's servers, and say so here; their true form is not documented.
BYPASS_TOKEN = "bypass"  # noqa: S105  # a public word, not a secret

_CAPTCHA_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]{0,63}", re.ASCII)
_HEADERS = (("cache-control", "no-store"), ("timing-allow-origin", "*"), ("access-control-allow-origin", "*"))
_FILES = {"entry": "gt4.js", "static": "gcaptcha4.js", "gct": "gct4.js", "bypass": "bypass.js"}
_CLIENT = Path(__file__).with_name("client")
# The vendor's scripts are some kilobytes: a connection that is cut must have something to cut.
_SERVED_BYTES = 12_000


class GeetestEmulator:
    """One captcha id with its key, and everything the vendor serves for it."""

    credentials: Credentials

    def __init__(self, *, app_id: str, settings: Settings) -> None:
        if not _CAPTCHA_ID.fullmatch(app_id):
            raise UsageError(f"a GeeTest captcha id is 32 lower-case hex digits, not {app_id!r}")
        self._captcha_id = app_id
        self._settings = settings
        self._skew_s = 0
        self._kept: dict[str, str] = {}
        self._scripts = {link: _padded(name) for link, name in _FILES.items()}
        self.reset(build=BUILDS[0])

    def keep(self, credentials: Mapping[str, str]) -> None:
        """Show this captcha key in the place of new ones; raises UsageError for another word than ``app_secret``."""
        for name in credentials:
            if name != "app_secret":
                raise UsageError(f"GeeTest's console shows no {name!r}{closest(name, ('app_secret',))}")
        self._kept = dict(credentials)

    def reset(self, *, build: str) -> None:
        """Forget every lot, and make a new captcha key where none is kept."""
        if build not in BUILDS:
            raise UsageError(f"no client build is called {build!r}{closest(build, BUILDS)}")
        made = {"app_secret": secrets.token_hex(16)} | self._kept
        self.credentials = Credentials(app_id=self._captcha_id, app_secret=made["app_secret"])
        self.lots = Lots(
            captcha_key=self.credentials.app_secret,
            lot_valid_s=self._settings.lot_valid_s,
            pass_valid_s=self._settings.pass_valid_s,
        )

    def now(self) -> float:
        """The vendor's clock, in unix seconds."""
        return time.time() + self._skew_s

    def skew(self, seconds: int) -> int:
        """Set the vendor's clock apart from the world's; returns the offset that now stands."""
        self._skew_s = seconds
        return self._skew_s

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link a request travels on; ``""`` for what belongs to none."""
        return hosts.link_of(host, path)

    async def answer(self, request: Request) -> Answer:
        """Answer one request; a solved ``/verify`` makes a pass, ``/validate`` uses it up."""
        if request.link in self._scripts:
            return _script(self._scripts[request.link])
        if request.link == "verdict":
            return self._validate(request)
        if request.link in ("load", "verify"):
            return self._by_jsonp(request)
        return Answer(status=404, headers=(("content-type", "text/plain"), *_HEADERS), body=b"404 Not Found")

    def describe(self, request: Request, answer: Answer) -> str:
        """Say in a few words what was asked and answered, for the evidence."""
        if request.link != "verdict":
            return request.link or request.path[:80]
        if answer.status != 200:
            return f"status {answer.status}"
        told = json.loads(answer.body)
        if told["status"] != "success":
            return f"error {told['code']}"
        return "code 1" if told["result"] == "success" else "code 0"

    def ticket_of(self, request: Request) -> str:
        """The four fields a validation sends, as one text (:func:`ticket_from`); ``""`` on every other link."""
        return ticket_from(_form(request)) if request.link == "verdict" else ""

    def _by_jsonp(self, request: Request) -> Answer:
        callback = request.query.get("callback", "")
        if not _CALLBACK.fullmatch(callback):
            return Answer(status=400, headers=_HEADERS)
        if request.query.get("captcha_id") != self._captcha_id:
            told = self._error("captcha_id illegal")
        else:
            told = self._load() if request.link == "load" else self._verify(request)
        return _script(f"{callback}({json.dumps(told)})".encode())

    def _load(self) -> dict[str, object]:
        lot = self.lots.begin(now=self.now())
        data = {
            "lot_number": lot.number,
            "captcha_type": "slide",
            "type": "slide",
            "gap": lot.gap_px,
            "static_servers": list(hosts.STATIC),
            "static_path": hosts.STATIC_PATH,
            "js": hosts.SCRIPT_PATH,
            "gct_path": hosts.GCT_PATH,
        }
        return {"status": "success", "data": data}

    def _verify(self, request: Request) -> dict[str, object]:
        lot = self.lots.open_lot(request.query.get("lot_number", ""), now=self.now())
        if lot is None:
            return self._error("lot_number illegal")
        if not fits(lot, request.query.get("w", "")):
            return {"status": "success", "data": {"result": "fail", "gap": self.lots.renew(lot).gap_px}}
        seccode = self.lots.solve(lot, captcha_id=self._captcha_id, now=self.now())
        return {"status": "success", "data": {"result": "success", "seccode": seccode}}

    def _validate(self, request: Request) -> Answer:
        if request.method != "POST":
            return Answer(status=405, headers=_HEADERS)
        told = _form(request)
        if request.query.get("captcha_id", told.get("captcha_id")) != self._captcha_id:
            return _json(self._error("captcha_id illegal"))
        if any(not told.get(name) for name in FIELDS):
            return _json(self._error("parameter missing"))
        if not self.lots.signed(told["lot_number"], told.get("sign_token", "")):
            return _json(self._error("sign_token error"))
        reason = self._judge(told)
        return _json({"status": "success", "result": "fail" if reason else "success", "reason": reason, "captcha_args": {}})

    def _judge(self, told: Mapping[str, str]) -> str:
        if self._settings.bypass_passes and told["pass_token"] == BYPASS_TOKEN:
            return ""
        return self.lots.validate(told, now=self.now())

    def _error(self, message: str) -> dict[str, object]:
        # The messages are ours, and so is which code answers what: the notes have the envelope alone.
        return {"status": "error", "code": self._settings.error_code, "msg": message, "desc": {"type": "defined error"}}


def ticket_from(fields: Mapping[str, str]) -> str:
    """Write the four fields of a pass as one text, for tools that know a single ticket."""
    return json.dumps({name: fields.get(name, "") for name in FIELDS}, separators=(",", ":"))


def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode("utf-8", "replace")))


def _script(body: bytes) -> Answer:
    return Answer(headers=(("content-type", "application/javascript; charset=utf-8"), *_HEADERS), body=body)


def _json(body: Mapping[str, object]) -> Answer:
    return Answer(headers=(("content-type", "application/json; charset=utf-8"), *_HEADERS), body=json.dumps(body).encode())


def _padded(name: str) -> bytes:
    # The filler stands first, so that a cut never leaves a working head.
    source = (_CLIENT / name).read_text("utf-8").replace('__FILE__("box.js")\n', (_CLIENT / "box.js").read_text("utf-8"))
    filler = "the vendor's scripts are about as long as this comment makes this one " * (_SERVED_BYTES // 70)
    return f"/* {filler[: max(0, _SERVED_BYTES - len(source))]} */\n{source}".encode()
