"""`captchaos --help` loads nothing of weight, and says what the verbs say of themselves."""

from __future__ import annotations

import argparse
import subprocess
import sys

from harness.cli.main import VERBS, build_parser

LIGHT = {"harness", "harness.errors", "harness.cli", "harness.cli.main", "harness.report", "harness.report.text"}
LIGHT |= {"harness.setup", "harness.setup.places"}
LOADED = """
import sys
from harness.cli.main import build_parser
build_parser(["--help"])
print(*[name for name in sys.modules if name.startswith("harness")])
"""


def test_help_loads_no_verb_and_no_library() -> None:
    """Without its site packages (``-S``) Python has no library to load."""
    done = subprocess.run([sys.executable, "-S", "-c", LOADED], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == LIGHT


def test_help_says_of_each_verb_what_the_verb_says_of_itself() -> None:
    def said(parser: argparse.ArgumentParser) -> dict[str, str | None]:
        (verbs,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
        return {choice.dest: choice.help for choice in verbs._choices_actions}

    assert said(build_parser()) == VERBS == said(build_parser([]))
