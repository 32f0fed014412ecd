"""A WebKit is found where Playwright puts it, and one that is missing, half there or does not start is one sentence.

No build of it need be there: what stands in Playwright's folder is made here, and Playwright itself is asked and drives it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from harness.browsers import Needs, engine_named
from harness.browsers.webkit import without_libraries
from harness.certificates import Authority
from harness.errors import MissingPartError
from harness.faults.base import FAULTS
from harness.setup.browser import FoundBrowser
from harness.setup.webkit import find_webkit
from suites.selftest.ground.scripts import script

# A program of the C library alone, and a name of the same length that no system has.
LIBC, NOBODYS = b"libc.so.6", b"libq.so.6"
# As Playwright writes it where it knows each package, after the same words as below (registry/dependencies.ts).
WITH_PACKAGES = """BrowserType.launch:
╔══════════════════════════════════════════════════════╗
║ Host system is missing dependencies to run browsers. ║
║ Please install them with the following command:      ║
║                                                      ║
║     sudo playwright install-deps                     ║
║                                                      ║
║ Alternatively, use apt:                              ║
║     sudo apt-get install libgtk-4-1\\                 ║
║         libwoff1\\                                    ║
║         libopus0                                     ║
║                                                      ║
║ <3 Playwright Team                                   ║
╚══════════════════════════════════════════════════════╝"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Playwright would have its WebKit's program; nothing is there yet."""
    monkeypatch.delenv("CAPTCHAOS_WEBKIT", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))

    async def ask() -> Path:
        async with async_playwright() as playwright:
            return Path(playwright.webkit.executable_path)

    path = asyncio.run(ask())
    assert path.is_relative_to(tmp_path)
    return path


def installed(place: Path, text: str = "true") -> Path:
    """Put a program there, as an installation does that came to its end."""
    place.parent.mkdir(parents=True)
    (place.parent / "INSTALLATION_COMPLETE").touch()
    return script(place, text)


def find(configured: str | None = None) -> FoundBrowser:
    return asyncio.run(find_webkit(configured))


def sentence_of(configured: str | None = None) -> str:
    with pytest.raises(MissingPartError) as caught:
        find(configured)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def refusal_of_launch(found: FoundBrowser, folder: Path) -> str:
    """What starting it is refused with."""

    async def go() -> None:
        needs = Needs(authority=Authority(folder / "ca"), folder=folder, env=dict(os.environ))
        async with async_playwright() as playwright:
            await engine_named("webkit").launch(playwright, found, needs)

    with pytest.raises(MissingPartError) as caught:
        asyncio.run(go())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_machine_without_one_is_told_where_it_was_looked_for_and_how_to_get_it(place: Path) -> None:
    said = sentence_of()
    assert str(place) in said
    assert "`playwright install webkit`" in said
    assert "CAPTCHAOS_WEBKIT" in said


def test_playwrights_own_is_found_with_its_build(place: Path) -> None:
    installed(place)
    found = find()
    build = place.parent.name.removeprefix("webkit-")
    assert build.isdecimal()
    assert (found.path, found.version, found.playwrights) == (place, f"WebKit build {build}", True)


def test_one_whose_download_broke_off_is_named(place: Path) -> None:
    installed(place)
    (place.parent / "INSTALLATION_COMPLETE").unlink()
    assert f"{place.parent} is a WebKit that was not installed to the end" in sentence_of()


def test_a_configured_one_comes_first(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(place)
    (tmp_path / "webkit-1234").mkdir()
    other = script(tmp_path / "webkit-1234" / "pw_run.sh", "true")
    monkeypatch.setenv("CAPTCHAOS_WEBKIT", str(other))
    assert (find().path, find().version, find().playwrights) == (other, "WebKit build 1234", False)


def test_a_configured_one_that_is_no_program_is_an_error_and_not_passed_over(place: Path, tmp_path: Path) -> None:
    installed(place)
    assert f"{tmp_path / 'gone'} (configured by argument) is no program" in sentence_of(str(tmp_path / "gone"))


def test_one_that_ends_at_its_start_says_its_last_words(place: Path, tmp_path: Path) -> None:
    installed(place, "echo the compositor is gone >&2; exit 1")
    said = refusal_of_launch(find(), tmp_path)
    assert said.startswith(f"{place} (WebKit build ")
    assert "does not start: the compositor is gone; run `playwright install-deps webkit`" in said


@pytest.mark.skipif(not Path("/usr/bin/env").exists() or shutil.which("ldd") is None, reason="Playwright asks ldd, on Linux")
def test_libraries_that_the_system_lacks_are_named(place: Path, tmp_path: Path) -> None:
    installed(place)
    needy = Path("/usr/bin/env").read_bytes()
    assert LIBC in needy
    library = place.parent / "minibrowser-wpe" / "lib" / "libneedy.so"
    library.parent.mkdir(parents=True)
    library.write_bytes(needy.replace(LIBC, NOBODYS))
    library.chmod(0o755)
    said = refusal_of_launch(find(), tmp_path)
    assert NOBODYS.decode() in said
    assert "does not start, for this system lacks " in said
    assert said.endswith("run `playwright install-deps webkit`, as root")


def test_packages_are_named_where_playwright_knows_them() -> None:
    assert without_libraries(WITH_PACKAGES) == (
        "does not start, for this system lacks libgtk-4-1, libwoff1, libopus0: run `playwright install-deps webkit`, as root"
    )


def test_what_webkit_lacks_is_said_of_it_and_of_no_other_engine() -> None:
    faults = FAULTS.all().values()
    lacks = {fault.name for fault in faults if engine_named("webkit").lacks(fault)}
    assert lacks == {"expired-certificate", "wrong-name-certificate", "unknown-ca-certificate", "extension-blocked"}
    for other in ("chromium", "firefox"):
        assert not any(engine_named(other).lacks(fault) for fault in faults)


def test_a_driver_that_does_not_start_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for Chromium: a slim image lacks a library of Playwright's own Node."""
    monkeypatch.delenv("CAPTCHAOS_WEBKIT", raising=False)
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(script(tmp_path / "node", 'echo "Illegal instruction" >&2; exit 127')))
    with pytest.raises(MissingPartError, match="Playwright's driver does not start: Illegal instruction; "):
        asyncio.run(find_webkit())
