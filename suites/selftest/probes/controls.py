"""A healthy control of a record's own slot and flow: a judge believes no verdict without one."""

from __future__ import annotations

from dataclasses import replace

from harness.journal.model import Judgement, Record
from harness.judge import judge
from suites.selftest.judge.records import control, with_scenario


def judged(record: Record) -> Judgement:
    """Judge a record as if its slot's control had been healthy."""
    healthy = with_scenario(control(), target=record.scenario.target, flow=record.scenario.flow)
    return judge(record, controls=[replace(healthy, slot=record.slot)])
