"""What no client of the vendor's sends must neither break the emulator nor get a ticket out of it."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from harness.catalog import Answer
from harness.providers.base import PROVIDERS, Request
from suites.selftest.tencent_client.stage import APP_ID

HOST = "turing.captcha.qcloud.com"


@pytest.fixture
def emulator() -> Any:
    return PROVIDERS.get("tencent_web").emulator(app_id=APP_ID, prefix="terror")


def ask(emulator: Any, path: str, *, query: dict[str, str] | None = None, body: bytes = b"", method: str = "GET") -> Answer:
    query = query or {}
    request = Request(
        link=emulator.classify(HOST, method, path, query), host=HOST, method=method, path=path, query=query,
        raw_query=urlencode(query), headers={}, body=body, client="127.0.0.1:50000",
    )
    answer = asyncio.run(emulator.answer(request))
    assert isinstance(emulator.describe(request, answer), str)
    return answer


def configured(emulator: Any) -> dict[str, Any]:
    answer = ask(emulator, "/cap_union_prehandle", query={"aid": APP_ID, "callback": "_aq_1"})
    return json.loads(answer.body.removeprefix(b"_aq_1(").removesuffix(b")"))


@pytest.mark.parametrize("callback", ["", "alert(1)//", "a.b", "x" * 65, "é", "<script>"])
def test_a_callback_that_is_no_plain_name_gets_nothing(emulator: Any, callback: str) -> None:
    answer = ask(emulator, "/cap_union_prehandle", query={"aid": APP_ID, "callback": callback})
    assert (answer.status, answer.body) == (400, b"")


@pytest.mark.parametrize("answer", ["", "-1", "NaN", "1e2", "99999,0", "٣", "120.5", "\x00"])
def test_an_answer_that_is_no_place_gets_no_ticket(emulator: Any, answer: str) -> None:
    form = {"aid": APP_ID, "sess": configured(emulator)["sess"], "ans": answer}
    told = json.loads(ask(emulator, "/cap_union_new_verify", body=urlencode(form).encode(), method="POST").body)
    assert (told["ticket"], told["errorCode"]) == ("", "50")


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"sess=unknown&ans=1", b"&&&===", b"{}"])
@pytest.mark.parametrize("path", ["/cap_union_new_verify", "/cap_union_new_getsig"])
def test_a_session_that_never_began_gets_nothing(emulator: Any, path: str, body: bytes) -> None:
    answer = ask(emulator, path, body=body, method="POST")
    assert answer.status == 400
    assert not json.loads(answer.body).get("ticket")


def test_an_answer_at_the_edge_of_the_gap_passes_and_one_beside_it_does_not(emulator: Any) -> None:
    outcome = {}
    for off in (-7, -6, 0, 6, 7):
        config = configured(emulator)
        place = config["data"]["challenge"]["gap_x"] + off
        form = {"aid": APP_ID, "sess": config["sess"], "ans": f"{place},10"}
        told = json.loads(ask(emulator, "/cap_union_new_verify", body=urlencode(form).encode(), method="POST").body)
        outcome[off] = told["ticket"].startswith("tr0")
    assert outcome == {-7: False, -6: True, 0: True, 6: True, 7: False}


@pytest.mark.parametrize("path", ["/", "/robots.txt", "/tcaptcha-frame.00000000.js", "/../x", "/template/drag_ele.0.html"])
def test_what_is_not_served_is_404(emulator: Any, path: str) -> None:
    assert ask(emulator, path).status == 404
