"""The journal's form: what is written is what is read, and what is broken is said in a sentence."""

from __future__ import annotations

import dataclasses
import json
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import JournalError
from harness.journal import model
from harness.journal.codec import decode, encode

FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)  # lone surrogates too: pages make them
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TYPES = [getattr(model, name) for name in dir(model) if dataclasses.is_dataclass(getattr(model, name))]


def of(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type of the model, drawn without the codec's help."""
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{field.name: of(hints[field.name]) for field in dataclasses.fields(hint)})
    args = get_args(hint)
    if get_origin(hint) is tuple:
        return st.lists(of(args[0]), max_size=3).map(tuple) if args[-1] is Ellipsis else st.tuples(*map(of, args))
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(*map(of, args))
    return {float: FINITE, str: ANY_TEXT}.get(hint, st.from_type(hint))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@FEW
@given(data=st.data())
def test_every_type_of_the_model_survives_the_round_trip(kind: type, data: st.DataObject) -> None:
    value = data.draw(of(kind))
    line = json.dumps(encode(value), allow_nan=False)
    assert decode(kind, json.loads(line)) == value


def test_the_model_has_its_types_here_at_all() -> None:
    assert {"Record", "RunInfo", "Judgement", "Scenario", "Evidence"} <= {kind.__name__ for kind in TYPES}


JUDGEMENT = {"verdict": "fail", "findings": [], "fault_felt": True, "unknown_because": ""}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"verdict": "passed"}, "Judgement.verdict should be one of 'pass', 'fail', 'unknown', 'waived' and is 'passed'"),
        ({"fault_felt": 1}, "Judgement.fault_felt should be true or false and is 1"),
        ({"findings": {}}, "Judgement.findings should be a list and is {}"),
        ({"findings": [7]}, "Judgement.findings[0] should be an object that holds a Finding and is 7"),
        (
            {"fault_fell": True},
            "Judgement has a field 'fault_fell' that this version does not know; did you mean 'fault_felt'?",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(change: dict[str, object], sentence: str) -> None:
    with pytest.raises(JournalError) as refused:
        decode(model.Judgement, JUDGEMENT | change)
    assert str(refused.value) == sentence


def test_a_missing_field_without_a_default_is_named() -> None:
    with pytest.raises(JournalError, match=r"^Moment lacks its field 'page_ms'$"):
        decode(model.Moment, {"at_ms": 1})


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), "1", True, None])
def test_a_time_that_is_no_finite_number_is_never_written(bad: object) -> None:
    with pytest.raises(JournalError, match=r"Moment\.at_ms should be a finite number"):
        encode(model.Moment(at_ms=bad, page_ms=0.0))  # type: ignore[arg-type]
