"""The healthy way: every hop of the load chain, a real drag, a ticket that the verdict API knows."""

from __future__ import annotations

import itertools
import time

import pytest

from harness.providers.base import PROVIDERS
from suites.selftest.tencent_client import vendor_notes as notes
from suites.selftest.tencent_client.stage import APP_ID, Stage

pytestmark = pytest.mark.anyio
CHAIN = ["entry", "frame", "config", "template", "iframe", "library", "slider", "verify"]
STATIC = {"entry", "frame", "iframe", "library", "slider"}


async def test_a_drag_into_the_gap_yields_a_ticket_in_exactly_the_documented_fields(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.solve()
    result = await stage.result()
    assert set(result) == notes.SUCCESS_FIELDS
    assert (result["ret"], result["CaptchaAppId"], result["bizState"]) == (0, APP_ID, "basket-7")
    assert stage.errors == []


async def test_the_chain_is_walked_one_hop_after_the_other(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.solve()
    await stage.result()
    walked = [arrival for arrival in stage.vendor.log if arrival.link]
    assert [arrival.link for arrival in walked] == CHAIN
    for before, later in itertools.pairwise(walked):
        assert before.answered is not None
        assert before.answered <= later.arrived + 0.005


async def test_a_link_shares_its_connection_with_the_one_it_is_declared_to_follow(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.solve(refresh=True)
    await stage.result()
    connections = {arrival.link: arrival.connection for arrival in stage.vendor.log if arrival.link}
    follows = {link.name: link.after for link in PROVIDERS.get("tencent_web").links if link.after}
    assert {name: connections[name] == connections[before] for name, before in follows.items()} == dict.fromkeys(follows, True)


async def test_the_ticket_is_redeemed_once_for_the_browsers_address(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.solve()
    result = await stage.result()
    tickets = stage.vendor.emulator.tickets
    assert tickets.open(result["ticket"]).user_ip == "127.0.0.1"
    asked = {"app_id": APP_ID, "randstr": result["randstr"], "user_ip": "127.0.0.1", "now": time.time()}
    assert [tickets.redeem(result["ticket"], **asked) for _ in range(2)] == [1, 9]


async def test_the_drag_is_quick(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    marks: dict[str, float] = {}

    async def mark(what: str) -> None:
        marks[what] = time.monotonic()

    await stage.human.solve(stage.page, stage.behaviour(), mark)
    assert list(marks) == ["drag", "dragged"]
    assert marks["dragged"] - marks["drag"] < 1.0


async def test_another_picture_is_fetched_on_request_and_solved(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    marks: list[str] = []

    async def mark(what: str) -> None:
        marks.append(what)

    await stage.human.solve(stage.page, stage.behaviour(refresh=True), mark)
    assert (await stage.result())["ticket"].startswith("tr0")
    assert marks == ["refresh", "refreshed", "drag", "dragged"]
    assert (stage.count("refresh"), stage.count("verify")) == (1, 1)


async def test_a_drag_beside_the_gap_gets_no_ticket_but_another_try(stage: Stage) -> None:
    await stage.open()
    await stage.click()
    await stage.visible()
    handle = await stage.page.frame_locator("#tcaptcha_iframe_dy").locator("#e_handle").bounding_box()
    await stage.page.mouse.move(handle["x"] + 20, handle["y"] + 20)
    await stage.page.mouse.down()
    await stage.page.mouse.move(handle["x"] + 40, handle["y"] + 20, steps=3)
    await stage.page.mouse.up()
    await stage.page.frame_locator("#tcaptcha_iframe_dy").get_by_text("Please try again").wait_for()
    assert await stage.results() == []
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")


async def test_a_user_who_takes_half_a_minute_is_verified_normally(stage: Stage) -> None:
    await stage.open(virtual=True)
    await stage.click()
    await stage.visible()
    await stage.advance(30_000)
    await stage.solve()
    assert (await stage.result())["ticket"].startswith("tr0")


async def test_every_answer_may_not_be_stored(stage: Stage) -> None:
    told: dict[str, str | None] = {}
    stage.page.on("response", lambda answer: told.update({answer.url: answer.headers.get("cache-control")}))
    await stage.open()
    await stage.click()
    await stage.visible()
    await stage.solve(refresh=True)
    await stage.result()
    vendors = {url: rule for url, rule in told.items() if "captcha" in url}
    assert len(vendors) == len(CHAIN) + 1
    assert set(vendors.values()) == {"no-store"}


async def test_the_scripts_are_the_same_bytes_for_every_visitor(stage: Stage) -> None:
    served = []
    for _ in range(2):
        stage.vendor.reset(build="classic")
        await stage.open()
        await stage.click()
        await stage.visible()
        served.append({arrival.link: arrival.sha256 for arrival in stage.vendor.log if arrival.link in STATIC})
    assert served[0] == served[1]
    assert len(served[0]) == 5
