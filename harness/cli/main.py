"""The command ``captchaos``: its verbs, and what the shell is told when one fails."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, Protocol

import harness
from harness.errors import ExitCode, HarnessError, UsageError, closest
from harness.setup.places import cache_dir

VERBS = ("setup", "doctor", "run", "plan", "zoo", "report", "serve")
INTERRUPTED = 130  # what shells expect after Ctrl-C
PIPE_CLOSED = 141  # and after SIGPIPE


class Verb(Protocol):
    """What a module ``harness.cli.<verb>`` provides."""

    def add_parser(self, subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        """Add the verb's parser, with ``run`` as its default ``run``."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it; return the exit code, raise HarnessError."""


class _Parser(argparse.ArgumentParser):
    """A parser whose complaints are the house's: one sentence with the closest match, exit code 3."""

    def __init__(self, **words: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **words})

    def format_help(self) -> str:
        """The help, where a docstring's marks for code are a reader's."""
        return super().format_help().replace("``", "`")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """Parse; what is left over is refused here, by the verb's own parser, which knows what it might have been."""
        found, left = super().parse_known_args(args, namespace)
        if left:
            word = left[0].partition("=")[0]
            raise UsageError(f"`{self.prog}` does not know {word!r}{closest(word, self._option_string_actions)}")
        return found, left

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see `{self.prog} --help`")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser with every verb in it."""
    parser = _Parser(prog="captchaos", description=harness.__doc__)
    parser.add_argument("--version", action="version", version=f"captchaos {harness.__version__}")
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser]
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    for name in VERBS:
        module: Verb = importlib.import_module(f"harness.cli.{name}")
        module.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; every failure is one sentence on stderr, never a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        _demand_known_verb(words)
        args = build_parser().parse_args(words)
        return int(args.run(args))
    except HarnessError as error:
        return _say(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has enough (`captchaos plan | head`); what is buffered must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is, it becomes a sentence and a file
        return _say(_unexpected(error), ExitCode.LABORATORY)


def _demand_known_verb(words: Sequence[str]) -> None:
    verb = next((word for word in words if not word.startswith("-")), None)
    if verb is not None and verb not in VERBS:
        raise UsageError(f"no verb is called {verb!r}{closest(verb, VERBS)}")


def _unexpected(error: Exception) -> str:
    said = " ".join(str(error).split())[:300]
    return f"something unforeseen broke ({type(error).__name__}: {said}): {_keep_traceback(error)}"


def _keep_traceback(error: Exception) -> str:
    path = Path(cache_dir()) / "tracebacks" / f"{time.strftime('%Y%m%d-%H%M%S')}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError as reason:
        return f"the details could not be kept at {path} ({reason.strerror})"
    return f"please report it with {path}"


def _say(sentence: str, code: int) -> int:
    sys.stderr.write(f"captchaos: {sentence}\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
