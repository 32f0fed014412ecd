"""What may be said to the questions of ``captchaos init``, by flag or at a terminal: each check returns a sentence, or ""."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.errors import HarnessError, UsageError
from harness.providers.base import PROVIDERS
from harness.report.text import one_line
from harness.target import jsonpaths
from harness.target.placeholders import unknown_names

Check = Callable[[str], str]
Ask = Callable[["Question"], str]
_SHELL = {"&&", "||", "|", ";", "&", ">", ">>", "<", "cd", "export", "source"}
_ASSIGNMENTS = re.compile(r"""(?:[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"'])*(?:\s+|$))*""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, what is taken where nothing is said, and the check of an answer."""

    what: str
    found: str
    check: Check


def at_terminal(question: Question) -> str:
    """Ask until the answer is right; raises UsageError where nobody can answer any more."""
    while True:
        try:
            said = input(f"{question.what} [{one_line(question.found)}]: ").strip() or question.found
        except EOFError:
            _say("")
            return taken(question)
        except KeyboardInterrupt:
            _say("")
            raise
        if not (complaint := question.check(said)):
            return said
        _say(f"  {one_line(complaint, 400)}")


def taken(question: Question) -> str:
    """Take what was found; raises UsageError where that is no answer."""
    if complaint := question.check(question.found):
        raise UsageError(f"nothing is written: {question.what}: {complaint}")
    return question.found


def flagged(flag: str, said: str, check: Check) -> str:
    """What a flag says; raises UsageError where that is wrong."""
    if complaint := check(said):
        raise UsageError(f"nothing is written: {flag} {one_line(said)!r}: {complaint}")
    return said


def path(text: str) -> str:
    """A path of the application."""
    if "://" in text:
        return f"a path, not an address: {urlsplit(text).path or '/'}"
    return "" if re.fullmatch(r"/[^\s]*", text) else "a path begins with / and has no space in it, such as /checkout"


def flow(text: str) -> str:
    """A flow's name."""
    right = re.fullmatch(r"[a-z0-9][a-z0-9_-]*", text)
    return "" if right else "a flow's name is of small letters, digits, '-' and '_', such as checkout"


def json_path(text: str) -> str:
    """A JSONPath."""
    wrong = jsonpaths.complaint(text)
    return f"no JSONPath ({wrong}); such as $.orders[*]" if wrong else ""


def provider(text: str) -> str:
    """The name of a provider."""
    try:
        PROVIDERS.get(text)
    except HarnessError as error:
        return str(error)
    return ""


def start(text: str, *, port_elsewhere: bool = False) -> str:
    """A command line that no shell reads; ``port_elsewhere``: a variable tells it the port already."""
    if not text:
        return "how the application is started was not seen: say it by --start, with {port} where it is told its port"
    try:
        words = shlex.split(text)
    except ValueError as error:
        return f"it cannot be split into words: {error}"
    if shell := next((word for word in words if word in _SHELL or word.endswith(";")), ""):
        return f"no shell reads it, so {shell!r} means nothing in it: one command, or a script of yours"
    if not command(text)[1]:
        return "there is no command in it"
    for name, hint in unknown_names(text):
        return f"{{{name}}} is nothing that the lab fills in{hint}"
    if "{port}" not in text and not port_elsewhere:
        return "{port} must stand in it, for the lab chooses it: `{python} app.py {port}`, or `PORT={port} node server.js`"
    return ""


def command(text: str) -> tuple[dict[str, str], str]:
    """A command line's own variables, as in ``PORT={port} node server.js``, and the rest of it."""
    own = _ASSIGNMENTS.match(text)
    end = own.end() if own else 0
    return dict(word.split("=", 1) for word in shlex.split(text[:end])), text[end:]


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a talk at a terminal
