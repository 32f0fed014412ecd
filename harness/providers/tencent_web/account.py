"""One account of the vendor's, as every action of the API sees it."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass

from harness.providers.base import Credentials
from harness.providers.tencent_web.api_settings import ApiSettings
from harness.providers.tencent_web.tables import Judge
from harness.providers.tencent_web.tickets_store import TicketStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Tickets, secrets, settings, and the vendor's clock in unix seconds."""

    store: TicketStore
    credentials: Credentials
    settings: ApiSettings
    now: Callable[[], float]

    def redeem(self, ticket: str, *, app_id: str, secret: str, user_ip: str, judge: Judge, randstr: str | None = None) -> int:
        """Give the CaptchaCode for a ticket by a table's rule; 1 uses the ticket up."""
        return self.store.redeem(
            ticket,
            app_id=app_id,
            randstr=randstr,
            user_ip=user_ip,
            now=self.now(),
            secret_ok=self._is_the_apps_secret(app_id, secret),
            blocked=self.settings.risk_blocks,
            judge=judge,
        )

    def _is_the_apps_secret(self, app_id: str, secret: str) -> bool:
        """An app id that is not ours has no secret to compare with: the ticket's own check then answers."""
        if app_id != self.credentials.app_id:
            return True
        return hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), self.credentials.app_secret.encode())
