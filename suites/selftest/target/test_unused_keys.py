"""A key that is read and does nothing is told before a run, once each, in the owner's own spelling."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.main import main
from harness.target.loader import find_target, load_target
from harness.target.unused import not_acted_on

SHOP = find_target(None)


def changed(folder: Path) -> Path:
    """Write the shop's target file with the three keys in it, and one that is acted on."""
    (folder / "flows.py").write_bytes((SHOP.parent / "flows.py").read_bytes())
    text = SHOP.read_text(encoding="utf-8")
    text = text.replace('isolation = "scenario"', 'isolation = "slot"\nreset = "make reset"')
    text = text.replace('app_id = "199999164"', 'app_id = "199999164"\nretired_hosts = true')
    file = folder / SHOP.name
    file.write_text(f'{text}\n[third_party]\n"code.jquery.com" = "allow"\n', encoding="utf-8")
    return file


def test_a_run_says_each_of_them_before_it_starts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(changed(tmp_path)), "-k", "login-1004-frame-refused-cold", "--dry-run"]) == 0
    said = [line for line in capsys.readouterr().err.splitlines() if "not yet acted on" in line]
    keys = ["target.isolation = 'slot'", "target.reset", "[third_party]"]
    assert [line.removeprefix("note: ").partition(": read,")[0] for line in said] == keys


def test_the_shop_sets_nothing_in_vain() -> None:
    assert not_acted_on(load_target(SHOP)) == ()


def test_what_a_url_brings_about_by_itself_is_not_told() -> None:
    target = replace(load_target(SHOP), start=None, url="https://staging.example", isolation="slot")
    assert not_acted_on(target) == ()


def test_a_run_says_that_a_silent_target_is_not_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = changed(tmp_path)
    mute = file.read_text(encoding="utf-8").partition("\n[observe]")
    file.write_text(mute[0] + "\n", encoding="utf-8")
    assert main(["run", str(file), "-k", "login-1004-frame-refused-cold", "--dry-run"]) == 0
    assert "note: [observe] is not there: whether the degraded mode is signalled is not judged" in capsys.readouterr().err
    assert main(["run", str(SHOP), "-k", "login-1004-frame-refused-cold", "--dry-run"]) == 0
    assert "[observe]" not in capsys.readouterr().err
