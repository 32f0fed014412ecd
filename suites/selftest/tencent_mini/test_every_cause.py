"""Each row of the provider's plan, put on real connections, leads to what it says: its code by its time, or no verdict."""

from __future__ import annotations

import asyncio

import pytest
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException

from harness.catalog import Cause
from harness.faults.base import FAULTS
from harness.providers.base import PROVIDERS
from suites.selftest.tencent_api.asking import Way, ask
from suites.selftest.tencent_mini import plugin_notes as notes
from suites.selftest.tencent_mini.conftest import OpenStage
from suites.selftest.tencent_mini.stage import APP_ID, Stage, within

pytestmark = pytest.mark.usefixtures("no_proxy")
CAUSES = PROVIDERS.get("tencent_mini").causes
# Each link and fault once: the plug-in's requests are warm after the first, the back end's SDK connects anew.
CLIENT = {(cause.link, cause.fault): cause for cause in CAUSES if cause.link != "verdict" and cause.wait_ms is not None}
SILENT = {(cause.link, cause.fault): cause for cause in CAUSES if cause.wait_ms is None}
# So long nothing is heard: longer than three requests and the plug-in's pause before it says anything.
LONG_MS = 3 * notes.REQUEST_MS + 2 * notes.EMIT_MS
SERVER_FAULTS = sorted({cause.fault for cause in CAUSES if cause.link == "verdict"})
PATIENCE_S = 2.0


@pytest.mark.parametrize("cause", CLIENT.values(), ids=["-".join(place) for place in CLIENT])
def test_each_cause_on_the_plug_ins_links_leads_to_its_code_by_its_time(open_stage: OpenStage, cause: Cause) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            if cause.link != "config":
                await stage.shown()
            async with stage.broken(cause.link, cause.fault):
                (stage.program.tap if cause.link == "config" else stage.program.refresh)()
                if FAULTS.get(cause.fault).hangs:
                    await stage.hangs()
                ticket = str((await stage.falls_back()).detail["ticket"])
            assert ticket.startswith(f"{notes.PREFIX}_{cause.code}_{APP_ID}_")
            assert stage.clock.passed_ms == cause.wait_ms

    asyncio.run(play())


@pytest.mark.parametrize("cause", SILENT.values(), ids=["-".join(place) for place in SILENT])
def test_where_no_time_is_planned_the_plug_in_never_says_a_word(open_stage: OpenStage, cause: Cause) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            if cause.link != "config":
                await stage.shown()
            shown = stage.names()
            async with stage.broken(cause.link, cause.fault):
                asked = stage.program.tap() if cause.link == "config" else stage.program.drag(0)
                if FAULTS.get(cause.fault).hangs:
                    await stage.hangs()
                else:
                    await within(asked)
                await stage.clock.advance(LONG_MS)
                assert stage.names() == shown

    asyncio.run(play())


async def solved(stage: Stage) -> str:
    await stage.shown()
    challenge = stage.program.plugin.challenge
    assert challenge is not None
    await within(stage.program.drag(challenge["gap_x"]))
    return str(stage.program.events.pop().detail["ticket"])


async def asked(stage: Stage, ticket: str) -> object:
    """Ask as a back end does that knows the vendor by its name, over TLS and the lab's proxy."""
    account = stage.slot.provider.emulator.credentials
    way = Way(
        endpoint="captcha.tencentcloudapi.com", protocol="https", ca_file=stage.slot.ca_file,
        proxy=f"127.0.0.1:{stage.slot.router.port}",
    )  # fmt: skip
    try:
        told = await asyncio.to_thread(
            ask, way, (account.secret_id, account.secret_key), account.app_secret, mini=True, Ticket=ticket,
            CaptchaAppId=int(APP_ID),
        )  # fmt: skip
    except TencentCloudSDKException as error:
        return error
    return told.CaptchaCode


@pytest.mark.parametrize("fault", SERVER_FAULTS)
def test_each_cause_on_the_verdict_link_leaves_the_back_end_without_a_pass_until_it_ends(
    open_stage: OpenStage, fault: str
) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            ticket = await solved(stage)
            async with stage.broken("verdict", fault):
                waiting = asyncio.create_task(asked(stage, ticket))
                await asyncio.wait((waiting,), timeout=PATIENCE_S)
                assert not waiting.done() or waiting.result() != notes.PASSED
            # A drip that has begun would go on for longer than anybody waits.
            await stage.slot.router.drop_all()
            await within(waiting)
            stage.program.events.clear()
            assert await asked(stage, await solved(stage)) == notes.PASSED

    asyncio.run(play())
