"""Look at an application's folder: its captcha, how it is started, what its variables are called, which page comes first."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.init.captchas import Recognised, recognise
from harness.init.pages import Page, read_page

_SOURCES = {
    ".py", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx", ".vue", ".svelte", ".go", ".java", ".kt", ".php", ".rb", ".cs", ".rs",
    ".html", ".htm", ".jinja", ".jinja2", ".j2", ".ejs", ".hbs", ".erb", ".tmpl", ".gohtml",
    ".json", ".toml", ".txt", ".mod", ".xml", ".gradle", ".properties", ".yml", ".yaml",
}  # fmt: skip
_PAGES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".ejs", ".hbs", ".erb", ".tmpl", ".gohtml")
_NOT_THEIRS = {
    "node_modules", "vendor", "venv", ".venv", "env", "dist", "build", "target", "site-packages", "__pycache__",
    "captchaos-report",
}  # fmt: skip
_MOST_FILES, _MOST_BYTES = 3000, 512 * 1024
_LOCKS = ("package-lock.json", "yarn.lock", "poetry.lock", "captchaos.toml", "captchaos_flows.py")

_VARIABLE = re.compile(
    r"""(?:environ(?:ment)?(?:\.get)?|getenv|Getenv|env)\s*[\[(.]\s*["']?([A-Z][A-Z0-9_]*(?:CAPTCHA|TENCENT|GEETEST|ONEACCESS)[A-Z0-9_]*|"""
    r"""(?:CAPTCHA|TENCENT|GEETEST|ONEACCESS)[A-Z0-9_]*)|\$\{([A-Z0-9_]*(?:CAPTCHA|TENCENT|GEETEST)[A-Z0-9_]*)"""
)
# const { CAPTCHA_APP_ID: APP_ID, … } = process.env
_TAKEN_APART = re.compile(r"\{([^{}]{1,400})\}\s*=\s*process\.env\b")
_OF_A_CAPTCHA = re.compile(r"\b[A-Z0-9_]*(?:CAPTCHA|TENCENT|GEETEST|ONEACCESS)[A-Z0-9_]*\b")
# Whose source names Tencent Cloud's SDK may call the keys of its account as it likes.
_SDK = re.compile(r"tencentcloud", re.IGNORECASE)
_KEYS = re.compile(r"\b[A-Z][A-Z0-9_]*_SECRET_?(?:ID|KEY)\b|\bSECRET_?ID\b")
# A module that is handed its environment whole reads names out of it that stand alone.
_READS_THEM = re.compile(r"\b(?:environ|getenv|Getenv|process\.env)\b")
_QUOTED = re.compile(r"""["']([A-Z0-9_]*(?:CAPTCHA|TENCENT|GEETEST|ONEACCESS)[A-Z0-9_]*)["']""")
_APP_ID = re.compile(
    r"""TencentCaptcha\(\s*(?:[\w.$]+\s*,\s*)?["'](\d{8,12})["']|captcha_?app_?id["']?\s*[:=]\s*["'](\d{8,12})["']""",
    re.IGNORECASE,
)
_CAPTCHA_ID = re.compile(r"""captcha_?id["']?\s*[:=]\s*["']([0-9a-f]{32})["']""", re.IGNORECASE)
_WATCHDOG = re.compile(r"\bwatchdog_?(?:ms)?\s*[:=]\s*(\d{4,5})\b", re.IGNORECASE)
_ENTRY_DEADLINE = re.compile(r"\b(?:entry|script)_?(?:deadline|timeout)_?(?:ms)?\s*[:=]\s*(\d{4,5})\b", re.IGNORECASE)
_POST = re.compile(
    r"""\.post\(\s*["'](/[^"'<:{]*)["']|["'](/[^"'<:{]*)["']\s*,\s*methods\s*=\s*\[\s*["']POST|["']POST (/[^"'<:{ ]*)["']"""
    r"""|@PostMapping\(\s*(?:value\s*=\s*)?["'](/[^"'{]*)["']|\bfetch\(\s*["'](/[^"'{]*)["']\s*,\s*\{\s*method:\s*["']POST"""
)
_RECORDS = re.compile(r"""["'](?:GET )?(/[\w/-]*?([\w-]+)\.json)["']""")


_SERVES = re.compile(r"\bserve_forever\(|\brun_simple\(|\buvicorn\.run\(|\bmake_server\(|\.run\(.*port")
_PROGRAMS = {
    "python": re.compile(r"\{python\}|python[\d.]*|uvicorn|gunicorn|hypercorn|daphne|flask|django-admin|waitress-serve"),
    "node": re.compile(r"node|npm|npx|yarn|pnpm|tsx|ts-node|next|nest"),
    "java": re.compile(r"java|mvn|mvnw|gradle|gradlew"),
    "go": re.compile(r"go"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """How an application of a kind is started: ``runtime`` as the target file has it, "" where it is unknown."""

    name: str
    start: str
    runtime: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    install: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was seen of an application.

    ``app_id`` is Tencent's, ``captcha_id`` GeeTest's; ``records`` is the path at which effects may be counted, with the name
    of the list.
    """

    captchas: tuple[Recognised, ...]
    stack: Stack | None
    variables: tuple[str, ...]
    app_id: str
    captcha_id: str
    watchdog_ms: str
    entry_deadline_ms: str
    page: Page | None
    post: str
    records: tuple[str, str]
    files: int


def look_at(folder: Path, beside: Sequence[tuple[str, str]] = ()) -> Looked:
    """Read the folder's sources, never running any; ``beside`` are pages that were fetched, as pairs of address and text."""
    texts = [*beside, *_texts(folder)]
    joined = [text for place, text in texts if not place.endswith((".md", ".txt", ".toml"))]
    pages = [text for place, text in texts if place.endswith(_PAGES) or "://" in place]
    read = [page for page in map(read_page, pages) if page.form is not None]
    return Looked(
        captchas=recognise(texts),
        stack=stack_of(folder, dict(texts)),
        variables=tuple(dict.fromkeys(name for text in joined for name in _variables(text))),
        app_id=_first(_APP_ID, joined),
        captcha_id=_first(_CAPTCHA_ID, joined),
        watchdog_ms=_first(_WATCHDOG, joined),
        entry_deadline_ms=_first(_ENTRY_DEADLINE, joined),
        page=read[0] if read else None,
        post=_first(_POST, joined),
        records=next((found for text in joined for found in _RECORDS.findall(text) if "outbox" not in found[0]), ("", "")),
        files=len(texts),
    )


def _variables(text: str) -> Iterator[str]:
    """The variables of a captcha that a source reads."""
    yield from (one or other for one, other in _VARIABLE.findall(text))
    for inside in _TAKEN_APART.findall(text):
        yield from _OF_A_CAPTCHA.findall(inside)
    if _READS_THEM.search(text):
        yield from _QUOTED.findall(text)
        yield from _KEYS.findall(text) if _SDK.search(text) else ()


def _first(pattern: re.Pattern[str], texts: Sequence[str]) -> str:
    return next((next(filter(None, found.groups()), "") for text in texts for found in pattern.finditer(text)), "")


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    read = 0
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _NOT_THEIRS and not name.startswith("."))
        for name in sorted(files):
            file = Path(place) / name
            if file.suffix.lower() not in _SOURCES or name in _LOCKS or name.endswith(".min.js"):
                continue
            try:
                if file.is_symlink() or file.stat().st_size > _MOST_BYTES:
                    continue
                text = file.read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            yield str(file.relative_to(folder)), text
            read += 1
            if read >= _MOST_FILES:
                return


def stack_of(folder: Path, texts: Mapping[str, str]) -> Stack | None:
    """Tell how the application is started, by the files that its kind has; None where nothing is known."""
    here = {place: text for place, text in texts.items() if "/" not in place}
    if (folder / "manage.py").is_file():
        start = "{python} manage.py runserver 127.0.0.1:{port} --noreload"
        return Stack(name="Django", start=start, runtime="python", install="python -m pip install -r requirements.txt")
    for place, text in here.items():
        if place.endswith(".py") and (stack := _python(Path(place).stem, text)):
            return stack
    if (folder / "package.json").is_file():
        script = next((name for name in ("server.js", "app.js", "index.js", "main.js") if name in here), "server.js")
        return Stack(name="Node", start=f"node {script}", runtime="node", env={"PORT": "{port}"}, install="npm ci")
    if (folder / "go.mod").is_file():
        return Stack(name="Go", start="go run .", runtime="go", env={"PORT": "{port}"})
    if (folder / "pom.xml").is_file() or (folder / "build.gradle").is_file():
        return Stack(name="Java", start="java -jar target/app.jar --server.port={port}", runtime="java")
    return _java(here)


def _java(here: Mapping[str, str]) -> Stack | None:
    """Java without a build tool: the class with ``main``, where its port is read from a variable."""
    sources = {Path(place).stem: text for place, text in here.items() if place.endswith(".java")}
    main = next((name for name, text in sources.items() if "static void main(" in text), "")
    if not main or not any('getenv("PORT")' in text for text in sources.values()):
        return None
    return Stack(
        name="Java", start=f"java -cp classes {main}", runtime="java", env={"PORT": "{port}"}, install="javac -d classes *.java"
    )


def _python(module: str, text: str) -> Stack | None:
    install = "python -m pip install -r requirements.txt"
    if re.search(r"^\w+\s*=\s*Flask\(", text, re.MULTILINE):
        start = f"{{python}} -m flask --app {module} run --host 127.0.0.1 --port {{port}}"
        return Stack(name="Flask", start=start, runtime="python", install=install)
    made = re.search(r"^(\w+)\s*=\s*(FastAPI|Starlette|Quart|Litestar)\(", text, re.MULTILINE)
    if made is None and re.search(r"^def create_app\(", text, re.MULTILINE) and "Flask(" in text:
        start = f"{{python}} -m flask --app {module} run --host 127.0.0.1 --port {{port}}"
        return Stack(name="Flask", start=start, runtime="python", install=install)
    if made:
        start = f"{{python}} -m uvicorn {module}:{made[1]} --host 127.0.0.1 --port {{port}}"
        return Stack(name=made[2], start=start, runtime="python", install=install)
    return _script(module, text)


def _script(module: str, text: str) -> Stack | None:
    """A Python program that serves by itself, started as it is told its port: by argument, option or variable."""
    if not re.search(r"__name__\s*==\s*[\"']__main__[\"']", text) or not _SERVES.search(text):
        return None
    start, env = f"{{python}} {module}.py", {}
    if re.search(r"argv\[1\]", text):
        start += " {port}"
    elif "--port" in text:
        start += " --port {port}"
    elif variable := re.search(r"(?:environ(?:\.get)?|getenv)\s*[\[(]\s*[\"'](\w*PORT)[\"']", text):
        env = {variable[1]: "{port}"}
    return Stack(name="a Python server", start=start, runtime="python", env=env)


def runtime_of(start: str) -> str:
    """The runtime of a command, "" where its program tells none."""
    program = Path(start.split(maxsplit=1)[0]).name if start.strip() else ""
    return next((runtime for runtime, named in _PROGRAMS.items() if named.fullmatch(program)), "")
