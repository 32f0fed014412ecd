"""Each animal has its bug and is otherwise the shop: healthy when nothing is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from suites.selftest.shop.oneaccess import environment, fake_oneaccess
from suites.selftest.shop.parts import (
    FIXTURES,
    FakeApi,
    Shop,
    api_error,
    captcha_code,
    fallback,
    http_answer,
    issued,
    running,
)

ANIMALS = ("F1", "F3", "B1", "B5", "B12")


@pytest.fixture
def animal(api: FakeApi, tmp_path: Path, animal_folder: Callable[[str], Path]) -> Iterator[Callable[[str], Shop]]:
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(running(animal_folder(name), api, tmp_path))


@pytest.mark.parametrize("name", ANIMALS)
def test_an_animal_verifies_honest_users_while_all_is_well(animal: Callable[[str], Shop], name: str) -> None:
    shop = animal(name)
    assert shop.login(issued("a")).json()["verified"] is True
    assert shop.order(issued("b")).status_code == 201
    assert shop.client.get("/static/login.js").status_code == 200


def test_f1_serves_guards_that_guard_nothing(animal: Callable[[str], Shop]) -> None:
    guards = animal("F1").client.get("/static/guards.js")
    assert guards.headers["content-type"].startswith("text/javascript")
    code = "\n".join(line for line in guards.text.splitlines() if not line.lstrip().startswith("//"))
    assert not any(word in code for word in ("onerror", "catch", "setTimeout", "expired();"))
    originals = (FIXTURES / "shop" / "static" / "guards.js").read_text()
    assert all(word in originals for word in ("onerror", "catch", "setTimeout", "expired();"))


@pytest.mark.parametrize("name", ["login.js", "checkout.js"])
def test_f3_serves_the_shops_own_script_with_two_lines_more(animal: Callable[[str], Shop], name: str) -> None:
    served = animal("F3").client.get(f"/static/{name}")
    assert served.headers["content-type"].startswith("text/javascript")
    original = (FIXTURES / "shop" / "static" / name).read_text().splitlines()
    lines = served.text.splitlines()
    added = [line.strip() for line in lines if line not in original]
    assert added == [
        "// BUG F3: the fallback ticket is in hand, and is never submitted.",
        "if (errorCode) return end(words.broken);",
    ]
    assert [line for line in lines if line.strip() not in added] == original


def test_b1_turns_honest_users_away_when_there_is_no_verdict(animal: Callable[[str], Shop]) -> None:
    shop = animal("B1")
    shop.api.answer = api_error("InternalError")
    assert (shop.login(issued("a")).status_code, shop.order(issued("b")).status_code) == (403, 403)
    assert (shop.sessions(), shop.pending()) == ([], [])


def test_b5_lets_anybody_in_who_writes_the_prefix(animal: Callable[[str], Shop]) -> None:
    shop = animal("B5")
    shop.api.answer = captcha_code(21)
    logins = [shop.login(fallback(), n=1).json()["verified"] for _ in range(3)]
    assert (logins, shop.order("terror_").status_code) == ([True] * 3, 201)
    assert shop.api.asked == []


def test_b6_has_the_sms_sent_when_nobody_says_that_the_captcha_was_solved(
    tmp_path: Path, animal_folder: Callable[[str], Path]
) -> None:
    point = '{"x":237.0,"y":5.0}'
    with fake_oneaccess() as oneaccess, running(animal_folder("B6"), FakeApi(), tmp_path, **environment(oneaccess)) as shop:
        for token, answer in (("healthy0", None), ("broken00", http_answer("", status="500 Internal Server Error"))):
            if answer is not None:
                oneaccess.answers["verify"] = answer
            said = {"mobile": "13800138000", "email": "a@shop.test", "token": token, "point": point}
            assert shop.client.post("/register", json=said).json()["state"] == "sms-sent"
    assert [sent["captcha_token"] for sent in oneaccess.bodies("send")] == [f"healthy0---{point}", f"broken00---{point}"]
