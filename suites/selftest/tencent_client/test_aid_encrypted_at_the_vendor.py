"""What the emulated vendor makes of ``aidEncrypted``: each documented rule, in a real browser where the client has a part.

The rules are those of the vendor's guide (seed 003). What becomes of a refused value is documented nowhere: the option's
default is that no configuration comes, so that the client gives up by its own timer of 20 s (1006).
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from harness import aid_encrypted
from harness.errors import UsageError
from harness.providers.base import PROVIDERS, Request
from harness.providers.tencent_web.aid_check import AidSettings
from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.pages import page
from suites.selftest.tencent_client.stage import APP_ID, Stage

DAY_S = 86_400


def vendor(**options: Any) -> Any:
    return PROVIDERS.get("tencent_web").emulator(app_id=APP_ID, prefix="terror", options=options)


def configured(account: Any, query: dict[str, str]) -> tuple[int, dict[str, Any], str]:
    """Ask for a configuration; returns status, what stands in the JSONP, and how the vendor's log puts it."""
    asked = {"aid": APP_ID, "callback": "_aq_1", **query}
    request = Request(
        link="config", host="turing.captcha.qcloud.com", method="GET", path="/cap_union_prehandle", query=asked, raw_query="",
        headers={}, body=b"", client="127.0.0.1:40000",
    )  # fmt: skip
    answer = asyncio.run(account.answer(request))
    told = re.fullmatch(rb"_aq_1\((.*)\)", answer.body)
    assert told is not None
    return answer.status, json.loads(told[1]), account.describe(request, answer)


def value(account: Any, **changed: Any) -> str:
    """A value as the account's own server would make it now, but for what is changed."""
    usual = {"app_id": APP_ID, "app_secret": account.credentials.app_secret, "made_s": int(account.now()), "valid_s": 600}
    return aid_encrypted.make(**(usual | changed))


@pytest.mark.parametrize("type_", ["", "cbc", "GCM"])
def test_a_good_value_gets_its_configuration(type_: str) -> None:
    account = vendor(aid_encrypted_forced=True)
    given = {"aidEncrypted": value(account, type_=type_ or "cbc")} | ({"aidEncryptedType": type_} if type_ else {})
    status, told, said = configured(account, given)
    assert (status, told["state"], said) == (200, 1, "config with a good aid")


def test_a_day_is_the_longest_that_a_value_may_be_good_for() -> None:
    account = vendor()
    _status, told, _said = configured(account, {"aidEncrypted": value(account, valid_s=DAY_S)})
    assert told["state"] == 1


BAD = {
    "wrong key": ({"app_secret": "x" * 25}, r"error aidEncrypted (wrong key, or altered|does not hold .*)"),
    "wrong app id": ({"app_id": "123456789"}, "error aidEncrypted another app id"),
    "future": ({"in_s": 60}, "error aidEncrypted made in the future"),
    "expired": ({"in_s": -601}, "error aidEncrypted expired"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_value_gets_no_configuration(case: str) -> None:
    changed, said_then = BAD[case]
    account = vendor()
    made_s = int(account.now()) + int(changed.get("in_s", 0))
    rest = {name: what for name, what in changed.items() if name != "in_s"}
    status, told, said = configured(account, {"aidEncrypted": value(account, made_s=made_s, **rest)})
    assert (status, told["state"], told["ticket"]) == (200, 0, "")
    assert "data" not in told
    assert re.fullmatch(said_then, said)


def test_without_a_value_only_the_forced_check_refuses() -> None:
    assert configured(vendor(), {})[1]["state"] == 1
    _status, told, said = configured(vendor(aid_encrypted_forced=True), {})
    assert (told["state"], said) == (0, "error aidEncrypted missing")


def test_a_refusal_may_be_a_400_for_nobody_knows() -> None:
    account = vendor(aid_encrypted_forced=True, aid_encrypted_refused="http-400")
    assert configured(account, {})[0] == 400


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"aid_encrypted_forced": "yes"}, "aid_encrypted_forced must be true or false"),
        ({"aid_encrypted_refused": "http-404"}, "did you mean 'http-400'"),
        ({"aid_encrypted_expired_in_use": 1}, "must be refused or ignored"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_served(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        vendor(**options)


@pytest.fixture
def aid(stage: Stage) -> Iterator[Any]:
    """The stage's vendor; its options are put back."""
    account: Any = stage.vendor.emulator
    yield account
    account.aid = AidSettings()


@pytest.mark.anyio
async def test_a_refused_value_ends_in_1006_after_the_clients_own_20_s(stage: Stage, aid: Any) -> None:
    aid.aid = AidSettings(forced=True)
    await stage.open(html=page(), virtual=True)
    await stage.click()
    await stage.arrived("config")
    result = await stage.advance_to_result()
    assert (result["errorCode"], result["errorMessage"]) == (1006, notes.MESSAGES[1006])
    assert result["ticket"].startswith(f"terror_1006_{APP_ID}_")
    assert 19_500 <= await stage.took_ms("shown") <= 24_000


@pytest.mark.anyio
async def test_a_refusal_by_400_ends_in_1006_after_three_tries(stage: Stage, aid: Any) -> None:
    aid.aid = AidSettings(forced=True, refused="http-400")
    await stage.open(html=page())
    await stage.click()
    assert (await stage.result())["errorCode"] == 1006
    assert stage.count("config") == 3


async def opened_with_a_value(stage: Stage, account: Any) -> None:
    """Show the captcha with a good value, which the page is given when it has its account."""
    await stage.open(html=page(options="{ get aidEncrypted() { return window.aid; } }"))
    await stage.page.evaluate("value => { window.aid = value; }", value(account))
    await stage.click()
    await stage.visible()


@pytest.mark.anyio
@pytest.mark.parametrize(("act", "code"), [("drag", 1013), ("refresh", 1012)])
async def test_a_value_that_expires_while_the_captcha_is_open_ends_it(stage: Stage, aid: Any, act: str, code: int) -> None:
    await opened_with_a_value(stage, aid)
    aid.skew(601)
    if act == "drag":
        await stage.solve()
    else:
        await stage.page.frame_locator("#tcaptcha_iframe_dy").locator("#e_reload").click()
    result = await stage.result()
    assert (result["errorCode"], result["ticket"].split("_")[:2]) == (code, ["terror", str(code)])


@pytest.mark.anyio
async def test_an_open_captcha_may_outlive_its_value_where_the_option_says_so(stage: Stage, aid: Any) -> None:
    aid.aid = AidSettings(forced=True, expired_in_use="ignored")
    await opened_with_a_value(stage, aid)
    aid.skew(601)
    await stage.solve()
    result = await stage.result()
    assert "errorCode" not in result
    assert result["ticket"]
