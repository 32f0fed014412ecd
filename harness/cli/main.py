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
from harness.report.text import no_commands, visible
from harness.setup.places import cache_dir

# What `captchaos --help` says of each, here too: to ask every verb would load a browser's driver, a web server and more.
VERBS = {
    "setup": "find or install the Toxiproxy server and the browser",
    "doctor": "check everything a run needs",
    "run": "run the scenarios of a target and write the report (the main job)",
    "plan": "list the scenarios, without running them",
    "fuzz": "search for failures that nobody listed; each is made small, and kept as a case that pytest re-runs",
    "discover": "learn every host that the healthy flows ask for, and which of them no scenario breaks",
    "replay": "run one recorded scenario, or a kept case, again; --minimise makes its faults fewer and shorter",
    "cliff": "find how slow, thin or lossy a link may get before a flow falls back, and before it breaks",
    "zoo": "run the shops with known bugs, and say which was killed by what",
    "report": "make a run's report again from its journal, or open it",
    "init": "write a target file, a flow and a CI workflow for your application",
    "serve": "run one provider's emulator by itself",
}
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


def build_parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """Return the parser with every verb in it; with ``words``, only the verb that they name is whole."""
    parser = _Parser(prog="captchaos", description=harness.__doc__)
    parser.add_argument("--version", action="version", version=f"captchaos {harness.__version__}")
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser]
    subparsers = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=_Parser)
    for name, says in VERBS.items():
        if words is None or name == _verb_in(words):
            module: Verb = importlib.import_module(f"harness.cli.{name}")
            module.add_parser(subparsers)
        else:
            subparsers.add_parser(name, help=says)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; every failure is one sentence on stderr, never a traceback."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        _demand_known_verb(words)
        args = build_parser(words).parse_args(words)
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
    verb = _verb_in(words)
    if verb is not None and verb not in VERBS:
        raise UsageError(f"no verb is called {verb!r}{closest(verb, VERBS)}")


def _verb_in(words: Sequence[str]) -> str | None:
    return next((word for word in words if not word.startswith("-")), None)


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
    # What a target has printed may stand in it; only lines may be broken by it.
    sys.stderr.write(f"captchaos: {no_commands(visible(sentence, len(sentence)))}\n")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
