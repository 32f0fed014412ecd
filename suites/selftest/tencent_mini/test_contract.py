"""What the provider declares agrees with the notes, and with itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.errors import LaboratoryError, UsageError
from harness.faults.base import FAULTS
from harness.plan.build import make_plan
from harness.providers.base import PROVIDERS
from harness.target.loader import load_target
from suites.selftest.tencent_mini import plugin_notes as notes
from suites.selftest.tencent_mini.stage import APP_ID

PROVIDER = PROVIDERS.get("tencent_mini")
SERVER_CODES = set(range(2001, 2007))

TARGET = """
[target]
name = "mini"
url = "http://127.0.0.1:1"

[provider]
use = "tencent_mini"
prefix = "trerror"

[flows.login]
submit = { method = "POST", path = "/login", json = { ticket = "{ticket}" } }
completed = { status = 200 }
effects = { get = "/admin/sessions.json", count = "$.sessions" }
policy = "block"
"""


def test_the_plug_in_has_three_codes_and_the_server_its_own() -> None:
    assert {mode.code for mode in PROVIDER.modes} == {notes.CONFIG, notes.REFRESH, notes.VERIFY} | SERVER_CODES


def test_every_mode_has_a_cause_and_1013_only_some_that_leave_the_page_alone() -> None:
    assert {cause.code for cause in PROVIDER.causes} == {notes.CONFIG, notes.REFRESH, notes.VERIFY} | SERVER_CODES
    # The plug-in counts failed verifications and tests failed refreshes: no ticket ever comes.
    assert {cause.wait_ms for cause in PROVIDER.causes if cause.code == notes.VERIFY} == {None}


def test_there_is_no_script_page_or_template_to_break() -> None:
    assert [link.name for link in PROVIDER.links] == ["config", "refresh", "verify", "verdict"]


def test_every_cause_names_a_fault_a_link_and_a_build_that_exist_and_none_stands_twice() -> None:
    assert len(set(PROVIDER.causes)) == len(PROVIDER.causes)
    assert {cause.fault for cause in PROVIDER.causes} <= set(FAULTS.all())
    assert {cause.link for cause in PROVIDER.causes} <= {link.name for link in PROVIDER.links}
    assert {cause.build for cause in PROVIDER.causes} <= set(PROVIDER.builds)


@pytest.mark.parametrize(("code", "link"), [(notes.CONFIG, "config"), (notes.REFRESH, "refresh")])
def test_a_hang_waits_as_long_as_the_notes_say(code: int, link: str) -> None:
    waits = {cause.wait_ms for cause in PROVIDER.causes if (cause.code, cause.link, cause.fault) == (code, link, "hang")}
    assert waits == {notes.TRIES * notes.REQUEST_MS + notes.EMIT_MS}


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("captcha.example.com/cap_union_prehandle", "config"),
        ("captcha.example.com/cap_union_new_getsig", "refresh"),
        ("captcha.example.com/cap_union_new_verify", "verify"),
        ("captcha.example.com/", ""),
        ("captcha.example.com/TCaptcha.js", ""),
        ("turing.captcha.qcloud.com/cap_union_prehandle", ""),
        ("captcha.tencentcloudapi.com/", "verdict"),
        ("127.0.0.1/", "verdict"),
        ("127.0.0.1/ticket/verify", ""),
    ],
)
def test_the_host_that_no_source_names_can_be_chosen(url: str, link: str) -> None:
    options = {"plugin_host": "captcha.example.com"}
    host, _, path = url.partition("/")
    emulator = PROVIDER.emulator(app_id=APP_ID, prefix="trerror", options=options)
    assert emulator.classify(host, "GET", f"/{path}", {}) == link
    plugin_links = [entry for entry in PROVIDER.links_with(options) if entry.name != "verdict"]
    assert {entry.hosts for entry in plugin_links} == {("captcha.example.com",)}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"app_type": "minni"}, "did you mean .mini"),
        ({"app_type": 2}, "mini or web"),
        ({"plugin_host": "https://x.com/"}, "host name"),
        ({"plugin_host": "captcha.tencentcloudapi.com"}, "of its own"),
        ({"package": "yes"}, "true or false"),
    ],
)
def test_a_wrong_option_is_refused_with_what_would_be_right(options: dict[str, object], told: str) -> None:
    with pytest.raises(UsageError, match=f"(?i){told}"):
        PROVIDER.emulator(app_id=APP_ID, prefix="terror", options=options)


def test_a_page_of_a_browser_is_refused_with_what_to_do() -> None:
    with pytest.raises(LaboratoryError, match='say client = "mini" in its flows'):
        asyncio.run(PROVIDER.human.challenge_visible(object()))


def test_a_flow_without_a_browser_is_planned_over_http(tmp_path: Path) -> None:
    file = tmp_path / "captchaos.toml"
    file.write_text(TARGET, encoding="utf-8")
    plan = make_plan(load_target(file))
    assert {(scenario.provider, scenario.link) for scenario in plan.scenarios} == {("tencent_mini", "verdict")}
    assert {"forgery", "verdict"} <= {scenario.kind for scenario in plan.scenarios}
