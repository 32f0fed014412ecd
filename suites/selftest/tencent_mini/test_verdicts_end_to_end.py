"""The ticket that the plug-in hands over, taken to ``DescribeCaptchaMiniResult`` by the vendor's own Python SDK."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from harness.catalog import Behaviour
from harness.providers.base import PROVIDERS
from harness.providers.tencent_mini.plugin import Settings
from suites.selftest.tencent_api.asking import Way, ask
from suites.selftest.tencent_mini import plugin_notes as notes
from suites.selftest.tencent_mini.conftest import OpenStage
from suites.selftest.tencent_mini.stage import APP_ID, Stage, within

pytestmark = pytest.mark.usefixtures("no_proxy")
HUMAN = PROVIDERS.get("tencent_mini").human


async def verdict(stage: Stage, ticket: str) -> int:
    """Ask as a back end does, over the same Toxiproxy."""
    account = stage.slot.provider.emulator.credentials
    way = Way(endpoint=stage.slot.plain_url.removeprefix("http://"))
    told = await asyncio.to_thread(
        ask, way, (account.secret_id, account.secret_key), account.app_secret, mini=True, Ticket=ticket,
        CaptchaAppId=int(APP_ID),
    )  # fmt: skip
    return int(told.CaptchaCode)


async def solved(stage: Stage, behaviour: Behaviour) -> str:
    marks: list[str] = []

    async def mark(name: str) -> None:
        marks.append(name)

    stage.program.tap()
    await within(HUMAN.challenge_visible(stage.program))
    await within(HUMAN.solve(stage.program, behaviour, mark))
    event = await within(stage.program.first("verify"))
    assert marks == ([*("refresh", "refreshed")] if behaviour.refresh else []) + ["drag", "dragged"]
    assert event.detail["ret"] == 0
    return str(event.detail["ticket"])


@pytest.mark.parametrize("refresh", [False, True])
def test_a_solved_captcha_passes_once(open_stage: OpenStage, refresh: bool) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            ticket = await solved(stage, Behaviour(refresh=refresh))
            assert not ticket.startswith(notes.PREFIX)
            assert await verdict(stage, ticket) == notes.PASSED
            assert await verdict(stage, ticket) != notes.PASSED
            used = {arrival.link for arrival in stage.slot.provider.log}
            assert used == {"config", "verify", "verdict", *(["refresh"] if refresh else [])}

    asyncio.run(play())


def test_a_drag_beside_the_gap_gets_another_picture_and_no_ticket(open_stage: OpenStage) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            await stage.shown()
            seen = stage.program.plugin.challenge
            await within(stage.program.drag(0))
            assert stage.names() == ["ready"]
            assert stage.program.plugin.challenge != seen

    asyncio.run(play())


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        pytest.param(Settings(data_app_id=APP_ID), notes.FALLBACK, id="app id recognised"),
        pytest.param(Settings(appid_property=APP_ID), notes.NOT_RECOGNISED, id="no app id in the ticket"),
    ],
)
def test_the_plug_ins_own_ticket_is_a_fallback_only_where_it_names_the_app(
    open_stage: OpenStage, settings: Settings, code: int
) -> None:
    async def play() -> None:
        async with open_stage(settings=settings) as stage:
            async with stage.broken("config", "refused"):
                stage.program.tap()
                ticket = str((await stage.falls_back()).detail["ticket"])
            assert await verdict(stage, ticket) == code
            assert stage.slot.provider.emulator.tickets.billed == 0  # type: ignore[attr-defined]  # this provider's own

    asyncio.run(play())


def test_an_account_without_a_package_gets_31_as_a_code(open_stage: OpenStage) -> None:
    async def play() -> None:
        async with open_stage(package=False) as stage:
            assert await verdict(stage, await solved(stage, Behaviour())) == notes.UNAUTHORIZED

    asyncio.run(play())


def test_every_prepared_ticket_gets_the_verdict_that_it_was_prepared_for(open_stage: OpenStage) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            provider = stage.slot.provider
            cases = PROVIDERS.get("tencent_mini").verdict_cases(provider.emulator)
            assert {case.code for case in cases if not case.says} - {999} <= notes.CODES - {notes.PASSED}
            for case in cases:
                if case.rewrite is not None:
                    provider.responses.set("verdict", case.rewrite, case.cause)
                assert await verdict(stage, case.ticket) == case.code, case.cause
                provider.responses.clear("verdict")

    asyncio.run(play())


def test_26_comes_with_the_seeds_message_and_two_fields_beside_the_response(open_stage: OpenStage) -> None:
    async def play() -> None:
        async with (
            open_stage() as stage,
            stage.broken("verdict", "mini-internal-error-26"),
            httpx.AsyncClient(trust_env=False) as client,
        ):
            told = (await client.post(stage.slot.plain_url, json={})).json()
        assert told["Response"].pop("RequestId")
        assert told == {
            "Response": {"CaptchaCode": 26, "CaptchaMsg": notes.INTERNAL_ERROR_26}, "retcode": 0, "retmsg": "ok",
        }  # fmt: skip

    asyncio.run(play())


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        ("mini-internal-error-26", "26"),
        ("internal-error", "InternalError"),
        ("refused", "ClientNetworkError"),
    ],
)
def test_a_back_end_sees_each_documented_absence_of_a_verdict_and_the_next_ticket_passes(
    open_stage: OpenStage, fault: str, seen: str
) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            ticket = await solved(stage, Behaviour())
            async with stage.broken("verdict", fault):
                try:
                    told = str(await verdict(stage, ticket))
                except TencentCloudSDKException as error:
                    told = str(error.code)
            assert told == seen
            stage.program.events.clear()
            assert await verdict(stage, await solved(stage, Behaviour())) == notes.PASSED

    asyncio.run(play())
