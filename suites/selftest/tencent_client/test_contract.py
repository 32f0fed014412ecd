"""What the provider declares agrees with the vendor's notes, and with itself."""

from __future__ import annotations

import pytest

from harness.errors import UsageError
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from harness.providers.tencent_web.client_files import client_files
from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.stage import APP_ID, Stage, breaks_off

PROVIDER = PROVIDERS.get("tencent_web")
CLIENT_CODES = {1001, *notes.MESSAGES}
SERVER_CODES = set(range(2001, 2007))


def test_every_client_mode_has_the_vendors_message() -> None:
    assert {mode.code: mode.message for mode in PROVIDER.modes if mode.minted_by == "vendor"} == notes.MESSAGES


def test_every_mode_has_a_cause_and_every_cause_a_mode() -> None:
    assert {cause.code for cause in PROVIDER.causes} == CLIENT_CODES | SERVER_CODES
    assert {mode.code for mode in PROVIDER.modes} == CLIENT_CODES | SERVER_CODES


def test_no_two_causes_are_the_same_experiment() -> None:
    assert len(set(PROVIDER.causes)) == len(PROVIDER.causes)
    assert {cause.link for cause in PROVIDER.causes} == {link.name for link in PROVIDER.links}
    assert {cause.build for cause in PROVIDER.causes} <= set(PROVIDER.builds)


@pytest.mark.parametrize(
    ("code", "link", "wait_ms", "wait_from"),
    [
        (1002, "frame", notes.SHOW_TIMEOUT_MS, "show"),
        (1003, "frame", notes.FRAME_TIMEOUT_MS, "load"),
        (1006, "config", notes.CONFIG_TIMEOUT_MS, "show"),
        (1007, "template", notes.TEMPLATE_TIMEOUT_MS, "show"),
        (1008, "iframe", notes.IFRAME_TIMEOUT_MS, "show"),
        (1009, "library", notes.SCRIPT_TIMEOUT_MS, "show"),
        (1010, "slider", notes.SCRIPT_TIMEOUT_MS, "show"),
        (1012, "refresh", notes.RETRIES_TIMEOUT_MS, "fault"),
        (1013, "verify", notes.RETRIES_TIMEOUT_MS, "fault"),
    ],
)
def test_the_hang_of_a_link_waits_as_long_as_the_notes_say(code: int, link: str, wait_ms: int, wait_from: str) -> None:
    waits = {(c.wait_ms, c.wait_from) for c in PROVIDER.causes if (c.code, c.link, c.fault) == (code, link, "hang")}
    assert waits == {(wait_ms, wait_from)}


def test_each_link_follows_one_that_shares_its_first_host() -> None:
    links = {link.name: link for link in PROVIDER.links}
    for link in PROVIDER.links:
        if link.after is not None:
            assert link.hosts[0] in links[link.after].hosts


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("turing.captcha.qcloud.com/TCaptcha.js", "entry"),
        ("turing.captcha.qcloud.com/tcaptcha-frame.0a1b2c3d.js", "frame"),
        ("global.turing.captcha.gtimg.com/1/tcaptcha-frame.0a1b2c3d.js", "frame"),
        ("turing.captcha.qcloud.com/template/drag_ele.0a1b2c3d.html", "iframe"),
        ("turing.captcha.gtimg.com/1/dy-jy.js", "library"),
        ("turing.captcha.gtimg.com/1/dy-ele.0a1b2c3d.js", "slider"),
        ("turing.captcha.qcloud.com/cap_union_new_getsig", "refresh"),
        ("turing.captcha.qcloud.com/cap_monitor", ""),
        ("turing.captcha.qcloud.com/", ""),
        ("turing.captcha.qcloud.com/favicon.ico", ""),
        ("captcha.tencentcloudapi.com/", "verdict"),
        ("127.0.0.1/", "verdict"),
        ("127.0.0.1/favicon.ico", ""),
    ],
)
def test_a_request_is_told_by_host_and_path(url: str, link: str) -> None:
    host, _, path = url.partition("/")
    assert PROVIDER.emulator(app_id=APP_ID, prefix="terror").classify(host, "GET", f"/{path}", {}) == link


def test_the_template_check_is_another_link_than_the_iframe() -> None:
    emulator = PROVIDER.emulator(app_id=APP_ID, prefix="terror")
    path = "/1/template/drag_ele.0a1b2c3d.html"
    assert emulator.classify("turing.captcha.gtimg.com", "GET", path, {"check": "1"}) == "template"


@pytest.mark.parametrize("build", PROVIDER.builds)
def test_the_two_prefixes_differ_in_one_word_of_the_entry_script(build: str) -> None:
    terror, trerror = client_files(build, "terror"), client_files(build, "trerror")
    assert terror.entry.count(b'"terror"') == 1
    assert terror.entry.replace(b'"terror"', b'"trerror"') == trerror.entry
    assert (terror.frame, terror.template, terror.library, terror.slider) == (
        trerror.frame, trerror.template, trerror.library, trerror.slider,
    )


def test_a_reset_makes_new_secrets_for_the_same_app() -> None:
    emulator = PROVIDER.emulator(app_id=APP_ID, prefix="terror")
    before = emulator.credentials
    emulator.reset(build="newer")
    assert emulator.credentials.app_id == before.app_id
    assert not {*before.secrets()} & {*emulator.credentials.secrets()}


def test_unknown_builds_and_prefixes_are_refused_with_the_closest() -> None:
    with pytest.raises(UsageError, match="did you mean 'trerror'"):
        PROVIDER.emulator(app_id=APP_ID, prefix="trerrr")
    with pytest.raises(UsageError, match="did you mean 'newer'"):
        PROVIDER.emulator(app_id=APP_ID, prefix="terror").reset(build="never")


@pytest.mark.anyio
async def test_the_other_prefix_reaches_the_ticket(
    stage: Stage, vendor: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor, "emulator", PROVIDER.emulator(app_id=APP_ID, prefix="trerror"))
    stage.breaks("frame", breaks_off)
    await stage.open()
    await stage.click()
    assert (await stage.result())["ticket"].startswith(f"trerror_1004_{APP_ID}_")
