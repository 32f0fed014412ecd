"""The vendor's server API: who may ask, how often, which action, and what is said of it in the evidence.

Source: domain/tencent-api.md 1.6. Faults are not made here: an Error, a 26 or an unreadable answer is a response fault on the
link, and clock skew is the clock handed in.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping

from harness.catalog import Answer
from harness.providers.base import Credentials, Request
from harness.providers.tencent_web import envelope, forms, hosts, ticket_verify
from harness.providers.tencent_web.account import Account
from harness.providers.tencent_web.actions import ACTIONS
from harness.providers.tencent_web.api_errors import ApiError, error, error_answer, response
from harness.providers.tencent_web.api_settings import ApiSettings
from harness.providers.tencent_web.envelope import Call
from harness.providers.tencent_web.rate import RateLimit
from harness.providers.tencent_web.tickets_store import TicketStore

VERSION = "2019-07-22"
MAX_TEXT = 600

_ERROR_CODE = re.compile(r"[A-Za-z.]{1,80}", re.ASCII)
_OLD_RESPONSE = re.compile(r"-?[0-9]{1,6}", re.ASCII)


class VerdictApi:
    """One account's API. ``now`` is the vendor's clock in unix seconds; a skewed one refuses honest callers.

    ``elapsed`` is the clock that requests a second are counted by; it never goes back.
    """

    def __init__(
        self,
        store: TicketStore,
        credentials: Credentials,
        now: Callable[[], float],
        *,
        settings: ApiSettings | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        chosen = settings or ApiSettings()
        self._account = Account(store=store, credentials=credentials, settings=chosen, now=now)
        self._rate = RateLimit(chosen.requests_per_s, elapsed)
        store.recognise(credentials.app_id)

    async def answer(self, request: Request) -> Answer:
        """Answer anything that arrives, with HTTP 200 and in the vendor's envelope; judging a ticket may use it up."""
        if request.path == hosts.TICKET_VERIFY_PATH:
            return ticket_verify.answer(request, self._account)
        outcome = self._outcome(request)
        return error_answer(outcome) if isinstance(outcome, ApiError) else response(outcome)

    def _outcome(self, request: Request) -> Mapping[str, object] | ApiError:
        if refused := envelope.outside(request):
            return refused
        call = envelope.read(request)
        if refused := self._refusal(request, call):
            return refused
        action = ACTIONS.get(call.action)
        asked = action.parameters.read(call)
        return asked if isinstance(asked, ApiError) else action.run(asked, self._account)

    def _refusal(self, request: Request, call: Call) -> ApiError | None:
        if not call.action:
            return error("MissingParameter", "Action")
        if call.action not in ACTIONS.all():
            return error("InvalidAction")
        if not call.version:
            return error("MissingParameter", "Version")
        if call.version != VERSION:
            return error("NoSuchVersion")
        if refused := envelope.unsigned(request, call, self._account.credentials, self._account.now()):
            return refused
        return None if self._rate.take() else error("RequestLimitExceeded")

    @staticmethod
    def describe(request: Request, answer: Answer) -> str:
        """Say what was answered, for the evidence: ``code 21``, ``error InternalError`` or ``unreadable``."""
        decoded = envelope.parse_json(answer.body)
        if not isinstance(decoded, dict):
            return "unreadable"
        if request.path == hosts.TICKET_VERIFY_PATH:
            old = decoded.get("response")
            return f"code {old}" if isinstance(old, str) and _OLD_RESPONSE.fullmatch(old) else "unreadable"
        told = decoded.get("Response")
        if not isinstance(told, dict):
            return "unreadable"
        if isinstance(refused := told.get("Error"), dict):
            code = refused.get("Code")
            return f"error {code}" if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else "unreadable"
        verdict = told.get("CaptchaCode")
        return f"code {verdict}" if type(verdict) is int else "unreadable"

    @staticmethod
    def ticket_of(request: Request) -> str:
        """The ticket a request asks about, as sent; ``""`` when it names none."""
        return _named(request, "Ticket")

    @staticmethod
    def user_ip_of(request: Request) -> str:
        """The user's address that a request names, as sent; ``""`` when it names none."""
        return _named(request, "UserIP" if _is_old(request) else "UserIp")

    @staticmethod
    def asked_of(request: Request) -> tuple[tuple[str, str], ...]:
        """Every parameter that a request names but the ticket and the app's secret; empty when it cannot be read."""
        others = {name: value for name, value in _given(request).items() if name not in ("Ticket", "AppSecretKey")}
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in others.items()}
        return tuple((name[:MAX_TEXT], text[:MAX_TEXT]) for name, text in sorted(texts.items()))


def _given(request: Request) -> Mapping[str, object]:
    return (forms.parameters_of(request) if _is_old(request) else envelope.read(request).given) or {}


def _named(request: Request, parameter: str) -> str:
    value = _given(request).get(parameter)
    return value if isinstance(value, str) else ""


def _is_old(request: Request) -> bool:
    return request.path == hosts.TICKET_VERIFY_PATH
