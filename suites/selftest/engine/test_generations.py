"""The shop on the vendor's other clients: its pages load another entry script, and everything else is found out anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.journal.model import Record, Verdict

SHOP = Path(__file__).parents[3] / "fixtures" / "shop"
ENTRIES = {
    "2.0": "https://turing.captcha.qcloud.com/TJCaptcha.js",
    "international": "https://ca.turing.captcha.qcloud.com/TJNCaptcha-global.js",
}
ShopWith = Callable[[str], Path]


@pytest.fixture
def shop_with(tmp_path: Path) -> ShopWith:
    """Return a function that makes a copy of the shop whose target file and pages name that generation."""

    def shop_with(client: str) -> Path:
        folder = tmp_path / "shop"
        shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("__pycache__"))
        file = folder / "captchaos.toml"
        text = file.read_text("utf-8")
        for before, after in (
            ("[target.env]\n", f'[target.env]\nCAPTCHA_ENTRY_URL = "{ENTRIES[client]}"\n'),
            ('app_id = "199999164"\n', f'app_id = "199999164"\n[provider.options]\nclient = "{client}"\n'),
        ):
            assert text.count(before) == 1
            text = text.replace(before, after)
        file.write_text(text, "utf-8")
        return folder

    return shop_with


def tickets(record: Record) -> set[str]:
    return {ticket.text.split("_")[1] for ticket in record.evidence.tickets if ticket.text.startswith("terror_")}


@pytest.mark.parametrize(
    ("client", "codes"),
    [
        pytest.param(
            "2.0",
            {"login-1014-config-config-rate-limited-cold-v2": {"1014"}, "checkout-1013-verify-refused-cold-v2": {"1013"}},
            marks=pytest.mark.nightly,
        ),
        (
            "international",
            {
                "login-1007-template-hang-cold-international": {"1007"},
                "login-1013-verify-refused-cold-international": {"1013"},
                "login-2002-verdict-refused-cold-international": {"2002"},
            },
        ),
    ],
)
def test_each_code_comes_from_its_cause_on_the_generations_own_hosts(
    client: str, codes: dict[str, set[str]], shop_with: ShopWith, run_scenarios: Any
) -> None:
    ran = run_scenarios(*codes, target=str(shop_with(client)))
    assert {scenario_id: tickets(ran.record(scenario_id)) for scenario_id in codes} == codes
    assert {scenario_id: ran.judgements[scenario_id].verdict for scenario_id in codes} == dict.fromkeys(codes, Verdict.PASS)
    assert all(judgement.verdict is Verdict.PASS for judgement in ran.judgements.values())
