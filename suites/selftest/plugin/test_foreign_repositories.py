"""Where captchaos is merely installed, pytest is as it was."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def foreign(pytester: pytest.Pytester) -> pytest.Pytester:
    """A repository that has a fixture called outcome of its own, and knows nothing of captchaos."""
    pytester.makepyfile(
        """
        import sys
        import pytest

        @pytest.fixture
        def outcome():
            return "mine"

        def test_own_fixture_is_used(outcome):
            assert outcome == "mine"

        @pytest.mark.parametrize("outcome", ["a", "b"])
        def test_own_parameters_are_used(outcome):
            assert outcome in ("a", "b")

        def test_nothing_heavy_is_loaded():
            loaded = [name for name in sys.modules if name.split(".")[0] in ("harness", "playwright", "httpx", "cryptography")]
            assert sorted(loaded) == ["harness", "harness.errors", "harness.plugin"]
        """
    )
    return pytester


def test_foreign_session_is_untouched(foreign: pytest.Pytester) -> None:
    """No run, no folder, no line of ours."""
    result = foreign.run(sys.executable, "-m", "pytest", "-p", "no:playwright", timeout=60)
    result.assert_outcomes(passed=4)
    assert not (foreign.path / "reports").exists()
    assert "report:" not in result.stdout.str()


def test_foreign_xdist_session_keeps_its_scheduler(foreign: pytest.Pytester) -> None:
    """Tests that need no scenario are dealt out as before."""
    result = foreign.run(sys.executable, "-m", "pytest", "-n", "2", "-v", "-p", "no:playwright", timeout=60)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*scheduling tests via LoadScheduling*"])
    assert not (foreign.path / "reports").exists()


def test_collecting_runs_nothing(pytester: pytest.Pytester) -> None:
    """``--collect-only`` lists a test per scenario and starts no laboratory."""
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.scenarios(mode=1004, flow="login", warmth="warm")
        def test_claim(outcome):
            pass
        """
    )
    result = pytester.run(sys.executable, "-m", "pytest", "--collect-only", "-q", timeout=60)
    result.stdout.fnmatch_lines(["*::test_claim[[]login-1004-frame-refused-warm[]]"])
    assert not (pytester.path / "reports").exists()


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        ("kind='faults'", "no scenario has kind 'faults'; did you mean 'fault'?"),
        ("flows='login'", "scenarios are not told apart by 'flows'; did you mean 'flow'?"),
    ],
)
def test_wrong_word_in_a_marker_is_answered_with_the_closest(pytester: pytest.Pytester, marker: str, sentence: str) -> None:
    """A marker that means nothing must not become a suite that tests nothing."""
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.scenarios({marker})
        def test_claim(outcome):
            pass
        """
    )
    result = pytester.run(sys.executable, "-m", "pytest", timeout=60)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])
    assert "Traceback" not in result.stdout.str()


def test_wrong_target_is_one_sentence(pytester: pytest.Pytester) -> None:
    """The mistake is the first thing said."""
    result = pytester.run(sys.executable, "-m", "pytest", "--captchaos-target=nowhere.toml", timeout=60)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "there is no target file nowhere.toml" in result.stderr.str()
    assert "Traceback" not in result.stderr.str()
