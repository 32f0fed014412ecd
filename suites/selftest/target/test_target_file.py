"""A right target file is read whole; each mistake is answered with its line, what was expected and the closest match."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from harness.catalog import Policy
from harness.errors import ConfigurationError, UsageError
from harness.target.loader import find_target, load_target
from harness.target.schema_check import schema
from harness.target.spec import SubmitSpec
from suites.selftest.target_files import Complaint, Write, refusal


def test_a_right_file_is_read_whole(write: Write) -> None:
    file = write()
    target = load_target(file)
    assert (target.name, target.folder, target.cwd, target.isolation) == ("bank", file.parent, file.parent, "scenario")
    assert target.env == {"CAPTCHA_API": "{links.verdict.url}"}
    login, checkout = target.flows["login"], target.flows["checkout"]
    assert login.policy.verdict_up is login.policy.verdict_down is Policy.ACCEPT
    assert (checkout.policy.verdict_up, checkout.policy.verdict_down) == (Policy.STEP_UP, Policy.ACCEPT)
    assert login.completed.json == {"$.state": "done"}
    assert checkout.browser == ""
    assert checkout.step_up is not None
    assert checkout.step_up.confirm is not None
    assert checkout.step_up.confirm.path == "/orders/{order}/code"
    assert (target.budgets.server_ms, target.budgets.fallback_ms) == (5000, None)


def test_the_bundled_shop_is_a_right_file() -> None:
    assert set(load_target(find_target(None)).flows) == {"login", "checkout", "app-checkout", "mini-profile", "register"}


def test_the_schema_that_ships_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(json.dumps(schema())))


MISTAKES = [
    # what stands there, what is written instead, the answer
    (
        'policy = "accept"',
        'polcy = "accept"',
        "captchaos.toml:17: flows.login.polcy is not a known key; did you mean 'policy'?",
    ),
    ('"accept"', '"acept"', "captchaos.toml:17: flows.login.policy must be 'accept', 'step-up' or 'block', or a table with"),
    ('"accept"', '"acept"', "but 'acept' stands there; did you mean 'accept'?"),
    (
        'verdict_down = "accept"',
        'verdict_dwn = "accept"',
        "captchaos.toml:23: flows.checkout.policy.verdict_dwn is not a known key",
    ),
    (
        'verdict_down = "accept"',
        'verdict_down = "stepup"',
        ":23: flows.checkout.policy.verdict_down must be 'accept', 'step-up' or",
    ),
    ('name = "bank"\n', "", "captchaos.toml:1: target.name is missing. It says: The application's name"),
    ('name = "bank"', "name = 7", "captchaos.toml:2: target.name must be a name of letters"),
    ('"/healthz"', '"healthz"', "captchaos.toml:4: target.ready must be a path that begins with /, but 'healthz' stands there"),
    ("[provider]", "[providr]", "captchaos.toml:9: providr is not a known key; did you mean 'provider'?"),
    (
        "[provider]",
        "[budgets]\nserver = '8s'\n[provider]",
        ":10: budgets.server must be a whole number of milliseconds, at least 1, but '8s'",
    ),
    ("[provider]", "[budgets]\nserver = true\n[provider]", "but true stands there"),
    ("[provider]", "[budgets]\nserver = 2026-01-01\n[provider]", "but the date 2026-01-01 stands there"),
    (
        'app_id = "199999164"',
        "app_id = 199999164",
        "captchaos.toml:10: provider.app_id must be the digits of an app id, in quotes",
    ),
    ('app_id = "199999164"', 'app_id = "6L_T"', ":10: provider.app_id must be the digits of an app id, in quotes (or up to 64"),
    (
        'app_id = "199999164"',
        'prefix = "error"',
        ":10: provider.prefix must be 'terror' or 'trerror', but 'error' stands there; did you mean",
    ),
    ("[flows.login]", '[flows."Log In"]', 'captchaos.toml:12: flows."Log In": the name must be a name of small letters'),
    ('method = "POST", path = "/login"', 'path = "/login", methd = "POST"', ":14: flows.login.submit.methd is not a known key"),
    (
        '"$.state" = "done"',
        '"state" = "done"',
        ":15: flows.login.completed.json.state: the name must be a JSONPath that begins with $",
    ),
    ('"$.sessions"', '"$.sessions["', "captchaos.toml:16: flows.login.effects.count is no JSONPath"),
    ("effects = { get", "effects = { gt", "captchaos.toml:16: flows.login.effects.gt is not a known key; did you mean 'get'?"),
    ('"flows.py:login"', '"flow.py:login"', ":13: flows.login.browser names flow.py, which is not a file in"),
    ('"flows.py:login"', '"flow.py:login"', "did you mean 'flows.py'?"),
    (
        '"flows.py:login"',
        '"flows.py:logn"',
        ":13: flows.login.browser names 'logn', but flows.py has no function of that name; did you mean 'login'?",
    ),
    ('"flows.py:login"', '"flows.py:Helper"', "names 'Helper', but that is no function (flows.py:9)"),
    (
        "{links.verdict.url}",
        "{lab.prxy}",
        ":7: target.env.CAPTCHA_API says {lab.prxy}, which the lab does not know; did you mean 'lab.proxy'?",
    ),
    (
        "{links.verdict.url}",
        "{links.verdict}",
        "says {links.verdict}, which the lab does not know; did you mean 'links.NAME.url'?",
    ),
    ("{port}", "{prt}", ":3: target.start says {prt}, which the lab does not know; did you mean 'port'?"),
    ("{port}", "8000", "captchaos.toml:3: target.start never says {port}"),
    ("{port}", "{port} {lab.dir}", ":3: target.start says {lab.dir}: a command may use {port} and {python}"),
    ('start = "{python} app.py {port}"\n', "", "captchaos.toml:1: target has neither start nor url"),
    ('ready = "/healthz"', 'url = "https://staging.example"', "captchaos.toml:4: target.url stands beside target.start"),
    ('ready = "/healthz"', 'isolation = "slot"', "captchaos.toml:4: target.isolation is 'slot' without target.reset"),
    ('ready = "/healthz"', 'reset = "make reset"', "captchaos.toml:4: target.reset is never run"),
    ('ready = "/healthz"', 'cwd = "app"', "captchaos.toml:4: target.cwd names 'app', which is not a folder in"),
    (
        'policy = "accept"',
        'policy = "step-up"',
        "captchaos.toml:17: flows.login.policy is 'step-up', but flows.login.step_up is missing",
    ),
    ('policy = "accept"\n', "", ":12: flows.login.policy is by default 'step-up', but flows.login.step_up is missing"),
    ("status = 202", "status = 202\n[flows.checkout.limits]\nper_account = -1\n[flows.checkout.step_up]", "Cannot declare"),
    (
        "completed = { status = 201 }",
        "completed = { status = 201 }\nwatchdog_ms = 8000",
        ":22: flows.checkout.watchdog_ms is of a page",
    ),
    (
        'policy = "accept"',
        'policy = "accept"\nwatchdog_code = 1001',
        ":18: flows.login.watchdog_code needs flows.login.watchdog_ms",
    ),
    (
        "completed = { status = 201 }",
        'completed = { selector = "#done" }',
        ":21: flows.checkout.completed has neither status nor json",
    ),
    (
        'completed = { selector = "#done", status',
        "completed = { status",
        ":15: flows.login.completed has neither selector nor url",
    ),
    ("completed = { status = 201 }", "completed = {}", ":21: flows.checkout.completed must be a table with at least one of"),
    (
        "completed = { status = 201 }",
        "completed = { status = 2010 }",
        ":21: flows.checkout.completed.status must be an HTTP status",
    ),
    (
        'ticket = "{ticket}", randstr',
        'ticket = "{tiket}", randstr',
        ":14: flows.login.submit says {tiket}, which the lab does not know; did you mean",
    ),
    (
        'form = { ticket = "{ticket}" }',
        'json = { ticket = "x" }',
        "captchaos.toml:20: flows.checkout.submit never says {ticket}",
    ),
    (
        "form = { ticket",
        "json = {}, form = { ticket",
        ":20: flows.checkout.submit.form stands beside flows.checkout.submit.json",
    ),
    ('json = { code = "{code}" }', "json = {}", "captchaos.toml:28: flows.checkout.step_up.confirm never says {code}"),
    ("status = 202\n", "", "flows.checkout.step_up has no status"),
    (
        'policy = "accept"',
        'policy = "accept"\naid = "/login?aid=1"',
        ":18: flows.login.aid is the path of submit too",
    ),
    ('policy = "accept"', 'policy = "accept"\naid = "captcha/aid"', ":18: flows.login.aid must be a path that begins with /"),
    ("completed = { status = 201 }", 'completed = { status = 201 }\naid = "/aid"', ":22: flows.checkout.aid is of a page"),
    (
        "[flows.login]\nbrowser", "[flow.login]\nbrowser",
        "captchaos.toml:12: flow is not a known key; did you mean 'flows'?",
    ),
    (
        '"flows.py:login"', '"flows.py:basket"',
        ":13: flows.login.browser names 'basket', but that is no function (flows.py:13)",
    ),
    (
        '"flows.py:login"', '"flows.py:yields"',
        ":13: flows.login.browser names 'yields', but that yields, and so does nothing when it is called (flows.py:14)",
    ),
    ('"flows.py:login"', '"flows.py:os"', "names 'os', but flows.py has no function of that name; known: helper, login"),
    (
        '{ get = "/admin/sessions.json", count = "$.sessions" }', '{ command = "count {prt}" }',
        ":16: flows.login.effects.command says {prt}, which the lab does not know; did you mean 'port'?",
    ),
    (
        '{ get = "/admin/sessions.json", count = "$.sessions" }', '{ sql = "select 1", database = "sqlite:///{lab.dri}/a" }',
        ":16: flows.login.effects.database says {lab.dri}, which the lab does not know; did you mean 'lab.dir'?",
    ),
    (
        '{ get = "/admin/sessions.json", count = "$.sessions" }', '{ command = "count {lab.proxy}" }',
        ":16: flows.login.effects.command says {lab.proxy}, which nothing fills in there; did you mean 'lab.dir'?",
    ),
    (
        'path = "/login", json', 'path = "/login", before = { path = "/in", form = { who = "{acount}" } }, json',
        ":14: flows.login.submit.before says {acount}, which the lab does not know; did you mean 'account'?",
    ),
    (
        'path = "/login", json', 'path = "/login", before = { pth = "/in" }, json',
        ":14: flows.login.submit.before.pth is not a known key; did you mean 'path'?",
    ),
    (
        'path = "/login", json', 'path = "/login", before = { path = "/in", form = { t = "{csrf}" } }, json',
        ":14: flows.login.submit.before says {csrf}, but no csrf says from which page it is taken",
    ),
    (
        'json = { code = "{code}" }', 'json = { code = "{code}" }, before = { path = "/in" }',
        ":28: flows.checkout.step_up.confirm.before is in vain: the cookies of submit are sent on",
    ),
    (
        "[provider]",
        '[third_party]\n"code.jquery.com" = "vendor"\n[provider]',
        ":10: third_party.\"code.jquery.com\" names 'vendor'",
    ),
]


def test_a_table_that_is_missing_says_what_it_is_for(tmp_path: Path) -> None:
    file = tmp_path / "captchaos.toml"
    file.write_text("")
    flows, target = refusal(file, load_target).splitlines()
    assert flows == "captchaos.toml:1: flows is missing. It says: The business transactions users perform, by name."
    assert target.startswith("captchaos.toml:1: target is missing. It says: The application under test: how it is started")


def test_the_other_way_in_may_take_a_token_and_sign_in_first(write: Write) -> None:
    way = """
[flows.login.otherwise.submit]
path = "/in"
form = { token = "{csrf}", account = "{account}" }
csrf = { get = "/in", field = "token" }
before = { path = "/hello", form = { who = "{account}" } }

[flows.login.otherwise.completed]
status = 200

[flows.checkout]
"""
    otherwise = load_target(write(("[flows.checkout]\n", way))).flows["login"].otherwise
    assert otherwise is not None
    assert otherwise.submit is not None
    assert otherwise.submit.before == SubmitSpec(path="/hello", form={"who": "{account}"})


def test_a_mistyped_folder_of_a_third_party_is_answered_with_the_one_that_stands_there(
    write: Write, complaint: Complaint, tmp_path: Path
) -> None:
    (tmp_path / "vendor" / "jquery").mkdir(parents=True)
    said = complaint(write(("[provider]", '[third_party]\n"code.jquery.com" = "vendor/jqury"\n[provider]')))
    assert "names 'vendor/jqury'" in said
    assert "did you mean 'vendor/jquery'?" in said


@pytest.mark.parametrize(("old", "new", "answer"), MISTAKES)
def test_a_mistake_is_answered_with_its_line_and_what_was_meant(
    write: Write, complaint: Complaint, old: str, new: str, answer: str
) -> None:
    said = complaint(write((old, new)))
    assert answer.lower() in said.lower()
    assert all(line.startswith("captchaos.toml:") for line in said.splitlines())


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(write: Write, complaint: Complaint) -> None:
    said = complaint(
        write(("[provider]", "[providr]"), ('name = "bank"', "name = 7"), ('policy = "accept"', 'polcy = "accept"'))
    )
    assert [line.split(": ")[0] for line in said.splitlines()] == ["captchaos.toml:2", "captchaos.toml:9", "captchaos.toml:17"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('[target]\nname = "shop\n', "captchaos.toml:2: this is not TOML"),
        ('[target]\nname = "a"\nname = "b"\n', "captchaos.toml:3: this is not TOML: cannot overwrite a value"),
        ("[target\n", "captchaos.toml:1: this is not TOML"),
        ('[target]\nname = """\nnever closed\n\n', "captchaos.toml:3: this is not TOML"),
        ("", "captchaos.toml:1: target is missing"),
        ("target = 5\nflows = 3\n", "captchaos.toml:2: flows must be a table with at least one flow"),
    ],
)
def test_what_is_not_toml_is_answered_with_its_line(tmp_path: Path, complaint: Complaint, text: str, answer: str) -> None:
    file = tmp_path / "captchaos.toml"
    file.write_text(text)
    assert answer in complaint(file)


def test_a_file_that_is_not_utf_8_is_answered_with_its_line(tmp_path: Path, complaint: Complaint) -> None:
    file = tmp_path / "captchaos.toml"
    file.write_bytes(b"[target]\nname = 'caf\xe9'\n")
    assert complaint(file) == "captchaos.toml:2: the file must be UTF-8, but the byte 0xe9 stands there"


def test_windows_line_ends_and_a_byte_order_mark_are_taken(write: Write) -> None:
    file = write()
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_target(file).name == "bank"


def test_a_flows_file_that_is_no_python_is_named_with_its_line(write: Write, complaint: Complaint) -> None:
    said = complaint(write(flows="x = 1\nasync def login(page flow):\n"))
    assert "captchaos.toml:13: flows.login.browser names flows.py, which is not Python: line 2" in said


def test_a_flow_function_must_take_page_and_flow(write: Write, complaint: Complaint) -> None:
    assert "does not take two arguments (flows.py:1)" in complaint(write(flows="async def login(page): ...\n"))


def test_literal_braces_in_the_environment_are_left_alone(write: Write) -> None:
    target = load_target(write(('"{links.verdict.url}"', '\'{"level": "{levelname}", "x": {}}\'')))
    assert target.env["CAPTCHA_API"] == '{"level": "{levelname}", "x": {}}'


def test_a_target_that_already_runs_is_one_for_many_scenarios(write: Write) -> None:
    target = load_target(write(('start = "{python} app.py {port}"', 'url = "https://staging.example/"')))
    assert (target.start, target.url, target.isolation) == (None, "https://staging.example", "slot")


def test_a_folder_means_the_target_file_in_it(write: Write) -> None:
    file = write()
    assert find_target(str(file.parent)) == file


def test_a_target_file_that_is_not_there_is_answered_with_the_closest(write: Write) -> None:
    file = write()
    with pytest.raises(UsageError, match=r"no target file .*captchoas\.toml; did you mean 'captchaos\.toml'\?"):
        find_target(str(file.parent / "captchoas.toml"))


def test_a_target_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_target(tmp_path / "captchaos.toml")
