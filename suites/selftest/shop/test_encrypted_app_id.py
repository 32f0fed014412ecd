"""The shop makes the encrypted app id as the vendor's guide says, which captchaos's own check of it confirms."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import aid_encrypted
from harness.aid_encrypted import Refusal
from suites.selftest.shop.parts import APP_ID, FIXTURES, SECRETS, Shop, fake_api, running

VALID_S = 7200
# A signature of the vendor's API may be as many seconds off (domain/tencent-api.md 1.6).
TOLERATED_S = 300


@pytest.fixture(scope="module")
def with_aid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("aid")
    with fake_api() as api, running(FIXTURES / "shop", api, folder, CAPTCHA_AID_VALID_S=str(VALID_S)) as shop:
        yield shop


def refusal(value: str, *, later_s: float) -> Refusal | None:
    secret, now_s = SECRETS["CAPTCHA_APP_SECRET"], time.time() + later_s
    return aid_encrypted.check(value, app_id=APP_ID, app_secret=secret, now_s=now_s, type_="cbc").refusal


def test_a_value_is_good_from_five_minutes_ago_until_the_page_was_told(with_aid: Shop) -> None:
    answer = with_aid.client.get("/captcha/aid")
    said = answer.json()
    assert (said["type"], said["good_for_s"]) == ("cbc", VALID_S)
    assert answer.headers["cache-control"] == "no-store"
    around = (-TOLERATED_S - 20, -TOLERATED_S + 20, 0, VALID_S - 20, VALID_S + 20)
    good = [refusal(said["aid_encrypted"], later_s=later_s) for later_s in around]
    assert good == [Refusal.NOT_YET, None, None, None, Refusal.EXPIRED]


def test_each_page_gets_a_value_of_its_own(with_aid: Shop) -> None:
    once, again = (with_aid.client.get("/captcha/aid").json()["aid_encrypted"] for _ in range(2))
    assert once != again


def test_other_sites_may_not_read_it(with_aid: Shop) -> None:
    answer = with_aid.client.get("/captcha/aid", headers={"Origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_the_login_page_is_told_where_to_ask(with_aid: Shop) -> None:
    assert 'data-aid-url="/captcha/aid"' in with_aid.client.get("/login").text


def test_a_shop_that_makes_none_has_no_such_endpoint_and_its_page_asks_for_none(shared: Shop) -> None:
    assert shared.client.get("/captcha/aid").status_code == 404
    assert "data-aid-url" not in shared.client.get("/login").text


@pytest.mark.parametrize("valid_s", ["86101", "-1", "1h"])
def test_a_validity_that_the_vendor_would_refuse_stops_the_shop_from_starting(valid_s: str, tmp_path: Path) -> None:
    env = {
        **SECRETS,
        "CAPTCHA_APP_ID": APP_ID,
        "CAPTCHA_AID_VALID_S": valid_s,
        "SHOP_DATABASE_URL": f"sqlite:///{tmp_path}/s.db",
    }
    ran = subprocess.run([sys.executable, "-c", "import app"], cwd=FIXTURES / "shop", env=env, capture_output=True, text=True)
    assert ran.returncode != 0
    assert "CAPTCHA_AID_VALID_S must be whole seconds, at most 86100" in ran.stderr
