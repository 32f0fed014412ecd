"""A Firefox is found where one is asked for, and what is missing for it is one sentence."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.browsers import engine_named
from harness.engine.engine import Engine, Options
from harness.errors import MissingPartError, UsageError
from harness.setup import firefox
from harness.setup.browser import FoundBrowser
from harness.setup.commands import run_command
from harness.setup.firefox import find_firefox
from suites.selftest.ground.scripts import script

STOCK = "echo Mozilla Firefox 153.7.0esr"


@pytest.fixture
def bare(empty_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any Firefox. Returns the folder in which Playwright would keep its own."""
    folder = tmp_path / "playwright"
    monkeypatch.delenv("CAPTCHAOS_FIREFOX", raising=False)
    monkeypatch.setattr(firefox, "_MACOS", tmp_path / "no-macos")
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(folder))
    return folder


def find(configured: str | None = None) -> FoundBrowser:
    return asyncio.run(find_firefox(configured))


def sentence_of(configured: str | None = None) -> str:
    with pytest.raises(MissingPartError) as caught:
        find(configured)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_machine_without_one_is_told_both_ways_to_get_it(bare: Path) -> None:
    said = sentence_of()
    assert "playwright install firefox" in said
    assert "apt-get install firefox-esr libnss3-tools" in said


def test_a_stock_one_on_path_is_found_with_its_version(bare: Path, empty_path: Path) -> None:
    script(empty_path / "firefox-esr", STOCK)
    script(empty_path / "certutil", "true")
    found = find()
    assert (found.path, found.version, found.playwrights) == (empty_path / "firefox-esr", "Firefox 153.7.0esr", False)


def test_a_stock_one_without_certutil_is_refused_by_the_package_that_brings_it(bare: Path, empty_path: Path) -> None:
    script(empty_path / "firefox", STOCK)
    assert "apt-get install libnss3-tools" in sentence_of()


def test_playwrights_own_comes_first_once_its_download_is_whole(bare: Path, empty_path: Path) -> None:
    script(empty_path / "firefox", STOCK)
    script(empty_path / "certutil", "true")
    command = (sys.executable, "-m", "playwright", "install", "--dry-run", "firefox")
    listed = asyncio.run(run_command(command, timeout_s=60)).output
    place = next(Path(line.split(":", 1)[1].strip()) for line in listed.splitlines() if "Install location" in line)
    (place / "firefox").mkdir(parents=True)
    script(place / "firefox" / "firefox", "echo Mozilla Firefox 154.0")
    assert not find().playwrights
    (place / "INSTALLATION_COMPLETE").touch()
    assert (find().version, find().playwrights) == ("Firefox 154.0", True)


def test_a_configured_one_that_is_no_program_is_an_error_and_not_passed_over(bare: Path, tmp_path: Path) -> None:
    assert f"{tmp_path / 'gone'} (configured by argument) is no program" in sentence_of(str(tmp_path / "gone"))


def test_a_configured_program_that_is_no_firefox_is_named(bare: Path, tmp_path: Path) -> None:
    assert "is no Firefox" in sentence_of(str(script(tmp_path / "other", "echo Chromium 1.2.3.4")))


@pytest.mark.parametrize(
    ("name", "said"), [("safari", "use chromium or firefox or webkit"), ("firefx", "did you mean 'firefox'?")]
)
def test_an_engine_that_nobody_knows_is_refused_with_those_there_are(name: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        engine_named(name)
    assert said in str(caught.value)
    assert os.linesep not in str(caught.value)


def test_a_firefox_is_given_fewer_labs_at_once_than_a_chromium_and_as_many_as_are_asked_for(tmp_path: Path) -> None:
    target = SimpleNamespace(one_at_a_time=False, live_uses=())
    workshop = cast(Any, SimpleNamespace(plan=SimpleNamespace(controls=()), target=target))

    def jobs(engine: str, asked: int | None = None) -> int:
        options = Options(out=tmp_path, browser_engine=engine, jobs=asked)
        return Engine(workshop, options, cast(Any, None), cast(Any, SimpleNamespace(message=print))).jobs

    assert jobs("firefox") == os.cpu_count()
    assert jobs("chromium") == 4 * (os.cpu_count() or 1)
    assert jobs("firefox", 5) == 5
