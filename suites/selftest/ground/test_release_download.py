"""The release download is accepted only by the release's own checksum list; proven against a local release."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from pathlib import Path

import pytest

from harness.errors import MissingPartError
from harness.setup.release import asset_name, download_release
from harness.setup.toxiproxy import find_toxiproxy

# As the release of v2.12.0 names its files (Shopify/toxiproxy, .goreleaser.yml).
NAMES = {
    ("Linux", "x86_64"): "toxiproxy-server-linux-amd64",
    ("Linux", "aarch64"): "toxiproxy-server-linux-arm64",
    ("Linux", "armv7l"): "toxiproxy-server-linux-armv7",
    ("Darwin", "x86_64"): "toxiproxy-server-darwin-amd64",
    ("Darwin", "arm64"): "toxiproxy-server-darwin-arm64",
}


@pytest.fixture
def release(http_folder: tuple[str, Path], toxiproxy_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A local release with the real server in it; its folder."""
    url, root = http_folder
    folder = root / "v2.12.0"
    folder.mkdir()
    shutil.copy(toxiproxy_path, folder / asset_name())
    digest = hashlib.sha256(toxiproxy_path.read_bytes()).hexdigest()
    other = "0" * 64
    lines = [f"{other}  toxiproxy-cli-linux-amd64", f"{digest}  {asset_name()}", f"{other}  toxiproxy_2.12.0_linux_amd64.deb"]
    (folder / "checksums.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("CAPTCHAOS_TOXIPROXY_RELEASES", url)
    monkeypatch.delenv("CAPTCHAOS_TOXIPROXY", raising=False)
    return folder


def refusal(cache: Path) -> str:
    with pytest.raises(MissingPartError) as caught:
        asyncio.run(download_release(cache))
    assert list(cache.iterdir()) == [], "nothing half downloaded stays"
    return str(caught.value)


def test_a_machine_without_go_gets_the_release(release: Path, cache: Path, empty_path: Path, toxiproxy_path: Path) -> None:
    found = asyncio.run(find_toxiproxy())
    assert found.how == "the release download of v2.12.0"
    assert found.path is not None
    assert found.path.read_bytes() == toxiproxy_path.read_bytes()
    assert [file.name for file in cache.iterdir()] == ["toxiproxy-server-2.12.0"]


def test_a_wrong_checksum_is_refused(release: Path, cache: Path) -> None:
    asset = release / asset_name()
    asset.write_bytes(asset.read_bytes() + b"!")
    assert "cut short or tampered with" in refusal(cache)


def test_a_file_shorter_than_the_released_one_is_refused(release: Path, cache: Path) -> None:
    asset = release / asset_name()
    asset.write_bytes(asset.read_bytes()[:100_000])
    assert "cut short or tampered with" in refusal(cache)


def test_an_answer_cut_short_is_refused(release: Path, cache: Path) -> None:
    (release / (asset_name() + ".cut")).touch()
    assert "failed" in refusal(cache)


def test_a_missing_file_is_named(release: Path, cache: Path) -> None:
    (release / asset_name()).unlink()
    assert "HTTP 404" in refusal(cache)


def test_a_missing_checksum_list_is_named(release: Path, cache: Path) -> None:
    (release / "checksums.txt").unlink()
    said = refusal(cache)
    assert "checksums.txt" in said
    assert "HTTP 404" in said


def test_a_list_without_the_file_is_refused(release: Path, cache: Path) -> None:
    (release / "checksums.txt").write_text(f"{'0' * 64}  something-else\n")
    assert "does not list" in refusal(cache)


def test_no_network_is_a_sentence(cache: Path) -> None:
    with pytest.raises(MissingPartError, match="is there a network"):
        asyncio.run(download_release(cache, "http://127.0.0.1:9"))


@pytest.mark.parametrize(("machine", "name"), NAMES.items())
def test_the_right_file_is_chosen_for_a_machine(machine: tuple[str, str], name: str) -> None:
    assert asset_name(*machine) == name


def test_a_machine_without_a_released_server_is_told_so() -> None:
    with pytest.raises(MissingPartError, match="Linux on sparc64"):
        asset_name("Linux", "sparc64")
