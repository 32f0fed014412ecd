"""Where captchaos is merely installed, pytest is as it was."""

from __future__ import annotations

import sys

import pytest

# Of each session; where others work beside it, one of a second takes a minute.
LIMIT_S = 240


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
            light = ["harness.errors", "harness.plugin", "harness.pytest_plugin", "harness.pytest_plugin.fixtures"]
            assert sorted(loaded) == ["harness", *light]
        """
    )
    return pytester


def test_foreign_session_is_untouched(foreign: pytest.Pytester) -> None:
    """No run, no folder, no line of ours."""
    result = foreign.run(sys.executable, "-m", "pytest", "-p", "no:playwright", timeout=LIMIT_S)
    result.assert_outcomes(passed=4)
    assert not (foreign.path / "reports").exists()
    assert "report:" not in result.stdout.str()


def test_foreign_xdist_session_keeps_its_scheduler(foreign: pytest.Pytester) -> None:
    """Tests that need no scenario are dealt out as before."""
    result = foreign.run(sys.executable, "-m", "pytest", "-n", "2", "-v", "-p", "no:playwright", timeout=LIMIT_S)
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
    result = pytester.run(sys.executable, "-m", "pytest", "--collect-only", "-q", timeout=LIMIT_S)
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
    result = pytester.run(sys.executable, "-m", "pytest", timeout=LIMIT_S)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([sentence])
    assert "Traceback" not in result.stdout.str()


def test_wrong_target_is_one_sentence(pytester: pytest.Pytester) -> None:
    """The mistake is the first thing said."""
    result = pytester.run(sys.executable, "-m", "pytest", "--captchaos-target=nowhere.toml", timeout=LIMIT_S)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "there is no target file nowhere.toml" in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_shards_part_what_is_selected_and_no_scenario_is_in_two(pytester: pytest.Pytester) -> None:
    """Both claims about one scenario are in one shard, and what needs none is in each."""
    pytester.makepyfile(
        """
        import pytest

        here = pytest.mark.scenarios(kind="fault", mode=1004, flow="login")

        @here
        def test_claim(outcome):
            pass

        @here
        def test_other_claim(outcome):
            pass

        def test_ordinary():
            pass
        """
    )
    parts = []
    for shard in ("1/2", "2/2"):
        words = ("--collect-only", "-q", f"--captchaos-shard={shard}", "-k", "not warm")
        listed = pytester.run(sys.executable, "-m", "pytest", *words, timeout=LIMIT_S).stdout.lines
        parts.append({line.partition("::")[2] for line in listed if "::" in line})
    one, other = parts
    assert one & other == {"test_ordinary"}
    cold = [f"login-1004-frame-{fault}" for fault in ("refused-cold", "reset-cold", "hang-cold-newer")]
    assert one | other == {"test_ordinary", *(f"{test}[{id_}]" for id_ in cold for test in ("test_claim", "test_other_claim"))}
    assert {len(one), len(other)} == {3, 5}


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ("--captchaos-shard=6/5", "'6/5' is no shard: write the second of five as 2/5"),
        ("--captchaos-budget=soon", "'soon' is no time: write five minutes as 5m, or as 300s"),
        ("--captchaos-jobs=many", "'many' is not a number of scenarios: use 1 or more"),
        ("--captchaos-jobs=0", "'0' is not a number of scenarios: use 1 or more"),
    ],
)
def test_what_an_option_cannot_mean_is_one_sentence(pytester: pytest.Pytester, option: str, sentence: str) -> None:
    result = pytester.run(sys.executable, "-m", "pytest", option, timeout=LIMIT_S)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in result.stderr.str()


@pytest.mark.parametrize("report", ["taken", "taken/report"])
def test_a_report_that_cannot_be_a_folder_is_one_sentence(pytester: pytest.Pytester, report: str) -> None:
    """It is said before anything runs, and the file that stands there is left alone."""
    pytester.makefile("", taken="theirs")
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.scenarios(mode=1004)
        def test_claim(outcome):
            pass
        """
    )
    result = pytester.run(sys.executable, "-m", "pytest", f"--captchaos-report={report}", timeout=LIMIT_S)
    result.stdout.fnmatch_lines([f"*--captchaos-report {report}: taken is no folder: choose another"])
    result.assert_outcomes(errors=1)
    assert (pytester.path / "taken").read_text() == "theirs"
