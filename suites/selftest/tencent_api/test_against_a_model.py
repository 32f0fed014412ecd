"""Any order of issuing, verifying, replaying, waiting, swapping, breaking and healing: emulator and model never disagree.

Over real connections, with the response faults that the lab itself puts on the link. What an answer was replaced with uses a
ticket up all the same: the vendor had judged it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from harness.faults.base import FAULTS
from harness.providers.tencent_web.emulator import TencentEmulator
from suites.selftest.tencent_api.raw import signed_headers
from suites.selftest.tencent_api.vendor_model import Issued, Model, Question, Said
from suites.selftest.tencent_api.whole_vendor import APP_ID, Whole, whole_vendor

OTHER_APP = 2000000001
BREAKAGES: dict[str, Said] = {
    "internal-error": "InternalError",
    "system-busy-26": 26,
    "throttled": "RequestLimitExceeded",
    "arrears": "UnauthorizedOperation.Unauthorized",
}
FALLBACKS = (
    "terror_1001_199999164_1712345678",
    "trerror_1013_199999164_1712345678_70001",
    "trerror_1001_1999991641712345678",
    "terror_1006__1712345678",
    "terror_1001_2000000001_1712345678",
)
RANDSTRS = ("@Vki", "@abc", "@VKI")


class Clocked(TencentEmulator):
    """The provider with a clock that only the test moves."""

    clock = 1_700_000_000.0

    def now(self) -> float:
        return self.clock


class Machine(RuleBasedStateMachine):
    tickets = Bundle("tickets")

    def __init__(self, vendor: Whole, client: httpx.Client) -> None:
        super().__init__()
        self.vendor, self.client = vendor, client
        self.emulator: Any = vendor.emulator

    @initialize()
    def open_an_account(self) -> None:
        self.vendor.reset()
        self.model = Model(int(APP_ID), self.emulator.now())

    @rule(target=tickets, app=st.sampled_from([int(APP_ID), OTHER_APP]), randstr=st.sampled_from(RANDSTRS))
    def issue(self, app: int, randstr: str) -> str:
        ticket = self.vendor.ticket(app_id=str(app), randstr=randstr)
        self.model.issued[ticket] = Issued(app=app, randstr=randstr, at=self.model.now)
        return ticket

    @rule(target=tickets, ticket=st.sampled_from((*FALLBACKS, "garbage", "")))
    def forge(self, ticket: str) -> str:
        return ticket

    @rule(
        ticket=tickets,
        mini=st.booleans(),
        app=st.sampled_from([int(APP_ID), int(APP_ID), OTHER_APP]),
        randstr=st.none() | st.sampled_from(RANDSTRS),
        right_secret=st.booleans() | st.just(True),
    )
    def verify(self, *, ticket: str, mini: bool, app: int, randstr: str | None, right_secret: bool) -> None:
        """Without a randstr of its own the question carries the ticket's."""
        known = self.model.issued.get(ticket)
        fits = known.randstr if known else RANDSTRS[0]
        self._agree(self._question(ticket, mini=mini, app=app, randstr=randstr or fits, right_secret=right_secret))

    @rule(ticket=tickets, mini=st.booleans(), times=st.integers(2, 3))
    def replay(self, ticket: str, *, mini: bool, times: int) -> None:
        for _ in range(times):
            self.verify(ticket=ticket, mini=mini, app=int(APP_ID), randstr=None, right_secret=True)

    @rule(ticket=tickets, skew_s=st.sampled_from([-301, -300, 300, 301]), right_key=st.booleans(), whole=st.booleans())
    def misask(self, ticket: str, *, skew_s: int, right_key: bool, whole: bool) -> None:
        self._agree(replace(self._question(ticket), skew_s=skew_s, right_key=right_key, whole=whole))

    @rule(seconds=st.sampled_from([1, 100, 299, 300, 301]))
    def wait(self, seconds: int) -> None:
        self.emulator.clock += seconds
        self.model.now += seconds

    @rule(breakage=st.sampled_from(sorted(BREAKAGES)))
    def break_the_link(self, breakage: str) -> None:
        fault: Any = FAULTS.get(breakage)
        self.vendor.server.responses.set("verdict", fault.make({}), breakage)
        self.model.broken = BREAKAGES[breakage]

    @rule()
    def heal(self) -> None:
        self.vendor.server.responses.clear("verdict")
        self.model.broken = None

    @rule()
    def renew_the_account(self) -> None:
        """Every ticket from before is then nobody's; the link is whole again."""
        self.vendor.reset()
        self.model = Model(int(APP_ID), self.model.now)

    @invariant()
    def the_bill_is_right(self) -> None:
        assert self.emulator.tickets.billed == self.model.billed
        assert self.vendor.server.broken == []

    def _question(self, ticket: str, **changes: Any) -> Question:
        known = self.model.issued.get(ticket)
        plain: dict[str, Any] = {
            "mini": False, "ticket": ticket, "app": int(APP_ID), "randstr": known.randstr if known else RANDSTRS[0],
            "right_secret": True, "right_key": True, "skew_s": 0, "whole": True,
        }  # fmt: skip
        return Question(**plain | changes)

    def _agree(self, question: Question) -> None:
        told = self._ask(question)
        assert told == self.model.ask(question), question

    def _ask(self, question: Question) -> Said:
        account = self.emulator.credentials
        fields = {
            "CaptchaType": 9, "Ticket": question.ticket, "UserIp": "203.0.113.7", "CaptchaAppId": question.app,
            "AppSecretKey": account.app_secret if question.right_secret else "not the secret",
        }  # fmt: skip
        if not question.mini:
            fields["Randstr"] = question.randstr
        if not question.whole:
            del fields["UserIp"]
        body = json.dumps(fields).encode()
        headers = signed_headers(
            f"127.0.0.1:{self.vendor.server.plain_port}",
            body,
            account=(account.secret_id, account.secret_key if question.right_key else "not the key"),
            now=self.emulator.now() + question.skew_s,
            **{"x-tc-action": "DescribeCaptchaMiniResult" if question.mini else "DescribeCaptchaResult"},
        )
        told = self.client.post("/", headers=headers, content=body).json()["Response"]
        return str(told["Error"]["Code"]) if "Error" in told else int(told["CaptchaCode"])


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Machine]]:
    emulator = Clocked(app_id=APP_ID, prefix="terror")
    with whole_vendor(tmp_path_factory.mktemp("authority"), emulator) as vendor:
        address = f"http://127.0.0.1:{vendor.server.plain_port}"
        with httpx.Client(base_url=address, trust_env=False) as client:
            yield lambda: Machine(vendor, client)


def test_emulator_and_model_never_disagree(machine: Callable[[], Machine]) -> None:
    run_state_machine_as_test(machine, settings=_trying(120))


@pytest.mark.nightly
def test_emulator_and_model_never_disagree_in_a_long_search(machine: Callable[[], Machine]) -> None:
    run_state_machine_as_test(machine, settings=_trying(1500))


def _trying(sequences: int) -> settings:
    slow = [HealthCheck.too_slow]
    return settings(max_examples=sequences, stateful_step_count=30, deadline=None, suppress_health_check=slow)
