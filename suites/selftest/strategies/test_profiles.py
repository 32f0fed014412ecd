"""The Hypothesis profiles: they explore, also where ``CI`` is set, and leave alone what others have registered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SAY = "s = settings.default; print(settings.get_current_profile_name(), s.derandomize, s.max_examples, s.database is None)"


def says(code: str, *, ci: bool = True) -> str:
    """What a Python process prints in which every warning is an error."""
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "TF_BUILD", "GITHUB_ACTIONS")}
    environment |= {"CI": "true"} if ci else {}
    words = [sys.executable, "-W", "error", "-c", f"from hypothesis import given, settings, strategies as st\n{code}"]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=True, env=environment).stdout.strip()


def test_where_ci_is_set_hypothesis_repeats_itself_and_with_our_strategies_it_explores() -> None:
    assert says(f"{SAY}\nfrom harness import strategies\n{SAY}") == "ci True 100 True\nci False 100 True"


def test_by_hand_a_session_keeps_the_settings_it_has() -> None:
    before, after = says(f"{SAY}\nfrom harness import strategies\n{SAY}", ci=False).splitlines()
    assert before == after


def test_a_profile_that_a_session_has_registered_is_left_to_it() -> None:
    mine = "for name in ('ci', 'dev'): settings.register_profile(name, derandomize=True, max_examples=7)\n"
    loaded = f"from harness import strategies\n{SAY}\nsettings.load_profile('dev')\n{SAY}"
    assert says(f"{mine}{loaded}") == "ci True 7 True\ndev True 7 True"


def test_within_a_running_test_nothing_is_registered_and_nothing_warns() -> None:
    code = """
@settings(max_examples=1, database=None)
@given(st.none())
def test(_nothing):
    from harness import strategies
test()
"""
    assert says(f"{code}{SAY}").startswith("ci True")


def pytest_says(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a repository that has one property test and knows nothing of captchaos."""
    (folder / "test_own.py").write_text(
        "from hypothesis import given, settings, strategies as st\n"
        "@given(st.integers())\n"
        "def test_own(number):\n    assert settings().max_examples == 1000\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_the_plugin_has_the_profiles_ready_for_who_names_one(tmp_path: Path) -> None:
    result = pytest_says(tmp_path, "--hypothesis-profile=nightly")
    assert "1 passed" in result.stdout, result.stdout + result.stderr
