"""What a schema cannot say of a target file: keys that contradict each other, and things they name that are not there."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness.errors import closest
from harness.target import flowfile, jsonpaths
from harness.target.live import live_problems
from harness.target.placeholders import LATE_NAMES, is_known, names_in, unknown_names
from harness.target.policies import policy_conflicts
from harness.target.problems import Problem, display, dotted, near
from harness.target.ranges import range_problems
from harness.target.spec import BROWSER, LET_THROUGH, RECORD
from harness.target.steps import NAMES as STEP_NAMES
from harness.target.steps import STEPS
from harness.target.storage import storage_complaint
from harness.target.toml_lines import KeyPath
from harness.target.waivers import waiver_problems

Table = Mapping[str, Any]
_SUBMIT_NAMES = ("ticket", "randstr", "account")
_OF_A_PAGE = ("before", "storage", "watchdog_ms", "challenge_watchdog_ms", "entry_deadline_ms", "aid", "client", "profile")
_TYPING_STEPS = {"fill", "select"}
_OTHERWISE_NAMES = ("account", "unix_s")
_BEFORE_NAMES = ("account",)
_COUNTER_NAMES = ("lab.dir", "port", "python")


def contradictions(document: Table, folder: Path) -> Iterator[Problem]:
    """Every contradiction in a document that keeps to the schema."""
    yield from _process(document["target"], folder)
    yield from range_problems(document["target"])
    yield from _placeholders(document["target"])
    yield from _providers_named(document["target"].get("env", {}), document.get("providers", {}))
    for name, written in document["flows"].items():
        if "steps" in written:
            yield from _steps(("flows", name), written)
        flow = {"browser": STEPS, **written} if "steps" in written else written
        yield from _provider(("flows", name), flow, document.get("providers", {}))
        yield from _flow(("flows", name), flow, folder)
        yield from _aid(("flows", name), flow)
        yield from _load(("flows", name), flow)
        yield from policy_conflicts(("flows", name), flow)
        yield from _step_up(("flows", name), flow)
        yield from _otherwise(("flows", name), flow)
        yield from _in_page(("flows", name), flow)
        yield from _json_paths(("flows", name), flow)
    yield from _third_party(document.get("third_party", {}), folder)
    yield from live_problems(document, folder)
    yield from waiver_problems(document.get("waivers", ()), datetime.now(UTC).date())


def _process(target: Table, folder: Path) -> Iterator[Problem]:
    at: KeyPath = ("target",)
    isolation = target.get("isolation", "scenario")
    if "start" in target and "url" in target:
        yield _problem((*at, "url"), "stands beside target.start: say one of them, a command to run or a place where it runs")
    elif "url" in target and target.get("isolation") == "scenario":
        yield _problem((*at, "isolation"), "is 'scenario', but a target with a url already runs: only 'slot' is possible")
    elif "start" not in target and "url" not in target:
        yield Problem(at=at, sentence="target has neither start nor url: say the command that runs it, or where it runs")
    elif "start" in target:
        yield from _started(target)
    if "shared" in target and "url" not in target:
        yield _problem((*at, "shared"), "is of a target that runs already, and there is no target.url")
    if "runtime" in target and "url" in target:
        yield _problem((*at, "runtime"), "says how a started target is led, but this one has a url and runs already")
    if "reset" in target and isolation == "scenario" and "url" not in target:
        yield _problem((*at, "reset"), "is never run: it needs target.isolation = 'slot'")
    if "cwd" in target and not (folder / target["cwd"]).is_dir():
        yield _problem((*at, "cwd"), f"names {target['cwd']!r}, which is not a folder in {display(folder)}")


def _started(target: Table) -> Iterator[Problem]:
    told = [target["start"], *target.get("env", {}).values()]
    if not any("{port}" in text for text in told):
        yield _problem(("target", "start"), "never says {port}, nor does target.env: the lab must choose the port")
    if target.get("isolation") == "slot" and "reset" not in target:
        yield _problem(("target", "isolation"), "is 'slot' without target.reset: say the command that puts the target back")


def _placeholders(target: Table) -> Iterator[Problem]:
    commands: dict[KeyPath, str] = {("target", key): target[key] for key in ("start", "reset") if key in target}
    variables: dict[KeyPath, str] = {("target", "env", name): text for name, text in target.get("env", {}).items()}
    for at, text in {**commands, **variables}.items():
        for name, hint in unknown_names(text):
            yield _problem(at, f"says {{{name}}}, which the lab does not know{hint}")
    for at, text in commands.items():
        for name in filter(is_known, names_in(text)):
            if name not in LATE_NAMES:
                yield _problem(
                    at, f"says {{{name}}}: a command may use {{port}} and {{python}}; hand the rest over in target.env"
                )


def _provider(at: KeyPath, flow: Table, providers: Table) -> Iterator[Problem]:
    if (name := flow.get("provider")) is not None and name not in providers:
        yield _problem((*at, "provider"), f"is {name!r}, but there is no [providers.{name}]{near(name, providers)}")


def _providers_named(env: Table, providers: Table) -> Iterator[Problem]:
    for variable, text in env.items():
        for name in names_in(text):
            table, _, rest = name.partition(".")
            if table == "providers" and (known := rest.partition(".")[0]) not in providers:
                lack = f"says {{{name}}}, but there is no [providers.{known}]{near(known, providers)}"
                yield _problem(("target", "env", variable), lack)


def _flow(at: KeyPath, flow: Table, folder: Path) -> Iterator[Problem]:
    completed = flow["completed"]
    if "browser" not in flow and "submit" not in flow:
        yield Problem(at=at, sentence=f"{dotted(at)} has neither browser nor steps nor submit: nobody can perform it")
    if "browser" in flow:
        yield from _functions(at, flow, folder)
        if not _by_answers(flow) and not {"selector", "url"} & completed.keys():
            yield _problem((*at, "completed"), "has neither selector nor url: a browser could not see that the flow is done")
    else:
        for key in _OF_A_PAGE:
            if key in flow:
                yield _problem((*at, key), f"is of a page, but {dotted(at)} has no browser")
    yield from _client(at, flow)
    if "watchdog_code" in flow and "watchdog_ms" not in flow:
        yield _problem((*at, "watchdog_code"), f"needs {dotted((*at, 'watchdog_ms'))}: no watchdog, no ticket of its own")
    if "submit" in flow:
        if not {"status", "json"} & completed.keys():
            yield _problem((*at, "completed"), "has neither status nor json: an answer to submit could not be read")
        yield from _submit((*at, "submit"), flow["submit"])


def _functions(at: KeyPath, flow: Table, folder: Path) -> Iterator[Problem]:
    for key in ("browser", "before"):
        if key in flow and flow[key] != STEPS and (complaint := flowfile.complaint(folder, flow[key])):
            yield _problem((*at, key), complaint)
    if "storage" in flow and (complaint := storage_complaint(folder / flow["storage"], flow["storage"])):
        yield _problem((*at, "storage"), complaint)


def _steps(at: KeyPath, flow: Table) -> Iterator[Problem]:
    """What is wrong with a flow's steps: whoever solves a captcha must have asked for it."""
    if "browser" in flow:
        yield _problem((*at, "steps"), f"stands beside {dotted((*at, 'browser'))}: say one of them")
    done = [key for step in flow["steps"] for key in step if key != "with"]
    for number, step in enumerate(flow["steps"]):
        here: KeyPath = (*at, "steps", number)
        if len([key for key in step if key != "with"]) != 1:
            yield Problem(at=here, sentence=f"{dotted(here)} must do one thing: {', '.join(step) or 'nothing'} stands there")
        if ("with" in step) != bool(_TYPING_STEPS & step.keys()):
            yield Problem(at=here, sentence=f"{dotted(here)}: with is the text of fill and of select, and of nothing else")
        for name in names_in(step):
            if name not in STEP_NAMES:
                yield _problem(here, f"says {{{name}}}, which the lab does not know{closest(name, STEP_NAMES)}")
    if "show" not in done or "solve" not in done:
        lack = "show" if "show" not in done else "solve"
        yield _problem((*at, "steps"), f"never says {lack}: the click that asks for the captcha is show, and solve solves it")


def _by_answers(flow: Table) -> bool:
    """Whether the outcome is read from the answers to the flow's own requests, not from a page."""
    return bool(flow.get("client", BROWSER) != BROWSER)


def _client(at: KeyPath, flow: Table) -> Iterator[Problem]:
    if _by_answers(flow) and "submit" not in flow:
        yield _problem((*at, "client"), f"needs {dotted((*at, 'submit'))}: its answer alone tells that the flow is done")


def _aid(at: KeyPath, flow: Table) -> Iterator[Problem]:
    if "aid" in flow and urlsplit(flow["aid"]).path == urlsplit(flow.get("submit", {}).get("path", "")).path:
        yield _problem((*at, "aid"), "is the path of submit too: the two could not be told apart")


def _load(at: KeyPath, flow: Table) -> Iterator[Problem]:
    if "load" in flow and "submit" not in flow:
        yield _problem((*at, "load"), f"needs {dotted((*at, 'submit'))}: a crowd has no browsers")


def _submit(at: KeyPath, submit: Table) -> Iterator[Problem]:
    yield from _body(at, submit)
    yield from _before(at, submit)
    used = list(names_in(_filled(submit)))
    if "ticket" not in used:
        yield _problem(at, "never says {ticket}: the ticket would not reach the target")
    for name in used:
        if name not in (*_SUBMIT_NAMES, "csrf") and (hint := near(name, _SUBMIT_NAMES)):
            yield _problem(at, f"says {{{name}}}, which the lab does not know{hint}")


def _body(at: KeyPath, request: Table) -> Iterator[Problem]:
    bodies = [key for key in ("json", "form", "multipart", "graphql") if key in request]
    for more in bodies[1:]:
        yield _problem((*at, more), f"stands beside {dotted((*at, bodies[0]))}: a request has one body")
    says = "csrf" in names_in(_filled(request))
    if says and "csrf" not in request:
        yield _problem(at, "says {csrf}, but no csrf says from which page it is taken")
    if "csrf" in request and not says:
        yield _problem((*at, "csrf"), f"is taken in vain: {dotted(at)} never says {{csrf}}")


def _filled(request: Table) -> Table:
    """What of a request itself is filled in: a GraphQL operation's own braces are none of ours."""
    own = {key: value for key, value in request.items() if key != "before"}
    return {**own, "graphql": own["graphql"].get("variables", {})} if "graphql" in own else own


def _before(at: KeyPath, request: Table) -> Iterator[Problem]:
    """What is sent before a request knows who sends it, and nothing of a captcha."""
    if (before := request.get("before")) is None:
        return
    at = (*at, "before")
    yield from _body(at, before)
    for name in names_in(before):
        if name not in (*_BEFORE_NAMES, "csrf"):
            yield _problem(at, f"says {{{name}}}, which the lab does not know{closest(name, _BEFORE_NAMES)}")


def _effects(at: KeyPath, effects: Table) -> Iterator[Problem]:
    """Effects are counted in one way, and each way has its own keys."""
    ways = [key for key in ("get", "sql", "command", "log") if key in effects]
    if len(ways) != 1:
        said = f"says {' and '.join(ways)}" if ways else "says nothing"
        yield _problem(at, f"{said}: effects are counted by one of get (with count), sql (with database), command and log")
        return
    for key, way in (("count", "get"), ("verified", "get"), ("database", "sql")):
        if key in effects and ways[0] != way:
            yield _problem((*at, key), f"goes with {way}, but {dotted((*at, ways[0]))} counts")
    for way, key in (("get", "count"), ("sql", "database")):
        if ways[0] == way and key not in effects:
            yield _problem(at, f"has no {key}, without which {way} counts nothing")
    if "log" in effects:
        try:
            re.compile(effects["log"])
        except re.error as error:
            yield _problem((*at, "log"), f"is no regular expression: {error}")
    yield from _counters(at, effects)


def _counters(at: KeyPath, effects: Table) -> Iterator[Problem]:
    """A counter beside the target knows where the target runs, and nothing of the captcha."""
    for key in ("command", "database"):
        text = effects.get(key, "")
        for name, hint in unknown_names(text):
            yield _problem((*at, key), f"says {{{name}}}, which the lab does not know{hint}")
        for name in filter(is_known, names_in(text)):
            if name not in _COUNTER_NAMES:
                yield _problem((*at, key), f"says {{{name}}}, which nothing fills in there{closest(name, _COUNTER_NAMES)}")


def _step_up(at: KeyPath, flow: Table) -> Iterator[Problem]:
    step_up = flow.get("step_up")
    if step_up is None:
        return
    if _by_answers(flow) and "confirm" not in step_up:
        yield _problem((*at, "step_up"), "has no confirm: how is the code sent, where there is no page?")
    if "browser" in flow and not _by_answers(flow) and "selector" not in step_up:
        yield _problem((*at, "step_up"), "has no selector: where in the page is the code typed?")
    if "submit" in flow and "status" not in step_up:
        yield _problem((*at, "step_up"), "has no status: how would an offer be told from a refusal over HTTP?")
    if "confirm" in step_up:
        yield from _body((*at, "step_up", "confirm"), step_up["confirm"])
        if "before" in step_up["confirm"]:
            yield _problem((*at, "step_up", "confirm", "before"), "is in vain: the cookies of submit are sent on")
        if "code" not in names_in(step_up["confirm"]):
            yield _problem((*at, "step_up", "confirm"), "never says {code}: the second factor would not reach the target")


def _otherwise(at: KeyPath, flow: Table) -> Iterator[Problem]:
    at, otherwise, flow_at = (*at, "otherwise"), flow.get("otherwise", {}), at
    if otherwise and "browser" not in flow:
        yield _problem(at, f"is tried beside a visit that meets a fault, but {dotted(flow_at)} has no browser")
    if "explains" in otherwise and _by_answers(flow):
        yield _problem((*at, "explains"), f"is of a page, but {dotted((*flow_at, 'client'))} is {flow['client']!r}")
    for key, other in (("submit", "completed"), ("completed", "submit")):
        if key in otherwise and other not in otherwise:
            yield _problem((*at, key), f"needs {dotted((*at, other))}: a request, and how its answer looks when it is done")
    if "submit" in otherwise:
        yield from _body((*at, "submit"), otherwise["submit"])
        yield from _before((*at, "submit"), otherwise["submit"])
        for name in names_in(_filled(otherwise["submit"])):
            if name not in (*_OTHERWISE_NAMES, "csrf"):
                lack = f"says {{{name}}}, which the lab does not know{closest(name, _OTHERWISE_NAMES)}"
                yield _problem((*at, "submit"), lack)


def _in_page(at: KeyPath, flow: Table) -> Iterator[Problem]:
    for key in ("busy", "explains", "return_parameter"):
        if key in flow and "browser" not in flow:
            yield _problem((*at, key), f"is of a page, but {dotted(at)} has no browser")
        elif key in flow and _by_answers(flow):
            yield _problem((*at, key), f"is of a page, but {dotted((*at, 'client'))} is {flow['client']!r}")


def _json_paths(at: KeyPath, flow: Table) -> Iterator[Problem]:
    yield from _effects((*at, "effects"), flow["effects"])
    written: dict[KeyPath, str] = {(*at, "effects", "count"): flow["effects"].get("count", "$")}
    written |= {(*at, "completed", "json", path): path for path in flow["completed"].get("json", {})}
    other = flow.get("otherwise", {}).get("completed", {}).get("json", {})
    written |= {(*at, "otherwise", "completed", "json", path): path for path in other}
    if "step_up" in flow:
        written[(*at, "step_up", "code", "json")] = flow["step_up"]["code"]["json"]
    for path, expression in written.items():
        if complaint := jsonpaths.complaint(expression):
            yield _problem(path, f"is no JSONPath: {complaint}")


def _third_party(hosts: Mapping[str, str], folder: Path) -> Iterator[Problem]:
    for host, source in hosts.items():
        if source not in (*LET_THROUGH, RECORD) and not (folder / source).is_dir():
            hint = near(source, (*LET_THROUGH, RECORD, *_folders_beside(source, folder)))
            rest = f"names {source!r}, which is neither 'record' nor 'allow' nor a folder in {display(folder)}{hint}"
            yield _problem(("third_party", host), rest)


def _folders_beside(source: str, folder: Path) -> Iterator[str]:
    """The folders that stand where the missing one was looked for, as the file would name them."""
    around = Path(source).parent
    with contextlib.suppress(OSError):
        yield from (str(around / entry.name) for entry in (folder / around).iterdir() if entry.is_dir())


def _problem(at: KeyPath, rest: str) -> Problem:
    return Problem(at=at, sentence=f"{dotted(at)} {rest}")
