"""``captchaos init``: look at an application and write a target file, a flow and a CI workflow for it; never over a file."""

from __future__ import annotations

import argparse
import functools
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

from harness.errors import ExitCode, UsageError
from harness.init import answers
from harness.init.answers import Ask, Check, Question, at_terminal, flagged, taken
from harness.init.fetching import fetch_page
from harness.init.looking import Looked, Stack, look_at, runtime_of
from harness.init.writing import WORKFLOWS, Wish, write_all
from harness.plan.build import make_plan
from harness.providers.base import PROVIDERS
from harness.report.text import one_line
from harness.target.loader import FILE_NAME, load_target
from harness.target.problems import display


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser(
        "init",
        help="write a target file, a flow and a CI workflow for your application",
        description="Look at an application, and write a target file, a flow and a CI workflow; no file is ever overwritten.",
        epilog="Exit codes: 0 written, 3 nothing is recognised, nothing here serves its captcha, or the file is there already.",
    )
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="the application (default: here)")
    parser.add_argument("--name", help="its name (default: the folder's)")
    parser.add_argument("--start", default="", help="the command that starts it, with {port} in it")
    parser.add_argument("--provider", default="", help="its captcha, where it is not recognised: tencent_web, geetest_v4 …")
    parser.add_argument("--flow", default="", help="the flow's name (default: checkout)")
    parser.add_argument("--page", default="", metavar="PATH", help="the path of the page with the captcha (default: /)")
    parser.add_argument("--url", default="", help="look at this page of the running application, too")
    parser.add_argument("--ready", default="", metavar="PATH", help="a path that answers once it serves (default: the page's)")
    parser.add_argument("--effects", default="", metavar="PATH", help="a path that lists what was done, as JSON")
    parser.add_argument("--count", default="", metavar="JSONPATH", help="what is counted there, such as $.orders[*]")
    parser.add_argument("--ci", action="append", choices=[*WORKFLOWS, "none"], help="which workflow (default: github)")
    parser.add_argument("--yes", action="store_true", help="ask nothing, take what was seen")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Look, ask where somebody can answer, write, and say what to do next."""
    folder = Path(args.folder)
    if not folder.is_dir():
        raise UsageError(f"there is no folder {display(folder)}: name the one that holds the application")
    if (folder / FILE_NAME).exists():
        raise UsageError(f"{display(folder / FILE_NAME)} is there already, and init overwrites nothing: move it, or edit it")
    looked = look_at(folder, fetch_page(args.url) if args.url else ())
    _tell(looked)
    ask = at_terminal if sys.stdin.isatty() and not args.yes else taken
    wish = _wish(args, folder, looked, ask)
    # What was written must be right by itself.
    for one in write_all(folder, wish, looked, lambda: make_plan(load_target(folder / FILE_NAME))):
        _say(f"{'kept as it was' if one.kept else 'written'}: {display(one.file)}")
    _say(f"next: look at what is marked CHANGE, then: captchaos doctor --target {display(folder / FILE_NAME)}")
    return ExitCode.ALL_PASS


def _tell(looked: Looked) -> None:
    for one in looked.captchas:
        served = one.captcha.provider or "captchaos has no provider for it, so nothing of it can be tried here"
        _say(f"seen: {one.captcha.name} ({served}), by {one.word!r} in {one.place}")
    if looked.stack is not None:
        _say(f"seen: {looked.stack.name}, started by: {looked.stack.start}")


def _provider(said: str, looked: Looked, ask: Ask) -> str:
    """The captcha that the file will name; raises UsageError where there is none that is served here."""
    if said:
        PROVIDERS.get(said)
        return said
    served = [one.captcha.provider for one in looked.captchas if one.captcha.provider]
    known = ", ".join(PROVIDERS.all())
    if looked.captchas and not served:
        names = " and ".join(one.captcha.name for one in looked.captchas)
        raise UsageError(
            f"nothing is written: for {names} captchaos has no provider; it has: {known}. "
            "One more can be added from a package of your own: docs/providers.md"
        )
    if len(served) == 1:
        return served[0]
    what = f"which captcha ({known})"
    if not served and ask is taken:
        seen = f"no captcha was recognised in {looked.files} files"
        raise UsageError(f"nothing is written: {seen}: name it by --provider; known: {known}")
    return ask(Question(what=what, found=served[0] if served else "", check=answers.provider))


def _wish(args: argparse.Namespace, folder: Path, looked: Looked, ask: Ask) -> Wish:
    def said(flag: str, what: str, found: str, check: Check) -> str:
        given = getattr(args, flag)
        return flagged(f"--{flag}", given, check) if given else ask(Question(what=what, found=found, check=check))

    provider = _provider(args.provider, looked, ask)
    stack, (records, listed) = looked.stack, looked.records
    page = said("page", "path of the page with the captcha", urlsplit(args.url).path or "/", answers.path)
    by_variable = stack is not None and "{port}" in "".join(stack.env.values())
    started = functools.partial(answers.start, port_elsewhere=by_variable)
    env, start = answers.command(
        said("start", "command that starts it, with {port} in it", stack.start if stack is not None else "", started)
    )
    return Wish(
        name=_name(args.name or folder.resolve().name),
        provider=provider,
        start=start,
        env=_env(stack, env),
        runtime=runtime_of(start) or (stack.runtime if stack is not None else ""),
        flow=said("flow", "name of the flow", "checkout", answers.flow),
        page=page,
        ready=flagged("--ready", args.ready or page, answers.path),
        effects=said("effects", "path that lists what was done, as JSON", records or "/CHANGE-ME.json", answers.path),
        count=said("count", "JSONPath of what is counted there", f"$.{listed}[*]" if listed else "$[*]", answers.json_path),
        ci=tuple(kind for kind in (args.ci or ["github"]) if kind != "none"),
    )


def _env(stack: Stack | None, own: dict[str, str]) -> dict[str, str]:
    return {**(stack.env if stack is not None else {}), **own}


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "app"


def _say(line: str) -> None:
    print(one_line(line, 400))  # noqa: T201 - the verb's product
