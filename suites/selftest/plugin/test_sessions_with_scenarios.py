"""Sessions that run scenarios, on real parts: as people know pytest."""

from __future__ import annotations

import xml.etree.ElementTree as Xml
from collections.abc import Callable
from pathlib import Path

import pytest

from suites.selftest import untrusting
from suites.selftest.acceptance.command import SHOP
from suites.selftest.plugin.conftest import Inner

# A session takes some 15 s on a quiet machine, and minutes on one where others work.
pytestmark = pytest.mark.timeout(900)

REFUSED = "login-2002-verdict-refused-cold"
BOTH = f"{REFUSED} or login-2003-verdict-internal-error-cold"

AT_BOTH_ENDS = """
import pytest

@pytest.mark.scenarios(flow="login", fault="expired-certificate")
def test_business_completes(outcome):
    assert not outcome.findings_of("business-completes")
"""


@pytest.fixture
def fails_closed(animal_folder: Callable[[str], Path]) -> str:
    """The option that takes the shop with bug B1 as the target; nobody waits long for what never completes."""
    file = animal_folder("B1") / "impatient.toml"
    file.write_text('extends = "captchaos.toml"\n\n[budgets]\nbusiness = 4000\n', encoding="utf-8")
    return f"--captchaos-target={file}"


def test_claims_share_one_run_and_junit_shows_its_time(inner: Callable[..., Inner], pytester: pytest.Pytester) -> None:
    """The item that asked first carries what the scenario took."""
    done = inner("-k", REFUSED, "--junitxml=junit.xml")
    done.result.assert_outcomes(passed=2, deselected=6)
    assert done.executions() == {REFUSED: 1}
    assert "terror_ or trerror_?" in [one["title"] for one in done.head()["contradictions"]]
    cases = Xml.parse(pytester.path / "junit.xml").iter("testcase")  # noqa: S314 - pytest has just written it
    times = [float(case.get("time", "0")) for case in cases]
    # The other item's time is that of the controls at the session's end: its teardown waits for them.
    assert times[0] >= done.real_s(REFUSED) > 0
    done.result.stdout.fnmatch_lines(["1 pass, 0 fail, 0 unknown", f"report: {done.out / 'index.html'}"])
    assert (done.out / "index.html").is_file()


def test_two_workers_run_each_scenario_once_and_make_one_report(inner: Callable[..., Inner]) -> None:
    """Tests of one scenario go to one worker; the journals become one."""
    done = inner("-n", "2", "-k", BOTH)
    done.result.assert_outcomes(passed=4)
    assert done.executions() == {REFUSED: 1, "login-2003-verdict-internal-error-cold": 1}
    done.result.stdout.fnmatch_lines(["2 pass, 0 fail, 0 unknown"])
    assert not (done.out / "workers").exists()
    assert len(list((done.out / "data").glob("*.png"))) == 2


def test_failing_item_says_what_and_how_to_repeat_it_and_lf_does(inner: Callable[..., Inner], fails_closed: str) -> None:
    """Finding, evidence and the command; no Python. ``--lf`` then runs what failed, and that alone."""
    done = inner("-k", REFUSED, "-x", fails_closed)
    assert done.result.ret == pytest.ExitCode.TESTS_FAILED
    done.result.assert_outcomes(failed=1, deselected=6)
    done.result.stdout.fnmatch_lines(
        [
            "blocker: business-completes",
            "  seen      the business refused*",
            "  fault felt at *",
            "  ticket at submit (honest): *",
            "  visit honest: refused, 0 effects",
            f"run it again: python -m pytest 'test_claims.py::test_business_completes[[]{REFUSED}[]]' *",
            "0 pass, 1 fail, 0 unknown",
        ]
    )
    assert "Traceback" not in done.text
    assert "def test_business_completes" not in done.text
    again = inner("--lf", "-n", "1", fails_closed)
    again.result.assert_outcomes(failed=1)
    assert again.executions() == {REFUSED: 1}


@pytest.mark.nightly
def test_stopped_session_leaves_what_has_not_started(inner: Callable[..., Inner], fails_closed: str) -> None:
    """``-x`` after the first failure: the second scenario of one slot is not begun."""
    done = inner("-k", BOTH, "-x", "--captchaos-jobs=1", fails_closed)
    done.result.assert_outcomes(failed=1, deselected=4)
    assert sum(done.executions().values()) <= 2


def test_unknown_is_an_error(inner: Callable[..., Inner], pytester: pytest.Pytester) -> None:
    """A fault that is not felt says nothing about the target: neither pass, nor skip, nor failure."""
    pytester.makeconftest(
        """
        from harness.judge import verdict
        from harness.judge.felt import Felt

        verdict.felt = lambda record: Felt(felt=False, reason="the fault was not felt")
        """
    )
    done = inner("-k", REFUSED)
    done.result.assert_outcomes(errors=2, deselected=6)
    done.result.stdout.fnmatch_lines([f"{REFUSED} is unknown: *the fault was not felt*"])
    assert "Traceback" not in done.text


def test_broken_laboratory_is_one_sentence_per_item(inner: Callable[..., Inner], monkeypatch: pytest.MonkeyPatch) -> None:
    """No Toxiproxy: nothing can be said, and the exit status says so."""
    monkeypatch.setenv("CAPTCHAOS_TOXIPROXY", "/nowhere/toxiproxy-server")
    done = inner("-k", REFUSED)
    done.result.assert_outcomes(errors=2, deselected=6)
    assert done.result.ret == pytest.ExitCode.TESTS_FAILED
    done.result.stdout.fnmatch_lines(["the laboratory broke: */nowhere/toxiproxy-server*"])
    assert "Traceback" not in done.text


def test_what_a_budget_leaves_out_is_skipped_and_said_and_nothing_tried_is_no_pass(inner: Callable[..., Inner]) -> None:
    """There is no time for even one scenario: the items say so, and the session does not end as if it had tried them."""
    done = inner("-k", REFUSED, "-rs", "--captchaos-budget=0.01s")
    done.result.assert_outcomes(skipped=2, deselected=6)
    assert done.result.ret == pytest.ExitCode.TESTS_FAILED
    done.result.stdout.fnmatch_lines(["*was left out: the budget of 0.01 s is spent*"])
    done.result.stdout.fnmatch_lines(["left out by the budget of 10 ms: 1 of 1 scenarios"])
    assert done.executions() == {}


@pytest.mark.nightly
def test_the_summary_says_how_often_a_target_was_started_that_serves_many_scenarios(inner: Callable[..., Inner]) -> None:
    done = inner("-k", REFUSED, f"--captchaos-target={SHOP / 'slot.toml'}")
    done.result.assert_outcomes(passed=2, deselected=6)
    done.result.stdout.fnmatch_lines(["the target was started 2 × for * scenarios and controls"])


def test_an_engine_that_nobody_knows_is_refused_before_anything_runs(inner: Callable[..., Inner]) -> None:
    done = inner("--captchaos-engine=safari")
    assert done.result.ret == pytest.ExitCode.USAGE_ERROR
    assert "no engine is called 'safari'" in done.text
    assert not done.out.exists()


@pytest.mark.nightly
def test_an_engine_that_is_not_there_is_one_sentence(
    inner: Callable[..., Inner], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    done = inner("--captchaos-engine=webkit", "-k", REFUSED)
    done.result.assert_outcomes(errors=2, deselected=6)
    done.result.stdout.fnmatch_lines(["the laboratory broke: no WebKit that Playwright can drive on this machine*"])
    assert "Traceback" not in done.text


@pytest.mark.nightly
def test_what_an_engine_cannot_show_is_no_item(inner: Callable[..., Inner], pytester: pytest.Pytester) -> None:
    """The same fault on the server's link is one: a server's client looks at certificates whatever the browser is."""
    pytester.makepyfile(test_claims=AT_BOTH_ENDS)
    shown = {engine: inner("--co", "-q", f"--captchaos-engine={engine}").text for engine in ("chromium", "webkit")}
    for said in shown.values():
        assert "login-2002-verdict-expired-certificate-cold" in said
    assert "login-1001-entry-expired-certificate-cold" in shown["chromium"]
    assert "login-1001-entry-expired-certificate-cold" not in shown["webkit"]


@pytest.mark.nightly
def test_the_summary_names_what_was_not_tried_in_the_engine_that_a_session_asks_for(
    inner: Callable[..., Inner], pytester: pytest.Pytester
) -> None:
    source = Path(untrusting.__file__).read_text(encoding="utf-8")
    register = "from harness.browsers import ENGINES\nENGINES[Untrusting.name] = Untrusting()\n"
    pytester.makepyfile(untrusting_engine=f"{source}\n{register}")
    done = inner("-p", "untrusting_engine", "-k", REFUSED, "--captchaos-engine=untrusting")
    done.result.assert_outcomes(passed=2, deselected=6)
    assert done.head()["browser_engine"] == "untrusting"
    done.result.stdout.fnmatch_lines(["left out in untrusting, for *: *login-1001-entry-expired-certificate-cold*"])


@pytest.mark.nightly
def test_firefox_is_driven_where_a_session_asks_for_it(inner: Callable[..., Inner]) -> None:
    done = inner("-k", REFUSED, "--captchaos-engine=firefox")
    done.result.assert_outcomes(passed=2, deselected=6)
    assert done.head()["browser_engine"] == "firefox"
    assert done.head()["browser"].startswith("Firefox ")
