"""The verdict API ``DescribeCaptchaResult``: what the business server asks, and what it is told.

Source: domain/tencent-api.md 1.1, 1.2, 1.4, 1.6. Faults are not made here: an Error, a 26 or an unreadable answer is a
response fault on the link, and clock skew is the clock handed in.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping

from harness.catalog import Answer
from harness.providers.base import Credentials, Request
from harness.providers.tencent_web import tc3, verdict_request
from harness.providers.tencent_web.api_errors import ApiError, error, error_answer, response
from harness.providers.tencent_web.tickets_store import TicketStore
from harness.providers.tencent_web.verdict_request import Asking

ACTION = "DescribeCaptchaResult"
VERSION = "2019-07-22"

CAPTCHA_MESSAGES: Mapping[int, str] = {
    1: "OK",
    7: "captcha no match",
    8: "ticket expired",
    9: "ticket reused",
    15: "decrypt fail",
    16: "appid-ticket mismatch",
    21: "diff",
    100: "appid-secretkey-ticket mismatch",
}

_ERROR_CODE = re.compile(r"[A-Za-z.]{1,80}", re.ASCII)


class VerdictApi:
    """One account's verdict API. ``now`` is the vendor's clock in unix seconds; a skewed one refuses honest callers."""

    def __init__(self, store: TicketStore, credentials: Credentials, now: Callable[[], float]) -> None:
        self._store = store
        self._credentials = credentials
        self._now = now
        store.recognise(credentials.app_id)

    async def answer(self, request: Request) -> Answer:
        """Answer anything that arrives, always with HTTP 200 and in the vendor's envelope; judging a ticket may use it up."""
        asking = self._refusal(request) or verdict_request.read(request)
        return error_answer(asking) if isinstance(asking, ApiError) else self._verdict(asking)

    @staticmethod
    def describe(request: Request, answer: Answer) -> str:
        """Say what was answered, for the evidence: ``code 21``, ``error InternalError`` or ``unreadable``."""
        decoded = verdict_request.parse_json(answer.body)
        told = decoded.get("Response") if isinstance(decoded, dict) else None
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
        ticket = (verdict_request.parameters_of(request) or {}).get("Ticket")
        return ticket if isinstance(ticket, str) else ""

    def _refusal(self, request: Request) -> ApiError | None:
        if request.method not in ("GET", "POST"):
            return error("UnsupportedProtocol")
        for header, name, right, wrong in (
            ("x-tc-action", "Action", ACTION, "InvalidAction"),
            ("x-tc-version", "Version", VERSION, "NoSuchVersion"),
        ):
            if not (value := request.headers.get(header, "")):
                return error("MissingParameter", name)
            if value != right:
                return error(wrong)
        account = self._credentials
        return tc3.refusal(request, secret_id=account.secret_id, secret_key=account.secret_key, now=self._now())

    def _verdict(self, asking: Asking) -> Answer:
        code = self._store.redeem(
            asking.ticket,
            app_id=asking.app_id,
            randstr=asking.randstr,
            user_ip=asking.user_ip,
            now=self._now(),
            secret_ok=self._is_the_apps_secret(asking),
        )
        passed = self._store.open(asking.ticket) if code == 1 else None
        return response(
            {
                "CaptchaCode": code,
                "CaptchaMsg": CAPTCHA_MESSAGES[code],
                "EvilLevel": 0,
                "GetCaptchaTime": int(passed.fetched_s) if passed and asking.wants_time else 0,
                "EvilBitmap": 0 if passed else None,
                "SubmitCaptchaTime": int(passed.issued_s) if passed else 0,
            }
        )

    def _is_the_apps_secret(self, asking: Asking) -> bool:
        """An app id that is not ours has no secret to compare with: the ticket's own check then answers 16."""
        if asking.app_id != self._credentials.app_id:
            return True
        return hmac.compare_digest(asking.app_secret.encode("utf-8", "surrogatepass"), self._credentials.app_secret.encode())
