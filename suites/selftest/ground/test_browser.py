"""A Chromium is found in the documented order, its version shown, and a crash at its start is one sentence."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harness.errors import MissingPartError
from harness.setup import browser, browser_install
from harness.setup.browser import FoundBrowser, check_starts, find_browser
from harness.setup.browser_install import ensure_browser
from suites.selftest.ground.scripts import script


def find(configured: str | None = None) -> FoundBrowser:
    return asyncio.run(find_browser(configured))


def sentence_of(configured: str | None = None) -> str:
    async def find_and_start() -> None:
        await check_starts(await find_browser(configured))

    with pytest.raises(MissingPartError) as caught:
        asyncio.run(find_and_start())
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> FoundBrowser:
    """The browser of this machine."""
    found = find()
    monkeypatch.delenv("CAPTCHAOS_BROWSER", raising=False)
    return found


@pytest.fixture
def bare(real: FoundBrowser, empty_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any browser: nothing on PATH, at Debian's place, in Playwright's folder. Returns that folder."""
    folder = tmp_path / "playwright"
    monkeypatch.setattr(browser, "_DEBIAN_SHELL", tmp_path / "debian-headless-shell")
    monkeypatch.setattr(browser, "_OTHERS_MACOS", ())
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(folder))
    return folder


def test_the_version_that_is_shown_is_the_browsers_own(real: FoundBrowser) -> None:
    said = subprocess.run([real.path, "--version"], capture_output=True, text=True, check=True).stdout
    assert real.version in said
    assert real.version.count(".") == 3


def test_the_browser_of_this_machine_starts(real: FoundBrowser) -> None:
    asyncio.run(check_starts(real))


LACKS = "node: error while loading shared libraries: libatomic.so.1: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    ("says", "mend"), [(LACKS, "Debian's and Ubuntu's package libatomic1"), ("Illegal instruction", "install Playwright anew")]
)
def test_a_driver_that_does_not_start_is_one_sentence_with_its_last_words(
    real: FoundBrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, mend: str
) -> None:
    node = script(tmp_path / "node", f'echo "{says}" >&2; exit 127')
    monkeypatch.setenv("PLAYWRIGHT_NODEJS_PATH", str(node))
    sentence = sentence_of(str(real.path))
    assert f"Playwright's driver does not start: {says}; " in sentence
    assert mend in sentence


def test_a_configured_path_comes_before_everything(real: FoundBrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = script(tmp_path / "mine", f'exec "{real.path}" "$@"')
    monkeypatch.setenv("CAPTCHAOS_BROWSER", str(mine))
    assert (find().path, find().how) == (mine, "configured by CAPTCHAOS_BROWSER")


def test_debians_shell_comes_before_a_full_chromium(
    real: FoundBrowser, bare: Path, empty_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(empty_path / "chromium", "echo Chromium 1.2.3.4")
    assert (find().how, find().headless_shell) == ("chromium on PATH", False)
    monkeypatch.setattr(browser, "_DEBIAN_SHELL", script(empty_path / "headless-shell", "echo Chromium 5.6.7.8"))
    assert (find().how, find().version, find().headless_shell) == ("Debian's headless shell", "5.6.7.8", True)


def test_a_broken_one_is_passed_over(bare: Path, empty_path: Path) -> None:
    script(empty_path / "chromium-headless-shell", "echo illegal instruction; exit 132")
    script(empty_path / "google-chrome", "echo Google Chrome 1.2.3.4")
    assert find().how == "google-chrome on PATH"


def test_no_browser_says_what_was_looked_for_and_the_mend(bare: Path) -> None:
    said = sentence_of()
    assert "captchaos setup" in said
    assert "CAPTCHAOS_BROWSER" in said


def test_a_configured_path_that_does_not_exist(tmp_path: Path) -> None:
    assert "does not exist" in sentence_of(str(tmp_path / "nowhere"))


def test_a_configured_path_that_may_not_be_executed(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("text")
    assert "chmod +x" in sentence_of(str(tmp_path / "plain"))


def test_a_program_that_is_no_browser() -> None:
    assert "it is no Chromium" in sentence_of("/bin/false")


def test_a_crash_at_start_is_a_sentence_with_version_and_last_words(tmp_path: Path) -> None:
    crashing = (
        'if [ "$1" = --version ]; then echo Chromium 150.0.7871.46; exit 0; fi\necho "FATAL: no usable display" >&2\nexit 1'
    )
    said = sentence_of(str(script(tmp_path / "chromium", crashing)))
    assert "crashes at its start" in said
    assert "150.0.7871.46" in said
    assert "FATAL: no usable display" in said


def test_playwrights_own_shell_is_downloaded_found_and_starts(
    real: FoundBrowser, bare: Path, http_folder: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, root = http_folder
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", url)
    serve_as_playwrights_host(root, real)
    # No system package may be installed by a test: this machine is no Debian, and nobody is root.
    monkeypatch.setattr(browser_install, "debian_family", lambda: "")
    said: list[str] = []
    found = asyncio.run(ensure_browser(say=said.append))
    assert found.how == "Playwright's own headless shell"
    assert found.headless_shell
    assert bare in found.path.parents
    assert any("downloading" in line for line in said)
    assert find().path == found.path, "it is found again without a download"
    (found.path.parents[1] / "INSTALLATION_COMPLETE").unlink()
    assert "no usable Chromium" in sentence_of(), "a download that broke off is not used"


def test_a_download_host_without_the_browser_is_a_sentence(
    bare: Path, http_folder: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", http_folder[0])
    monkeypatch.setattr(browser_install, "debian_family", lambda: "")
    with pytest.raises(MissingPartError, match="no browser could be installed") as caught:
        asyncio.run(ensure_browser(say=lambda _: None))
    assert "playwright install --only-shell chromium" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def debian(bare: Path, empty_path: Path, real: FoundBrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare Debian machine whose apt writes down how it was called, and installs a wrapper of the real shell.

    It knows the package once its lists were updated. Returns apt's log.
    """
    log = tmp_path / "apt.log"
    shell = tmp_path / "debian-headless-shell"
    monkeypatch.setattr(browser_install, "debian_family", lambda: "debian")
    monkeypatch.setattr(browser_install.os, "geteuid", lambda: 0)
    script(empty_path / "apt-cache", f'read -r line 2>/dev/null < "{log}"')
    wrapper = f'printf \'#!/bin/sh\\nexec "{real.path}" "$@"\\n\' > "{shell}"; /bin/chmod +x "{shell}"'
    script(empty_path / "apt-get", f'echo "$*" >> "{log}"\nif [ "$1" = install ]; then {wrapper}; fi')
    return log


def test_root_on_debian_gets_debians_shell_after_an_update_of_the_lists(debian: Path) -> None:
    said: list[str] = []
    found = asyncio.run(ensure_browser(say=said.append))
    assert found.how == "Debian's headless shell"
    assert debian.read_text().splitlines() == ["update -q", "install -y -q chromium-headless-shell"]
    assert said == ["fetching the package lists …", "installing the package chromium-headless-shell …"]


def test_without_root_on_debian_the_package_is_named_and_playwrights_is_tried(
    debian: Path, http_folder: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_install.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", http_folder[0])
    with pytest.raises(MissingPartError, match="without root: ask for `apt-get install chromium-headless-shell`") as caught:
        asyncio.run(ensure_browser(say=lambda _: None))
    assert "playwright install" in str(caught.value)
    assert not debian.exists()


def serve_as_playwrights_host(root: Path, real: FoundBrowser) -> None:
    """Lay out what `playwright install` asks for: a shell (a wrapper of the local one) and an ffmpeg that is never run."""
    told = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "--only-shell", "--dry-run", "chromium"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    urls = [line.split(":", 1)[1].strip() for line in told.splitlines() if "Download url" in line]
    assert len(urls) == 2
    for url in urls:
        path = root / url.split("://", 1)[1].split("/", 1)[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        name = path.stem
        inside = f"{name}/chrome-headless-shell" if "shell" in name else name.split("-")[0] + "-linux"
        with zipfile.ZipFile(path, "w") as archive:
            member = zipfile.ZipInfo(inside)
            member.external_attr = 0o100755 << 16
            archive.writestr(member, f'#!/bin/sh\nexec "{real.path}" "$@"\n')
