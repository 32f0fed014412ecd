"""`captchaos init` on real applications: what it recognises, what it writes, and that what it writes runs."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.init.captchas import recognise
from harness.init.looking import look_at
from harness.init.pages import read_page
from harness.plan.build import make_plan
from harness.target.loader import load_target
from harness.target.spec import Csrf

LITTLE = Path(__file__).with_name("little_app.py")
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def init(*words: str | Path) -> tuple[int, str]:
    """Call the verb as a script does, where nobody can be asked; returns the exit code and what it said."""
    return captchaos("init", "--yes", *words)


def application(name: str, into: Path) -> Path:
    """An example as its developers have it, without what captchaos wrote."""
    folder = into / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("captchaos*", "flows.py", "node_modules"))
    return folder


# One page or source for each, in the words of the vendors' own integration guides.
@pytest.mark.parametrize(
    ("text", "name", "provider"),
    [
        ('<script src="https://turing.captcha.qcloud.com/TCaptcha.js"></script>', "Tencent Captcha", "tencent_web"),
        ('<script src="https://turing.captcha.qcloud.com/TJCaptcha.js"></script>', "Tencent Captcha", "tencent_web"),
        ("req = models.DescribeCaptchaResultRequest()", "Tencent Captcha", "tencent_web"),
        ("\"X-TC-Action\": \"DescribeCaptchaResult\"", "Tencent Captcha", "tencent_web"),
        ("urlopen('https://gcaptcha4.geetest.com/validate')", "GeeTest v4", "geetest_v4"),
        ("initGeetest4({captchaId: '647f5ed2ed8acb4be36784e01556bb71'}, handler)", "GeeTest v4", "geetest_v4"),
        ("initGeetest({gt: data.gt, challenge: data.challenge}, handler)", "GeeTest v3", ""),
        ('<div class="cf-turnstile" data-sitekey="0x4AA"></div>', "Cloudflare Turnstile", ""),
        ("fetch('https://challenges.cloudflare.com/turnstile/v0/siteverify')", "Cloudflare Turnstile", ""),
        ("post('https://api.hcaptcha.com/siteverify', data)", "hCaptcha", ""),
        ("import HCaptcha from '@hcaptcha/react-hcaptcha'", "hCaptcha", ""),
        ("verify = 'https://www.google.com/recaptcha/api/siteverify'", "reCAPTCHA", ""),
        ("https://recaptchaenterprise.googleapis.com/v1/projects/x/assessments", "reCAPTCHA", ""),
        ('<script src="https://js.hcaptcha.com/1/api.js" async></script>', "hCaptcha", ""),
        ('<script src="https://www.google.com/recaptcha/api.js"></script>', "reCAPTCHA", ""),
    ],
)
def test_each_captcha_is_recognised_by_its_vendors_words(text: str, name: str, provider: str) -> None:
    (found,) = recognise([("page.html", text)])
    assert (found.captcha.name, found.captcha.provider, found.place) == (name, provider, "page.html:1")


def test_a_page_gives_its_form_its_fields_and_its_button() -> None:
    page = read_page(
        '<form hidden><input name="q"><button>find</button></form><form action="/buy"><input id="mail" type="email">'
        '<input type="hidden" name="csrf"><input name="code" hidden><button id="buy">Buy</button></form><p id="done"></p>'
    )
    assert page.form is not None
    assert (page.form.action, page.form.button, page.done) == ("/buy", "#buy", "#done")
    assert [one.selector for one in page.form.fields] == ["#mail"]


@pytest.mark.parametrize(("name", "runtime", "path"), [("flask", "python", "/orders"), ("express", "node", "/sign-in")])
def test_what_is_written_for_an_example_is_a_right_target_file(tmp_path: Path, name: str, runtime: str, path: str) -> None:
    folder = application(name, tmp_path)
    code, said = init(folder, "--ci", "github", "--ci", "gitlab")
    assert code == 0, said
    target = load_target(folder / "captchaos.toml")
    assert target.runtime == runtime
    assert target.env["TENCENTCLOUD_SECRET_ID"] == "{provider.secret_id}"
    assert target.env["CAPTCHA_APP_ID"] == "{provider.app_id}"
    flow = target.flows["checkout"]
    assert flow.submit is not None
    assert flow.submit.path == path
    # Both have a watchdog and a deadline for the entry script, in constants of these names.
    assert (flow.watchdog_ms, flow.entry_deadline_ms) == (8000, 5000)
    assert len(make_plan(target).scenarios) > 50
    for workflow in (folder / ".github" / "workflows" / "captchaos.yml", folder / ".gitlab-ci.captchaos.yml"):
        assert "captchaos run captchaos.toml" in workflow.read_text(encoding="utf-8")


SEATS = """<form action="/book" method="post" enctype="multipart/form-data"><input type="hidden" name="_csrf" value="x1">
<input name="seats" type="number"><button>Book</button></form><script>new TencentCaptcha(id, done)</script>"""
KEYS = """
const { captcha } = require("tencentcloud-sdk-nodejs/tencentcloud/services/captcha");
const { TCAPTCHA_ID, TCAPTCHA_SECRET, QC_SECRET_ID, QC_SECRET_KEY, STRIPE_ID } = process.env;
"""


def test_a_form_is_sent_as_its_page_sends_it_with_the_token_that_stands_in_it(tmp_path: Path) -> None:
    (tmp_path / "book.html").write_text(SEATS)
    (tmp_path / "server.js").write_text(KEYS)
    (tmp_path / "package.json").write_text("{}")
    code, said = init(tmp_path, "--page", "/seats", "--ci", "gitlab")
    assert code == 0, said
    target = load_target(tmp_path / "captchaos.toml")
    submit = target.flows["checkout"].submit
    assert submit is not None
    assert submit.multipart == {"seats": "1", "_csrf": "{csrf}", "ticket": "{ticket}", "randstr": "{randstr}"}
    assert submit.csrf == Csrf(get="/seats", field="_csrf")
    assert target.env == {
        "PORT": "{port}",
        "TCAPTCHA_ID": "{provider.app_id}",
        "TCAPTCHA_SECRET": "{provider.app_secret}",
        "QC_SECRET_ID": "{provider.secret_id}",
        "QC_SECRET_KEY": "{provider.secret_key}",
    }
    script = (tmp_path / ".gitlab-ci.captchaos.yml").read_text(encoding="utf-8").partition("script:")[2].splitlines()
    assert [line.strip() for line in script[1:3]] == ["- apt-get update -q && apt-get install -qy nodejs npm", "- npm ci"]


# As Django renders {% csrf_token %}: it reads that field of a form that is sent, and of no JSON.
ORDER = """<form action="/order/" method="post"><input type="hidden" name="csrfmiddlewaretoken" value="{{ csrf_token }}">
<input name="name"><button>Order</button></form><script>new TencentCaptcha(id, done)</script>"""


def test_a_token_that_stands_in_a_plain_form_is_sent_as_a_form_and_not_as_json(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "order.html").write_text(ORDER)
    (tmp_path / "manage.py").write_text("import django\n")
    code, said = init(tmp_path, "--page", "/order/")
    assert code == 0, said
    submit = load_target(tmp_path / "captchaos.toml").flows["checkout"].submit
    assert submit is not None
    fields = {"name": "{account}", "csrfmiddlewaretoken": "{csrf}", "ticket": "{ticket}", "randstr": "{randstr}"}
    assert (submit.form, submit.json) == (fields, None)
    assert submit.csrf == Csrf(get="/order/", field="csrfmiddlewaretoken")


def test_no_file_is_ever_overwritten(tmp_path: Path) -> None:
    folder = application("flask", tmp_path)
    (folder / "flows.py").write_text("mine = 1\n", encoding="utf-8")
    assert init(folder)[0] == 0
    assert (folder / "flows.py").read_text(encoding="utf-8") == "mine = 1\n"
    assert 'browser = "captchaos_flows.py:checkout"' in (folder / "captchaos.toml").read_text(encoding="utf-8")
    before = (folder / "captchaos.toml").read_text(encoding="utf-8")
    code, said = init(folder)
    assert code == 3
    assert "is there already, and init overwrites nothing" in said
    assert (folder / "captchaos.toml").read_text(encoding="utf-8") == before


def test_a_captcha_that_nothing_here_serves_is_told_plainly_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<div class="h-captcha" data-sitekey="x"></div>', encoding="utf-8")
    code, said = init(tmp_path)
    assert code == 3
    assert "seen: hCaptcha (captchaos has no provider for it" in said
    assert "nothing is written: for hCaptcha captchaos has no provider; it has: " in said
    assert [file.name for file in tmp_path.iterdir()] == ["index.html"]


def test_what_cannot_be_written_to_its_end_leaves_nothing(tmp_path: Path) -> None:
    folder = application("flask", tmp_path)
    (folder / ".github").write_text("a file where a folder must be", encoding="utf-8")
    before = sorted(folder.rglob("*"))
    code, said = init(folder)
    assert code == 3
    assert ".github/workflows cannot be made" in said
    assert sorted(folder.rglob("*")) == before, "half of it would make the next init refuse"


@pytest.mark.parametrize(
    ("flag", "word", "complaint"),
    [
        ("--page", "checkout", "a path begins with /"),
        ("--ready", "healthz", "a path begins with /"),
        ("--effects", "http://127.0.0.1/x.json", "a path, not an address: /x.json"),
        ("--count", "$.a[", "no JSONPath"),
        ("--flow", "Buy!", "small letters"),
        ("--start", "node server.js", "{port} must stand in it"),
        ("--url", "127.0.0.1:8000", "is no address of a page: it begins with http://"),
        ("--url", "http://127.0.0.1:1/", "nothing answers there"),
    ],
)
def test_a_wrong_flag_is_refused_with_a_sentence_and_nothing_is_written(
    tmp_path: Path, flag: str, word: str, complaint: str
) -> None:
    folder = application("flask", tmp_path)
    code, said = init(folder, flag, word)
    assert (code, complaint in said, said.count("\ncaptchaos: ") + said.startswith("captchaos: ")) == (3, True, 1), said
    assert not (folder / "captchaos.toml").exists()


class Site(BaseHTTPRequestHandler):
    """A running application: a page whose bundle names the captcha, one that leads to https, and nothing else."""

    def do_GET(self) -> None:
        pages = {
            "/buy": b'<form><input id="mail"><button id="buy">Buy</button></form><p id="done"></p>'
            b'<script src="/gone.js"></script><script src="http://[bad/"></script><script src=/bundle.js></script>',
            "/bundle.js": b'new TencentCaptcha("199999164", done).show()',
        }
        body = pages.get(self.path, b"")
        self.send_response(200 if body else 301 if self.path == "/" else 404)
        if self.path == "/":
            self.send_header("location", f"https://127.0.0.1:{self.server.server_port}/")  # type: ignore[attr-defined]
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def running() -> Iterator[str]:
    """The address of the running application."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_running_application_is_looked_at_with_the_scripts_of_its_page(tmp_path: Path, running: str) -> None:
    code, said = init(tmp_path, "--url", f"{running}/buy", "--start", "{python} app.py {port}")
    assert code == 0, said
    assert f"seen: Tencent Captcha (tencent_web), by 'TencentCaptcha' in {running}/bundle.js:1" in said
    target = load_target(tmp_path / "captchaos.toml")
    assert (target.ready, target.provider.app_id, target.runtime) == ("/buy", "199999164", "python")
    flow = (tmp_path / "flows.py").read_text(encoding="utf-8")
    assert 'page.fill("#mail", flow.account)' in flow
    assert 'flow.show(page, "#buy")' in flow


@pytest.mark.parametrize(
    ("path", "complaint"),
    [("/", "redirects-to-https: it leads to https://127.0.0.1:"), ("/lost", "/lost answered 404: name a page that anybody")],
)
def test_a_page_that_cannot_be_looked_at_says_what_to_do(tmp_path: Path, running: str, path: str, complaint: str) -> None:
    code, said = init(tmp_path, "--url", f"{running}{path}", "--start", "x {port}")
    assert code == 3
    assert complaint in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("use", ["tencent_web", "tencent_mini", "geetest_v4", "huawei"])
def test_what_is_written_loads_for_each_captcha_that_is_served(tmp_path: Path, use: str) -> None:
    code, said = init(tmp_path, "--provider", use, "--start", "serve {port}")
    assert code == 0, said
    assert make_plan(load_target(tmp_path / "captchaos.toml")).scenarios


def test_the_plan_takes_a_target_as_the_doctor_does(tmp_path: Path) -> None:
    assert init(tmp_path, "--provider", "tencent_web", "--start", "serve {port}")[0] == 0
    by_option, by_word = captchaos("plan", "--target", tmp_path), captchaos("plan", tmp_path)
    assert by_option == by_word
    assert by_option[0] == 0
    code, said = captchaos("plan", tmp_path, "--target", tmp_path)
    assert (code, "the target is said twice" in said) == (3, True)


def test_the_account_that_stands_in_a_page_is_taken(tmp_path: Path) -> None:
    page = "<script>initGeetest4({captchaId: '647f5ed2ed8acb4be36784e01556bb71'}, done)</script>"
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    assert init(tmp_path, "--start", "serve {port}")[0] == 0
    assert load_target(tmp_path / "captchaos.toml").provider.app_id == "647f5ed2ed8acb4be36784e01556bb71"


def test_a_program_that_serves_by_itself_is_started_as_it_reads_its_port(tmp_path: Path) -> None:
    shutil.copy(LITTLE, tmp_path / "desk.py")
    stack = look_at(tmp_path).stack
    assert stack is not None
    assert (stack.start, stack.runtime) == ("{python} desk.py {port}", "python")


def test_an_application_without_a_captcha_or_a_start_is_asked_for_one(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>hello</p>", encoding="utf-8")
    assert "no captcha was recognised in 1 files: name it by --provider" in init(tmp_path)[1]
    code, said = init(tmp_path, "--provider", "tencent_web")
    assert code == 3
    assert "say it by --start" in said
    assert "did you mean 'tencent_web'?" in init(tmp_path, "--provider", "tencent-web")[1]


def test_hostile_words_in_an_application_stay_words(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "<script src='TCaptcha.js'></script><form><input name='a\"] = {' id='x\"; import os'>"
        "<button id='b\")\\n  boom()'>go</button></form>", encoding="utf-8"
    )  # fmt: skip
    code, said = init(tmp_path, "--start", "serve {port}", "--name", 'it"s')
    assert code == 0, said
    tomllib.loads((tmp_path / "captchaos.toml").read_text(encoding="utf-8"))
    (function,) = (one for one in ast.parse((tmp_path / "flows.py").read_text(encoding="utf-8")).body if hasattr(one, "name"))
    assert len(function.body) == 5, "a docstring, goto, fill, show and captcha, and no line of the page's"


@pytest.mark.nightly
def test_a_foreign_application_comes_to_the_step_that_is_guessed_and_with_it_mended_through(tmp_path: Path) -> None:
    shutil.copy(LITTLE, tmp_path / "desk.py")
    start = "{python} desk.py {port} nothing"
    with served(tmp_path) as url:
        code, said = init(tmp_path, "--url", url, "--start", start, "--ready", "/healthz")
    assert code == 0, said
    assert captchaos("plan", "--target", tmp_path, "--mode", "1004")[0] == 0
    code, said = captchaos("doctor", "--target", tmp_path)
    assert code == 1, said
    assert "healthy visit: completed" in said
    assert "bad  checkout, effects: effect-not-counted: the visit was completed, and the effects are as many as before" in said
    assert "→ point flows.checkout.effects at what the business leaves behind" in said
    file = tmp_path / "captchaos.toml"
    text = file.read_text(encoding="utf-8").replace("$.effects[*]", "$.records[*]")
    # What it says next, over HTTP: "completed says status 200: write 201 there".
    file.write_text(text.replace("status = 200", "status = 201"), encoding="utf-8")
    code, said = captchaos("doctor", "--target", tmp_path)
    assert code == 0, said


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The foreign application as its developers run it, with an account of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**os.environ, "CAPTCHA_APP_ID": "199999164"}
    process = subprocess.Popen([sys.executable, "desk.py", str(port), "nothing"], cwd=folder, env=env)
    try:
        while not is_listening_now(port):
            assert process.poll() is None
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()


def is_listening_now(port: int) -> bool:
    """Whether somebody answers there; asked again until then, for a stranger's process tells nobody."""
    with socket.socket() as sock:
        sock.settimeout(0.2)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def captchaos(*words: str | Path) -> tuple[int, str]:
    """Call the command; returns the exit code and what it said."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main([*map(str, words)])
    return code, out.getvalue()


@pytest.mark.nightly
def test_what_is_written_for_flask_comes_through_the_doctor_up_to_what_is_marked(tmp_path: Path) -> None:
    folder = application("flask", tmp_path)
    init(folder)
    file = folder / "captchaos.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("status = 200", "status = 201"), encoding="utf-8")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main(["doctor", "--target", str(folder)])
    assert code == 0, out.getvalue()
    assert "the server came to verdict by {lab.proxy}, TLS" in out.getvalue()
