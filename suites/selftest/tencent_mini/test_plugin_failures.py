"""The scripted plug-in fails as the notes on the plug-in's source say, on real connections that really break."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest

from harness.providers.tencent_mini.plugin import Event, Settings
from suites.selftest.tencent_mini import plugin_notes as notes
from suites.selftest.tencent_mini.conftest import OpenStage
from suites.selftest.tencent_mini.stage import APP_ID, Stage, until, within

NO_ANSWER_AT_ONCE = ("refused", "reset", "status-500", "status-503")


def on(open_stage: OpenStage, scene: Callable[[Stage], Awaitable[None]], **how: object) -> None:
    async def play() -> None:
        async with open_stage(**how) as stage:
            await scene(stage)

    asyncio.run(play())


def assert_is_fallback(event: Event, code: int, app_id: str = APP_ID) -> None:
    assert event.name == "verify"
    assert set(event.detail) == notes.FALLBACK_FIELDS
    assert event.detail["ret"] == 0
    # 1790000000 is the stage's own time of day; the waits before it are seconds to a minute.
    assert re.fullmatch(rf"{notes.PREFIX}_{code}_{app_id}_17900000[0-9]{{2}}", event.detail["ticket"])
    assert event.detail["randstr"]


@pytest.mark.parametrize("fault", NO_ANSWER_AT_ONCE)
def test_three_failed_configurations_leave_1006_after_600_ms(open_stage: OpenStage, fault: str) -> None:
    async def scene(stage: Stage) -> None:
        async with stage.broken("config", fault):
            stage.program.tap()
            assert_is_fallback(await stage.falls_back(), notes.CONFIG)
            tries = stage.asked("config") if fault.startswith("status") else len(stage.connections())
            assert tries == notes.TRIES

    on(open_stage, scene)


@pytest.mark.parametrize("fault", ["expired-certificate", "wrong-name-certificate", "unknown-ca-certificate"])
def test_a_certificate_that_nobody_should_trust_leaves_1006(open_stage: OpenStage, fault: str) -> None:
    async def scene(stage: Stage) -> None:
        async with stage.broken("config", fault):
            stage.program.tap()
            assert_is_fallback(await stage.falls_back(), notes.CONFIG)
            assert stage.asked("config") == 0

    on(open_stage, scene)


def test_a_configuration_that_hangs_leaves_1006_after_three_times_15_s(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        async with stage.broken("config", "hang"):
            stage.program.tap()
            await stage.hangs()
            assert_is_fallback(await stage.falls_back(), notes.CONFIG)
            assert stage.clock.passed_ms == notes.TRIES * notes.REQUEST_MS + notes.EMIT_MS

    on(open_stage, scene)


def test_two_failed_configurations_and_a_good_one_leave_nothing_but_a_captcha(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        async with stage.broken("config", "hang"):
            stage.program.tap()
            await stage.hangs(1)
            await until(lambda: len(stage.connections()) == 2)
        # Healing a hang closes what hung: the second try fails at that moment, and the third gets through.
        await within(stage.program.first("ready"))
        assert stage.names() == ["ready"]

    on(open_stage, scene)


def test_1006_names_no_app_id_when_it_was_given_as_the_property(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        async with stage.broken("config", "refused"):
            stage.program.tap()
            assert_is_fallback(await stage.falls_back(), notes.CONFIG, app_id="")

    on(open_stage, scene, settings=Settings(appid_property=APP_ID))


@pytest.mark.parametrize("fault", ["refused", "reset", "status-500"])
def test_three_failed_refreshes_leave_1012_after_600_ms(open_stage: OpenStage, fault: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.shown()
        async with stage.broken("refresh", fault):
            stage.program.refresh()
            # The property's app id is found here: only 1006 looks at data.appId alone.
            assert_is_fallback(await stage.falls_back(), notes.REFRESH)

    on(open_stage, scene, settings=Settings(appid_property=APP_ID))


def test_a_refresh_that_hangs_leaves_1012_after_three_times_15_s(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        await stage.shown()
        async with stage.broken("refresh", "hang"):
            stage.program.refresh()
            await stage.hangs()
            assert_is_fallback(await stage.falls_back(), notes.REFRESH)
            assert stage.clock.passed_ms == notes.TRIES * notes.REQUEST_MS + notes.EMIT_MS

    on(open_stage, scene)


@pytest.mark.parametrize("fault", ["refused", "reset", "status-500"])
def test_failed_verifications_alone_never_leave_a_ticket(open_stage: OpenStage, fault: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.shown()
        before = len(stage.connections())
        async with stage.broken("verify", fault):
            dragged = stage.program.drag(0)
            tries = (lambda: stage.asked("verify")) if fault == "status-500" else lambda: len(stage.connections()) - before
            await until(lambda: tries() > 3 * notes.TRIES)
            assert not dragged.done()
            assert notes.EMIT_MS not in stage.clock.running()
            assert stage.names() == ["ready"]

    on(open_stage, scene)


def test_a_verification_that_hangs_is_tried_again_every_15_s_and_never_leaves_a_ticket(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        await stage.shown()
        async with stage.broken("verify", "hang"):
            stage.program.drag(0)
            await stage.hangs(2 * notes.TRIES)
            await stage.clock.armed(notes.REQUEST_MS)
            assert stage.names() == ["ready"]

    on(open_stage, scene)


def test_after_three_failed_refreshes_one_failed_verification_leaves_1013(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        await stage.shown()
        async with stage.broken("refresh", "status-500"):
            stage.program.refresh()
            assert_is_fallback(await stage.falls_back(), notes.REFRESH)
        async with stage.broken("verify", "status-500"):
            stage.program.drag(0)
            assert_is_fallback(await stage.falls_back(), notes.VERIFY)
        assert stage.asked("verify") == 1

    on(open_stage, scene)


@pytest.mark.parametrize("link", ["config", "refresh", "verify"])
def test_an_empty_body_with_status_200_leaves_the_plug_in_stuck(open_stage: OpenStage, link: str) -> None:
    async def scene(stage: Stage) -> None:
        if link != "config":
            await stage.shown()
        acts = {"config": stage.program.tap, "refresh": stage.program.refresh, "verify": lambda: stage.program.drag(0)}
        heard = list(stage.names())
        async with stage.broken(link, "empty"):
            await within(acts[link]())
            assert stage.asked(link) == 1
            # It is not waiting for anything any more: no timer runs, no request is under way, and nobody was told.
            assert stage.clock.running() == []
            assert stage.names() == heard

    on(open_stage, scene)


def test_an_app_id_of_the_web_kind_is_refused_in_the_vendors_words(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        stage.program.tap()
        event = await within(stage.program.first("error"))
        assert notes.WRONG_APP_TYPE in event.detail.values()
        assert stage.names() == ["error"]

    on(open_stage, scene, app_type="web")


def test_closing_tells_the_mini_program_and_leaves_no_ticket(open_stage: OpenStage) -> None:
    async def scene(stage: Stage) -> None:
        await stage.shown()
        stage.program.close()
        assert stage.names() == ["ready", "close"]
        assert "ticket" not in stage.program.events[-1].detail

    on(open_stage, scene)
