"""A provider in somebody else's package is known to the command by its entry point alone, and served like one of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from suites.selftest.acceptance.command import REPOSITORY, House, one_sentence

PACKAGE = Path(__file__).with_name("paperclip")
# What docs/providers.md calls the public protocol.
PUBLIC = {"harness.catalog", "harness.providers.base", "harness.faults.base", "harness.faults.rewriting"}
# A site key as hCaptcha has them.
SITE_KEY = "10000000-ffff-ffff-ffff-000000000001"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder as an installer leaves it: the package, and beside it what names its entry point."""
    site = tmp_path / "site"
    shutil.copytree(PACKAGE, site / "paperclip", ignore=shutil.ignore_patterns("__pycache__"))
    return _installed(site, "paperclip")


def _installed(site: Path, value: str) -> Path:
    info = site / "paperclip_captcha-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: paperclip-captcha\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[captchaos.providers]\npaperclip = {value}\n")
    return site


def _path(site: Path) -> str:
    return os.pathsep.join((str(REPOSITORY), str(site)))


def test_the_registry_knows_it_beside_ours_and_only_where_it_is_installed(house: House, elsewhere: Path) -> None:
    code = "from harness.providers.base import PROVIDERS; print(*PROVIDERS.all())"

    def known(**env: str) -> list[str]:
        asked = [sys.executable, "-c", code]
        return subprocess.run(asked, capture_output=True, text=True, env=house.environment(**env), check=True).stdout.split()

    assert set(known(PYTHONPATH=_path(elsewhere))) - set(known()) == {"paperclip"}
    assert "tencent_web" in known(PYTHONPATH=_path(elsewhere))


def test_it_is_served_with_its_own_hosts_options_tickets_and_faults(house: House, elsewhere: Path) -> None:
    words = ("serve", "paperclip", "--tls", "--admin", "--json", "--option", "generous=true")
    with house.started(*words, PYTHONPATH=_path(elsewhere)) as started:
        started.until(lambda: started.said.endswith("\n"))
        where = json.loads(started.said)
        assert where["hosts"] == ["clip.paperclip.example"]
        assert where["server_hosts"] == ["api.paperclip.example"]
        assert sorted(where["credentials"]) == ["app_id", "app_secret"]
        minted = _ask("POST", where["admin"] + "/tickets")
        worth = [_ask("POST", where["plain"] + "/verdict", data={"ticket": minted["ticket"]}) for _ in range(2)]
        assert worth == [{"good": True}] * 2, "its option says that a ticket is good more than once"
        _ask("PUT", where["admin"] + "/faults/verdict", json={"fault": "paper-jam"})
        assert _ask("POST", where["plain"] + "/verdict", data={"ticket": minted["ticket"]}) == {"jam": True}
        told = _ask("GET", where["admin"] + "/counts")
        assert told["requests"] == {"entry": 0, "verify": 0, "verdict": 3}
        assert told["verdicts"] == [
            {"said": "code 1", "altered_by": "", "count": 2},
            {"said": "code 1", "altered_by": "paper-jam", "count": 1},
        ]
        assert told["billed"] is None, "it does not count what it would charge"
        started.process.terminate()
        assert started.wait() == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("serve paperclp", "no provider is called 'paperclp'; did you mean 'paperclip'?"),
        ("serve paperclip --option genrous=true", "paperclip has no option 'genrous'; did you mean 'generous'?"),
        ("serve paperclip --fault vedict=paper-jam", "'vedict'; did you mean 'verdict'?"),
        ("serve paperclip --fault verdict=paper-jma", "did you mean 'paper-jam'?"),
    ],
)
def test_its_names_are_suggested_like_ours(house: House, elsewhere: Path, words: str, sentence: str) -> None:
    done = house.run(*words.split(), PYTHONPATH=_path(elsewhere))
    assert sentence in one_sentence(done.stderr)
    assert done.returncode == 3


def test_it_is_planned_like_ours_by_a_change_of_the_target_file(house: House, elsewhere: Path) -> None:
    shop = REPOSITORY / "fixtures" / "shop"
    text = (shop / "captchaos.toml").read_text(encoding="utf-8").replace("flows.py:", f"{shop}/flows.py:")
    text = re.sub(r'^use = "tencent_web"$', 'use = "paperclip"', text, flags=re.MULTILINE)
    text = text.replace('app_id = "199999164"', f'app_id = "{SITE_KEY}"', 1)
    text = re.sub(r"^CAPTCHA_SECRET_(ID|KEY) = .*\n", "", text, flags=re.MULTILINE)
    target = house.root / "captchaos.toml"
    target.write_text(text, encoding="utf-8")
    done = house.run("plan", "--json", "--mode", "1001", target, PYTHONPATH=_path(elsewhere))
    assert done.returncode == 0, done.stderr
    assert "login-1001-entry-refused-cold" in {scenario["id"] for scenario in json.loads(done.stdout)}


@pytest.mark.parametrize("value", ["paperclip_that_is_not_there", "paperclip:Absent"])
def test_a_broken_package_is_named_in_one_sentence(house: House, tmp_path: Path, value: str) -> None:
    site = tmp_path / "site"
    (site / "paperclip").mkdir(parents=True)
    (site / "paperclip" / "__init__.py").touch()
    done = house.run("serve", "tencent_web", PYTHONPATH=_path(_installed(site, value)))
    said = one_sentence(done.stderr)
    assert done.returncode == 3
    assert "'paperclip'" in said
    assert value in said
    assert "remove its package" in said


def test_it_uses_nothing_of_captchaos_but_the_public_protocol() -> None:
    assert set(_imported()) <= PUBLIC


def _imported() -> Iterator[str]:
    for file in PACKAGE.glob("*.py"):
        yield from re.findall(r"^(?:from|import) (harness[\w.]*)", file.read_text(encoding="utf-8"), flags=re.MULTILINE)


def _ask(method: str, url: str, **more: Any) -> Any:
    answer = httpx.request(method, url, trust_env=False, timeout=20, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()
