"""The pytest plugin: options, the ``scenarios`` marker and the ``outcome`` fixture.

It is loaded wherever captchaos is installed, so it imports nothing of weight and does nothing until a test with a
``scenarios`` marker asks for ``outcome``. docs/pytest.md says how to use it.
"""

from __future__ import annotations

import argparse
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.pytest_plugin.outcome import Outcome
    from harness.pytest_plugin.session import Run

MARKER = "scenarios"
_RUN = pytest.StashKey["Run"]()
_OUT = pytest.StashKey[Path]()
_GOODBYES = pytest.StashKey[list[Mapping[str, object]]]()
_SUMMARY = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of captchaos."""
    group = parser.getgroup("captchaos", "captchaos: what becomes of a web application when its captcha fails")
    group.addoption("--captchaos-target", type=Path, metavar="PATH", help="the captchaos.toml to test (default: the shop)")
    group.addoption("--captchaos-jobs", type=_positive, metavar="N", help="scenarios at once (default: from the machine)")
    group.addoption("--captchaos-out", type=Path, metavar="DIR", help="the run's own folder (default: a new one under reports)")
    group.addoption("--captchaos-real-time", action="store_true", help="never advance a page's clock")
    group.addoption(
        "--captchaos-sample", action="store_true", help="one scenario per failure mode and family of faults, not all of them"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; a target that is named is read at once, so that a mistake in it is the first thing said."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(kind, side, flow, link, fault, family, mode, …): the captchaos scenarios whose outcome the test asks for",
    )
    if config.getoption("captchaos_target") is not None:
        try:
            _run(config)
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test that asks for ``outcome`` once per scenario that its markers name."""
    interests = [marker.kwargs for marker in metafunc.definition.iter_markers(MARKER)]
    if not interests or "outcome" not in metafunc.fixturenames:
        return
    try:
        parameters: list[Any] = _run(metafunc.config).parameters(interests)
    except HarnessError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    metafunc.parametrize("outcome", parameters, indirect=True)


@pytest.fixture
def outcome(request: pytest.FixtureRequest) -> Outcome:
    """One scenario's outcome; the test is made once per scenario that its ``scenarios`` marker names."""
    scenario = getattr(request, "param", None)
    if scenario is None:
        pytest.fail(f"say which outcomes are meant: @pytest.mark.{MARKER}(kind='fault', side='browser')", pytrace=False)
    try:
        return request.config.stash[_RUN].outcome(request.node, scenario)
    except HarnessError as error:
        said = str(error)
    pytest.fail(said, pytrace=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a sample where one is asked for; what needs no scenario stays."""
    if not config.getoption("captchaos_sample") or _RUN not in config.stash:
        return
    from harness.pytest_plugin.session import scenario_of

    sampled = config.stash[_RUN].sampled()
    dropped = [item for item in items if (one := scenario_of(item)) is not None and one.id not in sampled]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        gone = set(dropped)
        items[:] = [item for item in items if item not in gone]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """In an xdist worker, leave word of which test needs which scenario, before xdist tells its controller of the tests."""
    if _worker(session.config) and _RUN in session.config.stash:
        from harness.pytest_plugin.across import write_scenarios

        try:
            write_scenarios(session.config.stash[_RUN].out, session.items)
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Start running what the selected items need."""
    config = session.config
    stopped = session.testsfailed and not config.option.continue_on_collection_errors
    if _RUN not in config.stash or config.option.collectonly or stopped:
        return
    config.stash[_RUN].begin(session.items)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Say what a claim's failure means in findings and evidence, not in Python."""
    given = pyfuncitem.funcargs.get("outcome") if _RUN in pyfuncitem.config.stash else None
    if given is None:
        return (yield)
    from harness.pytest_plugin import telling
    from harness.pytest_plugin.outcome import Outcome

    try:
        return (yield)
    except AssertionError as wrong:
        if not isinstance(given, Outcome):
            raise
        if given.excuse:
            pytest.xfail(given.excuse)  # returns under --runxfail, and the claim then fails
        said = telling.failing(given, wrong, pyfuncitem.config.stash[_RUN].command(pyfuncitem))
    raise pytest.fail.Exception(said, pytrace=False)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Close the laboratory after the last item that needs it."""
    if _RUN in item.config.stash:
        item.config.stash[_RUN].after(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the item that first asked for a scenario carry the time that the scenario took."""
    report = yield
    if call.when == "setup" and _RUN in item.config.stash:
        from harness.pytest_plugin.session import DURATION

        report.duration = item.stash.get(DURATION, report.duration)
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Close the laboratory and write the report."""
    config = session.config
    if _RUN not in config.stash and _OUT not in config.stash:
        return
    from harness.pytest_plugin import closing

    if _worker(config):
        closing.close_worker(session, config.stash[_RUN], config.workeroutput)  # type: ignore[attr-defined]  # xdist's
    elif _OUT in config.stash:
        config.stash[_SUMMARY] = closing.close_controller(session, config.stash[_OUT], config.stash.get(_GOODBYES, []))
    else:
        config.stash[_SUMMARY] = closing.close_one_process(session, config.stash[_RUN])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say where the report is."""
    if lines := config.stash.get(_SUMMARY, []):
        terminalreporter.write_sep("=", "captchaos")
        for line in lines:
            terminalreporter.write_line(line)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the run's folder down to an xdist worker."""
    from harness.pytest_plugin.places import new_folder

    config: pytest.Config = node.config
    if _OUT not in config.stash:
        try:
            config.stash[_OUT] = new_folder(config)
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from None
    node.workerinput["captchaos_out"] = str(config.stash[_OUT])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker said at its end; one that crashed said nothing."""
    if said := getattr(node, "workeroutput", {}).get("captchaos"):
        node.config.stash.setdefault(_GOODBYES, []).append(said)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any) -> None:
    """Keep the tests of one scenario together, when there are any."""
    config: pytest.Config = node.config
    if (config.stash[_OUT] / "workers").is_dir():
        from harness.pytest_plugin.across import read_scenarios, schedule_by_scenario

        if scenarios := read_scenarios(config.stash[_OUT], node.gateway.id):
            schedule_by_scenario(config, scenarios)


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item) -> bool | None:
    """Leave the time of items that wait for a scenario to the laboratory, which bounds it: pytest-timeout would kill it."""
    if _RUN not in item.config.stash:
        return None
    from harness.pytest_plugin.session import scenario_of

    return True if scenario_of(item) is not None else None


def _run(config: pytest.Config) -> Run:
    if _RUN not in config.stash:
        from harness.pytest_plugin.places import folder_of
        from harness.pytest_plugin.session import Run

        config.stash[_RUN] = Run(config, folder_of(config), on_demand=_worker(config))
    return config.stash[_RUN]


def _worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of scenarios: use 1 or more")
    return number
