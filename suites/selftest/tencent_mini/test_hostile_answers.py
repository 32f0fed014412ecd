"""Whatever the vendor's host answers, the plug-in neither breaks nor makes a ticket of it."""

from __future__ import annotations

import asyncio

import pytest

from harness.catalog import Answer, Asked, Rewrite
from suites.selftest.tencent_mini.conftest import OpenStage
from suites.selftest.tencent_mini.stage import Stage, within

BODIES = {
    "html": b"<html>gateway</html>",
    "not utf-8": b"\xff\xfe\xfa{",
    "a list": b"[]",
    "null": b"null",
    "deeply nested": b"[" * 100_000,
    "no data": b'{"state":1,"sess":"s"}',
    "data is text": b'{"state":1,"sess":"s","data":"x","challenge":"x"}',
    "numbers as text": b'{"state":1,"sess":"s","data":{"challenge":{"gap_x":"1","gap_y":"2"}},"challenge":{"gap_x":"1"}}',
    "a code of another type": b'{"state":1,"errorCode":0,"ticket":"t","randstr":"@"}',
}


def answering(body: bytes, *headers: tuple[str, str]) -> Rewrite:
    def rewrite(answer: Answer, asked: Asked) -> Answer:
        return Answer(headers=(("content-type", "application/json"), *headers), body=body)

    return rewrite


async def act_on(stage: Stage, link: str) -> None:
    if link == "config":
        await within(stage.program.tap())
    else:
        await within(stage.program.refresh() if link == "refresh" else stage.program.drag(0))


@pytest.mark.parametrize("link", ["config", "refresh", "verify"])
def test_a_body_that_cannot_be_used_leaves_it_stuck(open_stage: OpenStage, link: str) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            if link != "config":
                await stage.shown()
            heard = stage.names()
            for name, body in BODIES.items():
                stage.slot.provider.responses.set(link, answering(body), name)
                await act_on(stage, link)
                assert stage.names() == heard, name
                assert stage.clock.running() == [], name
            assert stage.asked(link) == len(BODIES)

    asyncio.run(play())


def test_an_answer_that_cannot_be_decoded_counts_as_a_failure(open_stage: OpenStage) -> None:
    async def play() -> None:
        async with open_stage() as stage:
            stage.slot.provider.responses.set("config", answering(b"{}", ("content-encoding", "gzip")), "not gzip")
            stage.program.tap()
            assert "_1006_" in str((await stage.falls_back()).detail["ticket"])

    asyncio.run(play())


def test_leaving_the_page_ends_what_is_under_way(open_stage: OpenStage) -> None:
    async def play() -> None:
        async with open_stage() as stage, stage.broken("config", "hang"):
            shown = stage.program.tap()
            await stage.clock.armed(15_000)
            await within(stage.program.leave())
            assert shown.cancelled()
            assert stage.clock.running() == []
            assert stage.names() == []

    asyncio.run(play())
