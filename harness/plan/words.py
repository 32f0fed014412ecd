"""The words that choose scenarios, as the command line and an animal's file write them."""

from __future__ import annotations

import argparse
import shlex
from typing import NoReturn

from harness.errors import UsageError, closest
from harness.plan.select import Selection

_KINDS = (
    ("flow", "of this business flow"),
    ("mode", "that lead to this failure mode (its code)"),
    ("link", "on this network edge"),
    ("fault", "with this fault"),
    ("phase", "whose fault strikes in this phase"),
    ("oracle", "on which this oracle speaks (its slug)"),
)


def add_words(parser: argparse.ArgumentParser) -> None:
    """Add the words that choose scenarios; each but ``-k`` may be given more than once."""
    for word, what in _KINDS:
        parser.add_argument(f"--{word}", action="append", default=[], metavar=word.upper(), help=f"only scenarios {what}")
    parser.add_argument(
        "-k", dest="word", default="", metavar="PART", help="only the scenario of this id, or those whose id contains PART"
    )


def selection_of(args: argparse.Namespace) -> Selection:
    """What the words that were parsed select."""
    return Selection(
        flows=tuple(args.flow),
        modes=tuple(args.mode),
        links=tuple(args.link),
        faults=tuple(args.fault),
        phases=tuple(args.phase),
        oracles=tuple(args.oracle),
        word=args.word,
    )


def parse_words(text: str) -> Selection:
    """Read one line of words, quoted as in a shell; raises UsageError for a word that is none of them."""
    parser = _Words(allow_abbrev=False, add_help=False)
    add_words(parser)
    try:
        found, left = parser.parse_known_args(shlex.split(text))
    except ValueError as error:
        raise UsageError(f"{text!r} cannot be split into words: {error}") from error
    if left:
        known = [f"--{word}" for word, _ in _KINDS] + ["-k"]
        raise UsageError(f"{left[0]!r} is no word that chooses scenarios{closest(left[0], known)}")
    return selection_of(found)


class _Words(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)
