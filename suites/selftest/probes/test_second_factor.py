"""Codes of a step-up that come late, never, or all alike: a stand-in shop whose mail is written by a worker."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.catalog import Policy
from harness.journal.model import CodeTry
from harness.judge.second_factor import passed
from harness.lab.outbox import Outbox
from harness.lab.second_factor import SecondFactor, Tried
from harness.target import signals
from harness.target.signals import SubmitResult
from harness.target.spec import Completed, Effects, FlowSpec, StepUp, SubmitSpec
from suites.selftest.judge.records import forgery, with_evidence
from suites.selftest.standins import in_a_thread

STEP_UP = StepUp(
    status=202,
    code_get="/outbox",
    code_json="$[-1].code",
    confirm=SubmitSpec(path="/orders/{order}/code", json={"code": "{code}"}),
)
CHECKOUT = FlowSpec(
    name="checkout",
    submit=SubmitSpec(path="/orders", json={"ticket": "{ticket}"}),
    completed=Completed(status=201),
    effects=Effects(get="/paid", count="$"),
    step_up=STEP_UP,
)
# Long before it is waited for in vain; far more than an answer over loopback takes.
PATIENCE_S = 3.0
HELD = {
    "right-code": (1, 1),
    "code-again": (1, 0),
    "code-of-another": (1, 0),
    "used-code-of-another": (1, 0),
    "foretold-code": (5, 0),
    "wrong-code": (10, 0),
    "right-code-after-wrong-ones": (1, 0),
}


@dataclass(kw_only=True)
class Shop:
    """Orders that take a code of their own, five tries each.

    ``offer_s`` is what an order takes once its mail is on the way, ``mail_s`` and ``paid_s`` what the workers take.
    """

    offer_s: float = 0.0
    mail_s: float | None = 0.0
    paid_s: float = 0.0
    offers: int = 1000
    code_of: Callable[[int], str] = lambda order: f"{int(hashlib.sha256(b'%d' % order).hexdigest(), 16) % 10**6:06d}"
    any_code: bool = False
    in_words: Callable[[list[dict[str, object]]], Any] = lambda mails: mails
    breaks: Callable[[int], int] = lambda _read: 200
    read: int = 0
    tries: dict[int, int] = field(default_factory=dict)
    outbox: list[dict[str, object]] = field(default_factory=list)
    paid: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self) -> tuple[int, object]:
        with self._lock:
            number = len(self.tries) + 1
            if number > self.offers:
                return 429, {"say": "too many"}
            self.tries[number] = 0
        if self.mail_s is not None:
            self._later(self.mail_s, lambda: self.outbox.append({"order": number, "code": self.code_of(number)}))
        time.sleep(self.offer_s)  # a shop that is so slow
        return 202, {"order": number}

    def confirm(self, number: int, code: str) -> tuple[int, object]:
        with self._lock:
            right = code == self.code_of(number) or (self.any_code and any(sent["code"] == code for sent in self.outbox))
            if not right or self.tries[number] >= 5:
                self.tries[number] += 1
                return 403, {}
            self.tries[number] = 5
        self._later(self.paid_s, lambda: self.paid.append(number))
        return 201, {}

    def _later(self, wait_s: float, work: Callable[[], None]) -> None:
        if wait_s:
            threading.Timer(wait_s, work).start()
        else:
            work()


@pytest.fixture(autouse=True)
def _few_wrong_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred are tried on the shop itself; here they would only take time."""
    monkeypatch.setattr("harness.lab.second_factor.WRONG_CODES", 10)


@contextmanager
def served(shop: Shop) -> Iterator[str]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shop.read += self.path == "/outbox"
            status = shop.breaks(shop.read) if self.path == "/outbox" else 200
            self._say(status, {"/outbox": shop.in_words(shop.outbox), "/paid": shop.paid}[self.path])

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
            parts = self.path.split("/")
            self._say(*(shop.confirm(int(parts[2]), sent["code"]) if parts[-1] == "code" else shop.order()))

        def _say(self, status: int, document: object) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with in_a_thread(ThreadingHTTPServer(("127.0.0.1", 0), Answers)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


async def tried(url: str, patience_s: float) -> Tried:
    """All codes, after three tries that were offered a step-up, too, as a forger's lab makes them."""
    counted = itertools.count()

    async def offer() -> SubmitResult:
        return await signals.submit(url, CHECKOUT, {"ticket": f"terror_1001_{next(counted)}"})

    taken = 0

    async def gained() -> int:
        nonlocal taken
        before, taken = taken, await signals.effects(url, CHECKOUT)
        return taken - before

    for _ in range(3):
        await offer()
    outbox = Outbox(base_url=url, step_up=STEP_UP, patience_s=patience_s)
    return await SecondFactor(flow=CHECKOUT, door=url, outbox=outbox, offer=offer, gained=gained).tried()


def codes(shop: Shop, *, patience_s: float = PATIENCE_S) -> tuple[dict[str, tuple[int, int]], str]:
    """What was entered, how often and with which effect; and why some was not."""
    with served(shop) as url:
        done = asyncio.run(tried(url, patience_s))
    return {one.label: (one.tries, one.effects) for one in done.codes}, done.untried


@pytest.mark.parametrize(("offer_s", "mail_s"), [(0.25, 0.35), pytest.param(0.1, 2.0, marks=pytest.mark.nightly)])
def test_each_code_is_taken_for_the_offer_that_it_was_sent_for_however_late_it_comes(offer_s: float, mail_s: float) -> None:
    """The mails of the tries before come one after another while the first offer is answered, or its code is waited for."""
    assert codes(Shop(offer_s=offer_s, mail_s=mail_s), patience_s=max(PATIENCE_S, 4 * mail_s)) == (HELD, "")


def test_an_outbox_that_holds_a_clock_rests_when_no_code_comes() -> None:
    clocked = Shop(mail_s=0.15, in_words=lambda mails: [{"read_at": time.time()}, *mails])
    assert codes(clocked, patience_s=0.6) == (HELD, "")


def test_an_outbox_that_cannot_be_read_now_and_then_is_not_taken_for_an_empty_one() -> None:
    """Else a code of before would be new, and each offer's own would pass for another's."""
    assert codes(Shop(mail_s=0.05, breaks=lambda read: 503 if read % 2 else 200)) == (HELD, "")


@pytest.mark.parametrize(("status", "cause"), [(500, "answered 500, expected 200"), (404, "got no new code within 0.3 s")])
def test_an_outbox_that_can_never_be_read_says_so_and_no_code_is_entered(status: int, cause: str) -> None:
    entered, untried = codes(Shop(breaks=lambda _read: status), patience_s=0.3)
    assert (entered, cause in untried, f"answered {status}" in untried) == ({}, True, True)


def test_an_outbox_that_is_not_there_before_its_first_code_is_empty() -> None:
    shop = Shop()
    shop.breaks = lambda _read: 200 if shop.outbox else 404
    assert codes(shop) == (HELD, "")


def test_what_is_taken_for_anothers_code_has_a_later_offers_own_beside_it() -> None:
    """From the fifth order on the newest message is held back behind a foreign one: what looks like another's is one's own."""

    def behind(mails: list[dict[str, object]]) -> list[dict[str, object]]:
        return [*mails[:4], {"code": "999999"}, *mails[4:-1]] if len(mails) > 4 else mails

    entered, _ = codes(Shop(in_words=behind), patience_s=0.3)
    assert (entered["right-code"], entered["code-of-another"], entered["right-code-later"]) == ((1, 1), (1, 1), (1, 0))


def test_a_code_that_counts_for_any_order_is_found_though_it_comes_late() -> None:
    entered, untried = codes(Shop(mail_s=0.15, any_code=True))
    assert (entered["code-of-another"], entered["used-code-of-another"], untried) == ((1, 1), (1, 1), "")
    assert entered["right-code-later"] == (1, 1)


def test_the_journal_names_each_code_of_which_the_judge_demands_nothing() -> None:
    """What is entered to show that the others prove something is no forgery, and a reader of a journal must know it."""
    entered, _ = codes(Shop(any_code=True))
    took_effect = tuple(CodeTry(label=label, tries=1, status=201, effects=1) for label in entered)
    said = " ".join(seen for _demand, seen in passed(with_evidence(forgery(Policy.STEP_UP), code_tries=took_effect)))
    demanded_nothing_of = {label for label in entered if f"{label}: took effect" not in said}
    assert demanded_nothing_of == {"right-code", "right-code-later"}
    assert all(f"``{label}``" in (CodeTry.__doc__ or "") for label in demanded_nothing_of)


def test_an_effect_that_a_worker_writes_is_waited_for_and_is_the_right_codes_own() -> None:
    assert codes(Shop(paid_s=0.2)) == (HELD, "")


def test_an_outbox_that_gets_nothing_says_so_and_no_code_is_entered() -> None:
    entered, untried = codes(Shop(mail_s=None), patience_s=0.3)
    assert entered == {}
    assert untried == "step_up.code.get = '/outbox' got no new code within 0.3 s of an offer"


def test_codes_that_are_all_the_same_cannot_be_told_apart() -> None:
    """As in many test configurations, which draw no code but always send the same."""
    entered, untried = codes(Shop(code_of=lambda _: "000000"), patience_s=0.3)
    assert entered == {}
    assert "no code can be told from another" in untried


def test_a_target_that_offers_no_more_is_believed_and_what_was_not_tried_has_its_reason() -> None:
    entered, untried = codes(Shop(offers=5))
    assert list(entered) == ["right-code", "code-again"]
    assert untried == "after 2 offers of the step-up a ticket that looks honest was offered none: status 429"
