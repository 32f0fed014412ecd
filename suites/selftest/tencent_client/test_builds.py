"""The later builds, each on its own hosts: 2.0 and the international one; and the hosts that the vendor has retired."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from harness.errors import UsageError
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from harness.providers.tencent_web import hosts
from harness.providers.tencent_web.emulator import TencentEmulator
from harness.providers.tencent_web.links import links_with
from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.pages import page, page_of
from suites.selftest.tencent_client.stage import APP_ID, Stage, breaks_off

pytestmark = pytest.mark.anyio
CHAIN = ["entry", "frame", "config", "template", "iframe", "library", "slider", "verify"]
# Which host answers each hop. The notes name entry, frame and international hosts; the rest is ours (client/README.md).
API = ("entry", "config", "verify")
CHINA = dict.fromkeys(CHAIN, "turing.captcha.gtimg.com") | dict.fromkeys(API, "turing.captcha.qcloud.com")
ABROAD = dict.fromkeys(CHAIN, "global.turing.captcha.gtimg.com") | dict.fromkeys(API, "ca.turing.captcha.qcloud.com")


async def solved(stage: Stage, build: str) -> tuple[dict[str, Any], list[str]]:
    """Walk a build's documented page to its ticket; returns the result and every address asked of the vendor."""
    asked: list[str] = []
    stage.page.on("request", lambda request: asked.append(request.url))
    await stage.open(html=page_of(build, options="{ bizState: 7 }"), build=build)
    await stage.click()
    await stage.visible()
    await stage.solve()
    return await stage.result(), asked


async def test_2_0_loads_its_own_entry_and_frame_script_and_adds_three_fields(stage: Stage) -> None:
    result, asked = await solved(stage, "v2")
    assert f"https://{notes.ENTRY_2}" in asked
    assert [url for url in asked if url.startswith(notes.FRAME_2)]
    assert set(result) == notes.SUCCESS_FIELDS_2
    assert (result["ret"], result["CaptchaAppId"], result["bizState"]) == (0, APP_ID, 7)
    assert notes.SESSION_ID.fullmatch(result["sid"])
    assert result["actionDuration"] > 0
    assert result["verifyDuration"] >= 0


async def test_the_international_build_asks_its_own_hosts_and_checks_its_own_template(stage: Stage) -> None:
    result, asked = await solved(stage, "international")
    assert f"https://{notes.ENTRY_INTERNATIONAL}" in asked
    assert [url for url in asked if notes.TEMPLATE_INTERNATIONAL in url]
    assert set(result) == notes.SUCCESS_FIELDS


@pytest.mark.parametrize(("build", "answered_by"), [("v2", CHINA), ("international", ABROAD)])
async def test_a_later_build_walks_the_chain_on_its_hosts_one_hop_after_the_other(
    stage: Stage, build: str, answered_by: dict[str, str]
) -> None:
    await solved(stage, build)
    walked = [arrival for arrival in stage.vendor.log if arrival.link]
    assert [arrival.link for arrival in walked] == CHAIN
    assert {arrival.link: arrival.host for arrival in walked} == answered_by
    for before, later in itertools.pairwise(walked):
        assert before.answered is not None
        assert before.answered <= later.arrived + 0.005


@pytest.mark.parametrize("build", ["v2", "international"])
async def test_links_name_the_hosts_in_the_order_in_which_the_build_asks_them(stage: Stage, build: str) -> None:
    links = {link.name: link.hosts for link in links_with(build=build)}
    stage.breaks("frame", breaks_off)
    await stage.open(html=page_of(build), build=build)
    await stage.arrived("frame", notes.FRAME_ATTEMPTS)
    assert tuple(dict.fromkeys(stage.hosts("frame"))) == links["frame"]
    stage.heals("frame")
    stage.breaks("template", breaks_off)
    await stage.click()
    assert (await stage.result())["errorCode"] == 1004
    await stage.click()
    if build == "international":
        await stage.page.click(".tcaptcha-robot")
    assert (await stage.result(2))["errorCode"] == 1007
    assert tuple(dict.fromkeys(stage.hosts("template"))) == links["template"]
    assert set(stage.hosts("entry")) <= {links["entry"][0]}


@pytest.mark.parametrize("build", ["classic", "international"])
def test_each_link_of_a_build_follows_one_that_shares_its_first_host(build: str) -> None:
    links = {link.name: link for link in links_with(build=build)}
    assert list(links) == [link.name for link in PROVIDERS.get("tencent_web").links]
    for link in links.values():
        if link.after is not None:
            assert link.hosts[0] in links[link.after].hosts


async def test_a_white_label_host_serves_the_first_entry(stage: Stage) -> None:
    await stage.open(html=page(entry=f"{notes.WHITE_LABEL}/TCaptcha.js"))
    await stage.click()
    await stage.visible()
    assert stage.hosts("entry") == [notes.WHITE_LABEL]


# --- retired hosts


def test_retired_hosts_belong_to_no_link_until_they_are_wanted() -> None:
    plain = {host for link in links_with() for host in link.hosts}
    wanted = {host for link in links_with(retired_hosts=True) for host in link.hosts}
    assert not plain & set(notes.DEAD_HOSTS)
    assert wanted - plain == set(notes.DEAD_HOSTS) == set(hosts.RETIRED)
    assert set(hosts.browser_hosts(retired_hosts=True)) - set(hosts.browser_hosts()) == set(notes.DEAD_HOSTS)


@pytest.mark.parametrize("host", notes.DEAD_HOSTS)
async def test_a_page_with_a_dead_entry_gets_nothing_from_it(stage: Stage, host: str) -> None:
    await stage.open(html=page(entry=f"{host}/TCaptcha.js?_t=1700000000"))
    assert await stage.page.evaluate("[typeof window.TencentCaptcha, thrown]") == [
        "undefined", "TencentCaptcha is not defined",
    ]
    assert [arrival.status for arrival in stage.vendor.log if arrival.path == "/TCaptcha.js"] == [404]
    assert stage.count("entry") == 0


@pytest.mark.parametrize("host", notes.DEAD_HOSTS)
async def test_a_dead_entry_lives_again_when_retired_hosts_are_wanted(
    stage: Stage, vendor: ProviderServer, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr(vendor, "emulator", TencentEmulator(app_id=APP_ID, prefix="terror", retired_hosts=True))
    await stage.open(html=page(entry=f"{host}/TCaptcha.js?_t=1700000000"))
    await stage.click()
    await stage.visible()
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")
    assert stage.hosts("entry") == [host]


def test_an_unknown_build_is_refused_with_the_closest() -> None:
    with pytest.raises(UsageError, match="did you mean 'international'"):
        TencentEmulator(app_id=APP_ID, prefix="terror").reset(build="internatoinal")


def test_the_target_files_word_for_retired_hosts_reaches_links_and_emulator() -> None:
    provider, page_path = PROVIDERS.get("tencent_web"), ("GET", "/TCaptcha.js", {})
    for options, link in (({}, ""), ({"retired_hosts": True}, "entry")):
        emulator = provider.emulator(app_id=APP_ID, prefix="terror", options=options)
        entry = next(one for one in provider.links_with(options) if one.name == "entry")
        for host in notes.DEAD_HOSTS:
            assert emulator.classify(host, *page_path) == link
            assert (host in entry.hosts) is bool(link)
