"""The fixtures and the marker for a repository's own tests, in a repository of its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from harness.bundled import bundled
from harness.setup.places import CACHE_VARIABLE, cache_dir

OWN_TESTS = Path(__file__).with_name("own_tests.py")
_CACHE = cache_dir()

pytestmark = pytest.mark.timeout(900)

WRONG = """
import pytest

@pytest.mark.fault("entri", "refused")
def test_link_is_misspelt():
    pass

def test_fault_is_misspelt(fault):
    fault("entry", "refuse")

def test_fault_is_the_browsers(fault):
    fault("entry", "dns-failure")

def test_two_at_once(fault):
    with fault("entry", "refused", must_be_felt=False), fault("verdict", "refused"):
        pass

def test_nobody_goes_there(fault):
    fault("entry", "refused")
"""
NOT_OURS = """
import pytest

@pytest.fixture
def provider():
    return "mine"

@pytest.fixture
def ticket(provider):
    return f"of {provider}"

def test_own_fixtures_are_used(provider, ticket):
    assert ticket == "of mine"
"""


@pytest.fixture
def repository(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """The shop, as somebody's repository with a captchaos.toml in its root."""
    monkeypatch.setenv(CACHE_VARIABLE, str(_CACHE))
    shutil.copytree(bundled("shop"), pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.db", "__pycache__"))
    return pytester


def run(repository: pytest.Pytester, *words: str) -> pytest.RunResult:
    return repository.run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words, timeout=600)


@pytest.mark.nightly
def test_own_tests_run_as_the_page_shows_them(repository: pytest.Pytester) -> None:
    """A page of pytest-playwright meets the fault, and a request of a test's own the outage; on the shop, which is right."""
    shutil.copy(OWN_TESTS, repository.path / "test_own.py")
    run(repository, "test_own.py").assert_outcomes(passed=3)


def test_a_test_that_cannot_mean_anything_is_one_sentence(repository: pytest.Pytester) -> None:
    """A misspelt word, a fault that is not ours to do, two at once; and a fault that nothing has met is no pass."""
    repository.makepyfile(WRONG)
    done = run(repository, "-p", "no:playwright")
    done.assert_outcomes(errors=2, failed=3, passed=1)
    done.stdout.fnmatch_lines_random(
        [
            "no link is called 'entri'; did you mean 'entry'?",
            "no fault on entry is called 'refuse'; did you mean 'refused'?",
            "dns-failure is done to a browser's context, *",
            "the fault refused on entry stands already: one fault at a time, *",
            "the fault refused on entry was not felt: nothing has met it, *",
        ]
    )
    assert "Traceback" not in done.stdout.str()


def test_without_a_target_the_bundled_shop_is_not_taken_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_own(captchaos_lab):\n    pass\n")
    done = run(pytester, "-p", "no:playwright")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([f"captchaos_lab has no target: put a captchaos.toml into {pytester.path}, *"])


def test_fixtures_of_the_same_name_are_the_repositorys_own(pytester: pytest.Pytester) -> None:
    """No laboratory is started for them."""
    pytester.makepyfile(NOT_OURS)
    run(pytester, "-p", "no:playwright").assert_outcomes(passed=1)
