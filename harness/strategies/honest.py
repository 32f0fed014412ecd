"""Tickets of users who solved the challenge, and what goes with them, in the form in which each provider mints them.

No real provider passes one: they look honest, for whoever handles tickets without asking anybody. Source: domain/tencent-api.md
1.1, domain/tencent-client.md 3.2, domain/huawei-oneaccess.md 6 (ValidateCaptcha), domain/other-providers.md 7 (GeeTest v4).
"""

from __future__ import annotations

import base64
import json
import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hypothesis import strategies as st

from harness.errors import UsageError, closest

_SEALED_BYTES = 117
_BASE_36 = string.digits + string.ascii_lowercase
# What Math.random().toString(36).substr(2) comes to: a dozen characters, seldom fewer.
_RANDSTR_CHARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestTicket:
    """A ticket and what is handed in with it: a randstr, a point (Huawei), a lot number (GeeTest), nothing (mini program)."""

    ticket: str
    randstr: str


def randstrs() -> st.SearchStrategy[str]:
    """Draw Tencent's randstrs: those of its servers (``@Vki``), and those that a page makes for its fallback ticket."""
    minted = st.text(string.ascii_letters + string.digits, min_size=3, max_size=4)
    own = st.text(_BASE_36, min_size=1, max_size=_RANDSTR_CHARS)
    return st.one_of(minted, own).map("@{}".format)


def honest_tickets(*, provider: str = "tencent_web", now_s: int | None = None) -> st.SearchStrategy[HonestTicket]:
    """Draw tickets as ``provider`` mints them; without ``now_s`` (unix seconds) those that carry a time are of this moment.

    Raises :class:`UsageError` for a provider whose tickets have no known form.
    """
    if provider not in _MINTS:
        raise UsageError(f"no form of a ticket is known for the provider {provider!r}{closest(provider, _MINTS)}")
    return _MINTS[provider](now_s)


def _hex(count: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=count // 2, max_size=count // 2).map(bytes.hex)


def _url_text(count_bytes: int) -> st.SearchStrategy[str]:
    return st.binary(min_size=count_bytes, max_size=count_bytes).map(lambda raw: base64.urlsafe_b64encode(raw).decode("ascii"))


def _sealed() -> st.SearchStrategy[str]:
    return _url_text(_SEALED_BYTES).map("tr03{}*".format)


def _tencent_web(_now_s: int | None) -> st.SearchStrategy[HonestTicket]:
    minted = st.text(string.ascii_letters + string.digits, min_size=3, max_size=4).map("@{}".format)
    return st.builds(lambda ticket, randstr: HonestTicket(ticket=ticket, randstr=randstr), _sealed(), minted)


def _tencent_mini(_now_s: int | None) -> st.SearchStrategy[HonestTicket]:
    return _sealed().map(lambda ticket: HonestTicket(ticket=ticket, randstr=""))


def _huawei(_now_s: int | None) -> st.SearchStrategy[HonestTicket]:
    def write(token: str, x: int) -> HonestTicket:
        return HonestTicket(ticket=token, randstr=f'{{"x":{x}.0,"y":5.0}}')

    return st.builds(write, _hex(32), st.integers(0, 310))


def _geetest(now_s: int | None) -> st.SearchStrategy[HonestTicket]:
    def write(lot: str, token: str, output: str) -> HonestTicket:
        passed = {
            "lot_number": lot, "pass_token": token, "gen_time": str(int(time.time()) if now_s is None else now_s),
            "captcha_output": output,
        }  # fmt: skip
        return HonestTicket(ticket=json.dumps(passed, separators=(",", ":")), randstr=lot)

    return st.builds(write, _hex(32), _hex(64), _url_text(96))


_MINTS: Mapping[str, Callable[[int | None], st.SearchStrategy[HonestTicket]]] = MappingProxyType(
    {"tencent_web": _tencent_web, "tencent_mini": _tencent_mini, "huawei": _huawei, "geetest_v4": _geetest}
)
