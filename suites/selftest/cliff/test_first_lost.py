"""The fault that loses the first requests of a link, and no more."""

from __future__ import annotations

import asyncio

from harness.catalog import Asked
from harness.faults.base import FAULTS
from suites.selftest.faults.fault_parts import Recorder, edge
from suites.selftest.faults.test_response_faults import VERDICT

ASKED = Asked(link="config", host="captcha.example", method="GET", path="/", query={})


def test_as_many_requests_are_lost_as_were_asked_for_and_each_application_counts_anew() -> None:
    parts = Recorder()
    for _ in range(2):
        asyncio.run(FAULTS.get("first-lost").apply(edge(link="config", parts=parts, parameters={"times": 2})))
        answers = [parts.rewrites["config"](VERDICT, ASKED) for _ in range(4)]
        assert [answer.unanswered for answer in answers] == [True, True, False, False]
        assert [answer.reset for answer in answers] == [True, True, False, False]
