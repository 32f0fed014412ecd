"""The built wheel, installed away from the source, does the main job in an empty folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import harness
from suites.selftest.acceptance.command import LIMIT_S, REPOSITORY, SCENARIO, House


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this source, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(REPOSITORY))
    subprocess.run([sys.executable, *words], check=True, capture_output=True, timeout=LIMIT_S)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, shared_house: House) -> House:
    """A house whose command is the one that the wheel installs; what it depends on is this environment's."""
    site = shared_house.root / "site"
    words = ("-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", str(site), str(wheel))
    subprocess.run([sys.executable, *words], check=True, capture_output=True, timeout=LIMIT_S)
    env = {**shared_house.env, "PYTHONPATH": str(site)}
    return House(root=shared_house.root, env=env, command=(sys.executable, str(site / "bin" / "captchaos")))


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
    assert any(name.startswith("harness/_bundled/suites/") for name in names)
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".db"))] == []


def test_every_file_that_is_no_python_and_lies_in_the_package_is_in_the_wheel(wheel: Path) -> None:
    lying = [file for file in (REPOSITORY / "harness").rglob("*") if file.is_file() and file.suffix not in (".py", ".pyc")]
    wanted = {str(file.relative_to(REPOSITORY)) for file in lying}
    assert len(wanted) > 20
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()


def test_the_installed_command_runs_the_bundled_shop_in_an_empty_folder(installed: House) -> None:
    version = installed.run("--version")
    assert (version.returncode, version.stdout) == (0, f"captchaos {harness.__version__}\n")

    planned = installed.run("plan", "-k", SCENARIO)
    assert planned.returncode == 0, planned.stderr
    assert planned.stdout.splitlines()[0].startswith(SCENARIO)

    done = installed.run("run", "-k", SCENARIO, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    (index,) = installed.root.glob("reports/*/index.html")
    assert f"report: {index.relative_to(installed.root)}\n" in done.stdout
    assert installed.left_behind() == []
