"""The emulator: five calls of one tenant. Its answers depend on what is asked and on the state of tokens, on nothing else."""

from __future__ import annotations

import json
import re
import secrets
import string
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from harness.catalog import Answer
from harness.errors import UsageError, closest
from harness.providers.base import Credentials, Request
from harness.providers.huawei.calls import fields_of, parse_json, refused
from harness.providers.huawei.links import LINK_OF
from harness.providers.huawei.phones import Phones, Sms
from harness.providers.huawei.refusals import JSON, Refusal, invalid_parameter, quota_exhausted, refusal
from harness.providers.huawei.settings import Settings
from harness.providers.huawei.tokens import SEPARATOR, Tokens

if TYPE_CHECKING:
    from harness.providers.huawei.pictures import Puzzle

BUILDS = ("classic",)
# What the vendor's example of a login says (domain/huawei-oneaccess.md, "Neighbours").
SESSION_S = 604_800
# The vendor's example shows no entry of its list; these two names are the notes' and ours.
AREA_CODES: Mapping[str, object] = {
    "phoneAreaCodeDefinitions": [{"areaCode": "86", "name": "China"}, {"areaCode": "65", "name": "Singapore"}],
    "preferredAreaCode": "86",
}

_ALPHABET = string.ascii_letters + string.digits
_VERDICT = re.compile(r"CAPTCHA\.0*([2-9][0-9]{0,2})", re.ASCII)
# SendSmsVerifyCode (the vendor's Chinese page): digits only, eleven of them.
_MOBILE = re.compile(r"[0-9]{11}", re.ASCII)
_ERROR_CODE = re.compile(r"[A-Za-z0-9._]{1,80}", re.ASCII)

Handler = Callable[[Request], Answer | Refusal]


class HuaweiEmulator:
    """One tenant with one application."""

    credentials: Credentials
    tokens: Tokens
    phones: Phones

    def __init__(self, *, app_id: str, settings: Settings | None = None) -> None:
        self._app_id = app_id
        self.settings = settings or Settings()
        self._skew_s = 0
        self._kept: dict[str, str] = {}
        self._calls: Mapping[str, Handler] = {
            "picture": self._show,
            "verdict": self._validate,
            "sms": self._send_sms,
            "code": self._register,
            "area-codes": self._list_area_codes,
        }
        self.reset(build=BUILDS[0])

    def keep(self, credentials: Mapping[str, str]) -> None:
        """Show these words in the console in the place of new ones; raises UsageError for one that there is not."""
        for name in credentials:
            if name not in self.credentials.more:
                raise UsageError(f"the console of OneAccess shows no {name!r}{closest(name, self.credentials.more)}")
        self._kept = dict(credentials)

    def reset(self, *, build: str) -> None:
        """Forget every token and SMS, and register the application anew, as what it is kept as."""
        if build not in BUILDS:
            raise UsageError(f"no client build is called {build!r}{closest(build, BUILDS)}")
        self.credentials = _credentials(self._app_id, self.settings, self._kept)
        self.tokens = Tokens(self.settings)
        self.phones = Phones(self.settings)

    @property
    def sent(self) -> Sequence[Sms]:
        """The SMS that left, in order."""
        return self.phones.sent

    def delivered(self, to: str) -> str:
        """The code in the newest SMS to a number; ``""`` when none came."""
        newest = self.phones.newest(to)
        return newest.code if newest else ""

    def now(self) -> float:
        """The vendor's clock, in unix seconds."""
        return time.time() + self._skew_s

    def skew(self, seconds: int) -> int:
        """Set the vendor's clock apart from the world's; returns the offset that now stands."""
        self._skew_s = seconds
        return self._skew_s

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link by method and path: a target with an endpoint setting reaches every host by address."""
        return LINK_OF.get((method, path), "")

    async def answer(self, request: Request) -> Answer:
        """Answer one request: validating uses a picture up, sending an SMS uses a captcha_token up."""
        call = self._calls.get(request.link)
        if call is None:
            return Answer(status=404, headers=(("content-type", "text/plain"),), body=b"404 Not Found")
        outcome = refused(request, self.credentials, self.settings) or call(request)
        return outcome.answer() if isinstance(outcome, Refusal) else outcome

    def describe(self, request: Request, answer: Answer) -> str:
        """Say what was answered: ``code 1`` for a captcha_token, ``code N`` for CAPTCHA.000N from 2, else the error."""
        if answer.status != 400:
            return _PASSED.get(request.link, request.path[:80])
        told = parse_json(answer.body)
        code = told.get("error_code") if isinstance(told, dict) else None
        if not isinstance(code, str) or not _ERROR_CODE.fullmatch(code):
            return "error"
        verdict = _VERDICT.fullmatch(code) if request.link == "verdict" else None
        return f"code {verdict[1]}" if verdict else f"error {code}"

    def ticket_of(self, request: Request) -> str:
        """The picture's token that a ValidateCaptcha asks about or an SMS is asked for with; ``""`` on every other link."""
        name = _TICKET_IN.get(request.link)
        given = fields_of(request) if name else None
        return _text(given or {}, name or "").partition(SEPARATOR)[0]

    def new_puzzle(self) -> tuple[str, Puzzle]:
        """Draw a picture and issue its token, as ShowCaptcha does."""
        # Pillow costs every run some 30 ms and 4 MB to load, and only who draws or looks needs it.
        from harness.providers.huawei.pictures import draw_puzzle

        puzzle = draw_puzzle()
        return self.tokens.issue(gap_x=puzzle.gap_x, now=self.now()), puzzle

    def _show(self, request: Request) -> Answer:
        token, puzzle = self.new_puzzle()
        return _json(
            {
                "captchaId": None,
                "projectCode": None,
                "captchaOriginalPath": None,
                "captchaFontType": None,
                "captchaFontSize": None,
                "secretKey": _word(16) if self.settings.shows_secret_key else None,
                "originalImageBase64": puzzle.original,
                "point": None,
                "jigsawImageBase64": puzzle.jigsaw,
                "wordList": None,
                "pointList": None,
                "pointJson": None,
                "token": token,
                "result": False,
                "captchaVerification": None,
            }
        )

    def _validate(self, request: Request) -> Answer | Refusal:
        given = fields_of(request)
        if given is None:
            return invalid_parameter(self.settings)
        point_json, token, sender = (_text(given, name) for name in ("point_json", "token", "sender"))
        if not point_json:
            return refusal("PARAM.0004")
        if not token:
            return refusal("PARAM.0005")
        if not sender:
            return invalid_parameter(self.settings)
        outcome = self.tokens.validate(token, point_json, sender=sender, now=self.now())
        return outcome if isinstance(outcome, Refusal) else _json({"captcha_token": outcome})

    def _send_sms(self, request: Request) -> Answer | Refusal:
        given = fields_of(request)
        if given is None:
            return invalid_parameter(self.settings)
        mobile, kind, captcha_token = (_text(given, name) for name in ("mobile", "type", "captcha_token"))
        if not captcha_token:
            return refusal("PARAM.0005")
        if not _MOBILE.fullmatch(mobile) or kind not in self.settings.types:
            return invalid_parameter(self.settings)
        if refusal_of_token := self.tokens.spend(captcha_token, sender=mobile, now=self.now()):
            return refusal_of_token
        if 0 <= self.settings.sms_quota <= len(self.sent):
            return quota_exhausted(self.settings)
        self.phones.send(mobile, kind, now=self.now())
        return Answer(headers=(("cache-control", "no-store"),))

    def _register(self, request: Request) -> Answer | Refusal:
        given = fields_of(request)
        mobile, code = (_text(given or {}, name) for name in ("mobile", "verify_code"))
        if not mobile or not code or not self.phones.take(mobile, code, now=self.now()):
            return invalid_parameter(self.settings)
        return _json({"status": "SUCCESS", "session_token": f"bts{_word(32)}", "expire": SESSION_S})

    def _list_area_codes(self, request: Request) -> Answer:
        return _json(AREA_CODES)


_TICKET_IN: Mapping[str, str] = {"verdict": "token", "sms": "captcha_token"}
_PASSED: Mapping[str, str] = {
    "picture": "picture shown",
    "verdict": "code 1",
    "sms": "SMS sent",
    "code": "registered",
    "area-codes": "area codes",
}


def _json(body: Mapping[str, object]) -> Answer:
    return Answer(headers=JSON, body=json.dumps(body).encode())


def _text(given: Mapping[str, object], name: str) -> str:
    """A parameter that is a text; every other type counts as missing."""
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _credentials(app_id: str, settings: Settings, kept: Mapping[str, str]) -> Credentials:
    made = {"client_id": _word(32), "tenant_id": settings.tenant_id, "domain_name": settings.domain_name}
    return Credentials(app_id=app_id, more={**made, **kept})


def _word(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
