"""``target.runtime`` in a target file."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.target.loader import load_target
from harness.target.runtimes import RUNTIMES
from harness.target.schema_check import schema
from suites.selftest.target.conftest import GOOD
from suites.selftest.target_files import refusal, written


def test_the_schema_knows_the_runtimes_that_there_are() -> None:
    assert schema()["properties"]["target"]["properties"]["runtime"]["enum"] == list(RUNTIMES)


def test_it_is_read(tmp_path: Path) -> None:
    told = written(tmp_path, GOOD, ('ready = "/healthz"', 'ready = "/healthz"\nruntime = "node"'))
    assert load_target(told).runtime == "node"


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        ('runtime = "nodejs"', "captchaos.toml:5: target.runtime must be one of \"python\", \"node\", \"java\" and \"go\""),
        ('runtme = "node"', "captchaos.toml:5: target.runtme is not a known key; did you mean 'runtime'?"),
    ],
)
def test_a_mistake_in_it_is_answered_with_what_was_expected(tmp_path: Path, said: str, complaint: str) -> None:
    told = written(tmp_path, GOOD, ('ready = "/healthz"', f'ready = "/healthz"\n{said}'))
    assert complaint in refusal(told, load_target)


def test_a_target_that_runs_already_cannot_be_led(tmp_path: Path) -> None:
    changes = (('start = "{python} app.py {port}"', 'url = "https://staging.example"\nruntime = "go"'),)
    complaint = refusal(written(tmp_path, GOOD, *changes), load_target)
    assert "captchaos.toml:4: target.runtime says how a started target is led, but this one has a url" in complaint
