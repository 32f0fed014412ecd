"""A schedule is read by people, written as JSON, read back as it was, and refused in a sentence."""

import json
from typing import Any

import pytest

from harness.catalog import Phase, Schedule, Stroke, Warmth
from harness.errors import UsageError
from harness.journal.codec import decode, encode

TWO = Schedule(
    strokes=(
        Stroke(link="frame", fault="latency", parameters=(("latency_ms", 700),), warmth=Warmth.WARM),
        Stroke(link="verdict", fault="hang", phase=Phase.DURING_VERDICT, lasts_ms=2000),
    )
)


def test_reads_as_a_line():
    line = "frame latency latency_ms=700, warm, before-load; then verdict hang, cold, during-verdict, for 2000 ms"
    assert str(TWO) == line


def test_one_without_faults_says_so():
    assert str(Schedule()) == "nothing is broken"


def test_what_is_written_as_json_is_read_back():
    assert Schedule.from_data(json.loads(json.dumps(TWO.as_data()))) == TWO


def test_a_journal_writes_it_in_the_same_form():
    assert encode(TWO) == TWO.as_data()
    assert decode(Schedule, TWO.as_data()) == TWO


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ([], "schedule must be an object, not []"),
        ({"stroke": []}, "schedule has no field 'stroke'; did you mean 'strokes'?"),
        ({"strokes": {}}, "schedule.strokes must be a list, not {}"),
        ({"strokes": [{"link": "frame"}]}, "schedule.strokes[0].fault must be a name, not None"),
        (
            {"strokes": [{"link": "frame", "fault": "hang", "phase": "mid-chalenge"}]},
            "schedule.strokes[0].phase must be one of its words, not 'mid-chalenge'; did you mean 'mid-challenge'?",
        ),
        (
            {"strokes": [{"link": "frame", "fault": "hang", "lasts_ms": True}]},
            "schedule.strokes[0].lasts_ms must be a whole number from 1, not True",
        ),
        (
            {"strokes": [{"link": "frame", "fault": "hang", "parameters": [["latency_ms"]]}]},
            "schedule.strokes[0].parameters[0] must be [name, number], not ['latency_ms']",
        ),
        (
            {"strokes": [{"link": "frame", "fault": "hang", "lasts_ms": 0}]},
            "schedule.strokes[0].lasts_ms must be a whole number from 1, not 0",
        ),
    ],
)
def test_a_mistake_is_one_sentence(data: Any, sentence: str):
    with pytest.raises(UsageError) as refused:
        Schedule.from_data(data)
    assert str(refused.value) == sentence
