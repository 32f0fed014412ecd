"""The built wheel, installed away from the source, does the main job in an empty folder."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

import harness
from suites.selftest.acceptance.command import REPOSITORY, SCENARIO, House


def test_the_wheel_carries_suites_and_fixtures_as_data_and_nothing_beside_the_package(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {"harness", f"captchaos-{harness.__version__}.dist-info"}
    for name in (
        "harness/py.typed",
        "harness/target/captchaos.schema.json",
        "harness/report/results.schema.json",
        "harness/report/templates/index.html.j2",
        "harness/providers/tencent_web/client/popup/TCaptcha.js",
        "harness/providers/tencent_web/observer.js",
        "harness/_bundled/fixtures/shop/captchaos.toml",
        "harness/_bundled/fixtures/shop/templates/login.html",
        "harness/_bundled/fixtures/zoo/B5/bug.patch",
    ):
        assert name in names
    suites = {name.split("/")[3] for name in names if name.startswith("harness/_bundled/suites/")}
    assert suites == {"browser", "backend", "security", "recovery", "load", "fuzz"}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".db"))] == []


def test_every_file_that_is_no_python_and_lies_in_the_package_is_in_the_wheel(wheel: Path) -> None:
    lying = [file for file in (REPOSITORY / "harness").rglob("*") if file.is_file() and file.suffix not in (".py", ".pyc")]
    wanted = {str(file.relative_to(REPOSITORY)) for file in lying}
    assert len(wanted) > 20
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_installed_command_comes_from_the_wheel_alone_and_finds_the_shop_in_it(installed: House, venv: Path) -> None:
    version = installed.run("--version")
    assert (version.returncode, version.stdout) == (0, f"captchaos {harness.__version__}\n")
    words = (venv / "bin" / "python", "-c", "import harness; print(harness.__file__)")
    source = subprocess.run(words, capture_output=True, text=True, cwd=installed.root, env=installed.environment(), check=True)
    assert Path(source.stdout.strip()).is_relative_to(venv)

    planned = installed.run("plan", "-k", SCENARIO)
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.splitlines()[0].startswith(SCENARIO)


@pytest.mark.nightly
def test_the_installed_command_runs_the_bundled_shop_in_an_empty_folder(installed: House) -> None:
    """Every day it runs an example: see test_wheel_on_examples.py."""
    done = installed.run("run", "-k", SCENARIO, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    (index,) = installed.root.glob("reports/*/index.html")
    assert f"report: {index.relative_to(installed.root)}\n" in done.stdout
    assert installed.left_behind() == []
