"""Write the files of a new target: never over one that is there."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.errors import ConfigurationError
from harness.init.looking import Looked
from harness.init.pages import Field, Form
from harness.providers.base import PROVIDERS, HasExample
from harness.target.problems import display

# Which of the provider's values a variable of the application is for, by what stands in its name; the first that fits.
_MEANINGS = (
    (r"SECRET_?ID", "{provider.secret_id}"),
    (r"APP_?SECRET|CAPTCHA_KEY|GEETEST_KEY|CAPTCHA_?SECRET$", "{provider.app_secret}"),
    (r"SECRET_?KEY", "{provider.secret_key}"),
    (r"(?:APP|CAPTCHA|SITE)_?(?:ID|KEY)$|APPID|GEETEST_ID", "{provider.app_id}"),
)
_ENDPOINT = re.compile(r"URL|ENDPOINT|_API$|HOST")
# What GitLab's image of Python lacks for an application of another runtime: packages of Debian's.
_GETS = {"node": "nodejs npm", "go": "golang-go", "java": "default-jdk"}
WORKFLOWS = {"github": ".github/workflows/captchaos.yml", "gitlab": ".gitlab-ci.captchaos.yml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be written: what was said, or what was seen where nothing was said."""

    name: str
    provider: str
    start: str
    env: Mapping[str, str]
    runtime: str
    flow: str
    page: str
    ready: str
    effects: str
    count: str
    ci: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One file that was written, or was there before and is as it was."""

    file: Path
    kept: bool


def write_all(folder: Path, wish: Wish, looked: Looked, check: Callable[[], object]) -> list[Written]:
    """Write target file, flow and workflows into a folder, all or none: ``check`` raises where they are wrong.

    Raises ConfigurationError where that cannot be done.
    """
    flows = _free(folder)
    words = _words(wish, looked, flows.name)
    plan = {"captchaos.toml.j2": folder / "captchaos.toml", "flows.py.j2": flows}
    plan |= {f"{kind}.yml.j2": folder / WORKFLOWS[kind] for kind in wish.ci}
    templates = Environment(
        loader=PackageLoader("harness.init"), undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True,
        lstrip_blocks=True, autoescape=False,  # noqa: S701 - what is written is TOML, Python and YAML
    )  # fmt: skip
    texts = {file: templates.get_template(name).render(words) for name, file in plan.items()}
    written: list[Written] = []
    made: list[Path] = []
    try:
        for file, text in texts.items():
            made += _make_folders(file.parent)
            written.append(_write(file, text))
        check()
    except BaseException:  # Ctrl-C, too: where half of them stand, the next init would refuse to write the rest
        _take_back(written, made)
        raise
    return written


def _free(folder: Path) -> Path:
    """A name for the flows that no file has."""
    more = (f"captchaos_flows_{number}.py" for number in itertools.count(2))
    names = itertools.chain(("flows.py", "captchaos_flows.py"), more)
    return next(folder / name for name in names if not (folder / name).exists())


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns the new ones, the innermost last."""
    new = [one for one in (folder, *folder.parents) if not one.exists()][::-1]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{display(folder)} cannot be made ({error.strerror})") from error
    return new


def _write(file: Path, text: str) -> Written:
    try:
        with file.open("x", encoding="utf-8") as opened, _whole(file):
            opened.write(text)
            opened.flush()
    except FileExistsError:
        return Written(file=file, kept=True)
    except OSError as error:
        raise ConfigurationError(f"{display(file)} cannot be written ({error.strerror})") from error
    return Written(file=file, kept=False)


@contextlib.contextmanager
def _whole(file: Path) -> Iterator[None]:
    """Leave nothing of a file that could not be written to its end."""
    try:
        yield
    except BaseException:  # raised again, Ctrl-C too
        file.unlink(missing_ok=True)
        raise


def _take_back(written: list[Written], made: list[Path]) -> None:
    for one in written:
        if not one.kept:
            one.file.unlink(missing_ok=True)
    for folder in reversed(made):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _words(wish: Wish, looked: Looked, flows: str) -> Mapping[str, object]:
    form = looked.page.form if looked.page is not None else None
    stack = looked.stack
    fields = form.fields if form is not None else []
    return {
        "wish": wish,
        "function": re.sub(r"\W", "_", wish.flow),
        "flows": flows,
        "text": lambda text: json.dumps(text, ensure_ascii=False),
        "runtime": wish.runtime,
        "install": stack.install if stack is not None else "",
        "env": {**wish.env, **dict(_env(looked))},
        "unknown": [name for name in looked.variables if not _meaning(name)],
        "app_id": _app_id(wish.provider, looked),
        "watchdog_ms": looked.watchdog_ms,
        "entry_deadline_ms": looked.entry_deadline_ms,
        "typed": [(one.selector, _typed(one)) for one in fields],
        "button": form.button if form is not None else "",
        "done": looked.page.done if looked.page is not None else "",
        "submit": _submit(looked.post or (form.action if form is not None else ""), wish.page, form or Form()),
        "gets": _GETS.get(wish.runtime, ""),
    }


def _env(looked: Looked) -> Iterator[tuple[str, str]]:
    for name in looked.variables:
        if value := _meaning(name):
            yield name, value


def _app_id(provider: str, looked: Looked) -> str:
    """The captcha's account with its comment, as TOML; "" where the provider's own will do."""
    geetest = provider.startswith("geetest")
    seen = looked.captcha_id if geetest else looked.app_id if provider.startswith("tencent") else ""
    if seen:
        return f'"{seen}" # as it stands in the page'
    served = PROVIDERS.get(provider)
    return f'"{served.example_app_id}" # CHANGE: as it stands in your page' if isinstance(served, HasExample) else ""


def _meaning(name: str) -> str:
    known = next((value for pattern, value in _MEANINGS if re.search(pattern, name)), "")
    return known or ("{links.verdict.url}" if _ENDPOINT.search(name) else "")


def _typed(field: Field) -> str:
    """What is typed into a field, as Python: who the user is goes where a name or an address is asked for."""
    if field.kind == "password":
        return '"correct horse"'
    if field.kind == "tel":
        return '"13800138000"'
    if field.kind == "number":
        return '"1"'
    return "flow.account"


def _submit(path: str, page: str, form: Form) -> str:
    """The same flow over HTTP, as the target file has it; "" where no path is known."""
    if not path.startswith("/"):
        return ""
    body = {one.name: json.loads(_typed(one)) if _typed(one)[0] == '"' else "{account}" for one in form.fields if one.name}
    body |= {form.token: "{csrf}"} if form.token else {}
    body |= {"ticket": "{ticket}", "randstr": "{randstr}"}
    inside = ", ".join(f"{_key(name)} = {json.dumps(value)}" for name, value in body.items())
    # Whoever renders the token into a form reads it from a form that is sent: Django finds it in no JSON.
    kind = "multipart" if form.multipart else "form" if form.token else "json"
    token = f", csrf = {{ get = {json.dumps(page)}, field = {json.dumps(form.token)} }}" if form.token else ""
    return f'{{ method = "POST", path = {json.dumps(path)}, {kind} = {{ {inside} }}{token} }}'


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)
