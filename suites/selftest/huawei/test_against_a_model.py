"""Any sequence of drags, waits and SMS: emulator and a small model written from the notes agree, and no SMS is free."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from harness.providers.base import PROVIDERS, Request
from suites.selftest.huawei.tenant import AGENT, APP_ID, HOST, point

PICTURE_S, CAPTCHA_TOKEN_S, TOLERANCE_PX = 120, 180, 5
MOBILES = ("12345678901", "19999999999")
OK = (200, "")


@dataclass
class Shown:
    """A picture as the model knows it."""

    token: str
    gap_x: int
    at_s: int
    open: bool = True


@dataclass
class Passed:
    """A captcha_token as the model knows it."""

    text: str
    mobile: str
    at_s: int
    open: bool = True


class Tenancy(RuleBasedStateMachine):
    """The vendor's clock is set by ``wait``; between two rules less than a second of the world's time passes."""

    pictures = Bundle("pictures")
    passes = Bundle("passes")

    @initialize()
    def begin(self) -> None:
        self.emulator = PROVIDERS.get("huawei").emulator(app_id=APP_ID, prefix="terror", options={})
        self.at_s = 0
        self.left = 0

    def ask(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        headers = {
            "content-type": "application/json;charset=utf8",
            "x-operating-sys-version": "Android 10",
            "x-device-fingerprint": "156aysdna213sac",
            "x-agent": AGENT,
            "x-client-id": self.emulator.credentials.more["client_id"],
        }
        request = Request(
            link=self.emulator.classify(HOST, "POST", path, {}), host=HOST, method="POST", path=path, query={}, raw_query="",
            headers=headers, body=json.dumps(fields).encode(), client="127.0.0.1:1",
        )  # fmt: skip
        answer = asyncio.run(self.emulator.answer(request))
        self.said = json.loads(answer.body) if answer.body else {}
        return answer.status, self.said.get("error_code", "")

    @rule(target=pictures, gap_x=st.integers(70, 250))
    def show(self, gap_x: int) -> Shown:
        return Shown(token=self.emulator.tokens.issue(gap_x=gap_x, now=self.emulator.now()), gap_x=gap_x, at_s=self.at_s)

    # Every sum is a multiple of five seconds: the world's own time, which passes too, never reaches the next.
    @rule(seconds=st.sampled_from([10, 115, 125, 175, 185]))
    def wait(self, seconds: int) -> None:
        self.at_s += seconds
        self.emulator.skew(self.at_s)

    @rule(target=passes, picture=pictures, beside=st.sampled_from([0, 5, -5, 6, -6]), mobile=st.sampled_from(MOBILES))
    def drag(self, picture: Shown, beside: int, mobile: str) -> Passed:
        where = point(picture.gap_x + beside)
        told = self.ask("/api/v2/sdk/captcha/verify", {"token": picture.token, "point_json": where, "sender": mobile})
        late, right = self.at_s - picture.at_s >= PICTURE_S, abs(beside) <= TOLERANCE_PX
        if not picture.open:
            assert told == (400, "CAPTCHA.0004")
        elif late:
            assert told == (400, "CAPTCHA.0003")
        else:
            picture.open = False
            assert told == (OK if right else (400, "CAPTCHA.0002"))
        passed = told == OK
        text = f"{picture.token}---{where}"
        assert not passed or self.said == {"captcha_token": text}
        # What did not pass is handed in all the same, later.
        return Passed(text=text if passed else f"never-{text}", mobile=mobile, at_s=self.at_s, open=passed)

    @rule(target=passes, gap_x=st.integers(70, 250), mobile=st.sampled_from(MOBILES))
    def solve_at_once(self, gap_x: int, mobile: str) -> Passed:
        return self.drag(self.show(gap_x), 0, mobile)

    @rule(passed=passes)
    def send_to_its_own_number(self, passed: Passed) -> None:
        self.send(passed, passed.mobile)

    @rule(passed=passes, mobile=st.sampled_from(MOBILES))
    def send(self, passed: Passed, mobile: str) -> None:
        fields = {"captcha_token": passed.text, "mobile": mobile, "type": "BIND_MOBILE_SMS"}
        told = self.ask("/api/v2/sdk/sms/send", fields)
        if not passed.open or passed.mobile != mobile:
            assert told == (400, "CAPTCHA.0004")
        elif self.at_s - passed.at_s >= CAPTCHA_TOKEN_S:
            assert told == (400, "CAPTCHA.0003")
        else:
            passed.open = False
            self.left += 1
            assert told == OK

    @invariant()
    def every_sms_was_paid_for(self) -> None:
        assert not hasattr(self, "left") or len(self.emulator.sent) == self.left


TestTenancy = Tenancy.TestCase
TestTenancy.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
