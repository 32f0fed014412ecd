"""``pytest suites/fuzz --hypothesis-show-statistics`` says of what the examples were, by label, and what became of them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def shown(file: str, words: str) -> dict[str, list[str]]:
    """The events of each test whose statistics a session shows."""
    command = [sys.executable, "-m", "pytest", f"suites/fuzz/{file}", "-k", words, "-q", "--hypothesis-show-statistics"]
    session = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=800, check=False)
    assert session.returncode == 0, session.stdout + session.stderr
    of_tests: dict[str, list[str]] = {}
    for line in session.stdout.partition("Hypothesis Statistics")[2].splitlines():
        if named := re.fullmatch(r"suites/fuzz/\S+::(\S+):", line):
            events = of_tests[named[1]] = []
        elif told := re.fullmatch(r"\s+\* \d+\.\d+%, (.+)", line):
            events.append(told[1])
    return of_tests


@pytest.mark.nightly
def test_tickets_are_told_by_label_and_by_what_became_of_them() -> None:
    of_tests = shown("test_tickets_over_http.py", "gains_nothing")
    assert list(of_tests) == [f"test_worthless_ticket_gains_nothing[{part}]" for part in ("same-every-time", "exploring")]
    for events in of_tests.values():
        labels = {told.rpartition(": ")[0] for told in events if told.endswith(": turned away")}
        assert len(labels) > 5, events


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("file", "words", "told"),
    [
        ("test_callbacks_in_the_browser.py", "documented_state", ": ready"),
        ("test_users_and_faults.py", "keeps_its_word", "honest: let in (health)"),
    ],
)
def test_callbacks_and_users_are_told_too(file: str, words: str, told: str) -> None:
    (events,) = shown(file, words).values()
    assert [one for one in events if one.endswith(told)], events
