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
MISUSED = """
import pytest

@pytest.mark.fault
def test_marker_says_nothing():
    pass

@pytest.mark.fault("entry")
def test_marker_says_a_link_alone():
    pass

@pytest.mark.fault("entry", "hang", wramth="warm")
def test_marker_has_a_word_too_many():
    pass

@pytest.mark.fault(5, "hang")
def test_link_is_no_text():
    pass

@pytest.mark.fault("entry", "hang", flow="logn")
def test_flow_is_misspelt():
    pass

@pytest.mark.fault("entry", "hang", warmth="hot")
def test_warmth_is_no_warmth():
    pass

@pytest.mark.fault("verdict", "expired-certificate", warmth="warm")
def test_fault_is_not_planned_on_such_a_connection():
    pass

def test_fixture_is_told_nothing(fault):
    fault()

def test_nobody_goes_there_in_a_with(fault):
    with fault("entry", "refused"):
        pass

def test_lab_is_asked_without_the_fixture(captchaos_lab):
    captchaos_lab.fault("entri", "hang")

def test_provider_has_no_such_link(provider):
    provider.requests("entri")

def test_ticket_has_no_such_cause(ticket):
    ticket("usd-ticket")

def test_code_is_no_number(ticket):
    ticket.fallback("terror_1001")
"""
# In the order of the tests above.
SAID = [
    "@pytest.mark.fault(link, kind): missing a required argument: 'link'*",
    "@pytest.mark.fault(link, kind): missing a required argument: 'kind'*",
    "@pytest.mark.fault(link, kind): got an unexpected keyword argument 'wramth'*",
    "fault(link, kind): link is a text, such as 'entry', and not 5",
    "no flow is called 'logn'; did you mean 'login'?",
    "no warmth is called 'hot'; known: cold, warm",
    "expired-certificate on verdict is planned cold alone: leave warmth='warm' out",
    "fault(link, kind): missing a required argument: 'link'*",
    "the fault refused on entry was not felt: nothing has met it, *",
    "no link is called 'entri'; did you mean 'entry'?",
    "tencent_web has no link 'entri'; did you mean 'entry'?",
    "tencent_web has no ticket of the cause 'usd-ticket'; did you mean 'used-ticket'?",
    "a fallback ticket's code is a number, such as 1001, and not 'terror_1001'",
]
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


# pytest-playwright-asyncio has the options of pytest-playwright, so that they cannot be installed beside each other: this is
# found by the same entry point, and its page is one that tells how its browser and its context were made.
ASYNCIO = """
import pytest

@pytest.fixture(scope="session")
def browser_name():
    return "chromium"

@pytest.fixture(scope="session")
def browser_type():
    class Type:
        executable_path = __file__
    return Type

@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"args": ["--theirs"]}

@pytest.fixture
def page(request, browser_type_launch_args):
    return browser_type_launch_args, next(request.node.iter_markers("browser_context_args")).kwargs
"""
ASYNCHRONOUS = """
def test_page_goes_through_the_laboratory(page, captchaos_lab):
    launched, context = page
    assert launched["args"] == ["--theirs", *captchaos_lab.launch_args["args"]]
    assert context == captchaos_lab.context_args
"""


def test_pages_of_the_asyncio_plugin_go_through_the_laboratory(
    repository: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = repository.mkdir("installed")
    (installed / "theirs.py").write_text(ASYNCIO)
    about = installed / "theirs-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[pytest11]\nplaywright-asyncio = theirs\n")
    monkeypatch.setenv("PYTHONPATH", str(installed))
    repository.makepyfile(ASYNCHRONOUS)
    run(repository, "-p", "no:playwright").assert_outcomes(passed=1)


@pytest.mark.nightly
def test_own_tests_run_as_the_page_shows_them(repository: pytest.Pytester) -> None:
    """A page of pytest-playwright meets the fault, and a request of a test's own the outage; on the shop, which is right."""
    shutil.copy(OWN_TESTS, repository.path / "test_own.py")
    run(repository, "test_own.py").assert_outcomes(passed=4)


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
    assert shown_code(done) == []


def test_a_marker_or_a_fixture_that_is_used_wrongly_is_one_sentence(repository: pytest.Pytester) -> None:
    """Whatever is handed over: no line of Python, of ours or of pytest's, stands beside what is wrong with it."""
    repository.makepyfile(MISUSED)
    done = run(repository, "-p", "no:playwright")
    done.assert_outcomes(errors=7, failed=6)
    done.stdout.fnmatch_lines_random(SAID)
    assert shown_code(done) == []


def shown_code(done: pytest.RunResult) -> list[str]:
    """The lines of source that pytest shows where something was raised, and those that say what it was."""
    return [line for line in done.outlines if line.startswith((">  ", "E  ", "Traceback"))]


def test_without_a_target_the_bundled_shop_is_not_taken_for_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_own(captchaos_lab):\n    pass\n")
    done = run(pytester, "-p", "no:playwright")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([f"captchaos_lab has no target: put a captchaos.toml into {pytester.path}, *"])


def test_fixtures_of_the_same_name_are_the_repositorys_own(pytester: pytest.Pytester) -> None:
    """No laboratory is started for them."""
    pytester.makepyfile(NOT_OURS)
    run(pytester, "-p", "no:playwright").assert_outcomes(passed=1)
