"""What a flow reads of the messages that a provider sent: the newest code to that very number, or the word that none came."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from harness.catalog import Behaviour
from harness.errors import TargetError
from harness.lab.handle import User
from harness.lab.recorder import Recorder
from harness.lab.user import FlowHandle
from harness.providers.base import PROVIDERS, Delivers
from harness.target.loader import find_target, load_target

NUMBER, OTHER = "13800138000", "13900139000"


def received(sent: dict[str, str], number: str) -> str:
    async def ask() -> str:
        user = User(
            base_url="http://127.0.0.1:1", spec=load_target(find_target(None)).flows["register"], account="a@shop.test",
            behaviour=Behaviour(), human=cast(Any, None), recorder=Recorder(), on_click=cast(Any, None),
            delivered=lambda to: sent.get(to, ""),
        )  # fmt: skip
        return FlowHandle(user, cast(Any, None)).received(number)

    return asyncio.run(ask())


def test_the_code_is_the_one_that_was_sent_to_that_number() -> None:
    assert received({NUMBER: "123456", OTHER: "654321"}, NUMBER) == "123456"


def test_a_number_that_was_sent_nothing_is_said_in_a_sentence() -> None:
    with pytest.raises(TargetError, match=f"{NUMBER} waits for a code, and the provider has sent it none"):
        received({OTHER: "654321"}, NUMBER)


@pytest.mark.parametrize(("name", "sends"), [("huawei", True), ("tencent_web", False)])
def test_a_provider_sends_messages_or_need_not(name: str, sends: bool) -> None:
    emulator = PROVIDERS.get(name).emulator(app_id="199999164", prefix="terror", options={})
    assert isinstance(emulator, Delivers) is sends
