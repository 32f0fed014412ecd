"""The pytest plugin: options, the ``scenarios`` marker and the ``outcome`` fixture.

It is loaded wherever captchaos is installed, so it imports nothing of weight and does nothing until a test with a
``scenarios`` marker asks for ``outcome``, or a target file is to be tested. docs/pytest.md says how to use it.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError, UsageError

if TYPE_CHECKING:
    from harness.pytest_plugin.outcome import Outcome
    from harness.pytest_plugin.session import Run

MARKER = "scenarios"
_INI = "captchaos"
_TARGET_FILE = "captchaos.toml"
# Those of our Hypothesis profiles that exist nowhere else: by name they are there before any test imports a strategy.
_PROFILES = ("dev", "nightly")
_RUN = pytest.StashKey["Run"]()
_OUT = pytest.StashKey[Path]()
_GOODBYES = pytest.StashKey[list[Mapping[str, object]]]()
_SUMMARY = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of captchaos."""
    group = parser.getgroup("captchaos", "captchaos: what becomes of a web application when its captcha fails")
    group.addoption("--captchaos-target", type=Path, metavar="PATH", help="the captchaos.toml to test (default: the shop)")
    group.addoption("--captchaos-jobs", type=_positive, metavar="N", help="scenarios at once (default: from the machine)")
    group.addoption(
        "--captchaos-report", "--captchaos-out", dest="captchaos_out", type=Path, metavar="DIR",
        help="the folder of the run and its report (default: a new one under reports)",
    )  # fmt: skip
    group.addoption("--captchaos-engine", type=_engine, metavar="NAME", help="chromium (the default), firefox or webkit")
    group.addoption("--captchaos-real-time", action="store_true", help="never advance a page's clock")
    group.addoption(
        "--captchaos-sample", action="store_true", help="one scenario per failure mode and family of faults, not all of them"
    )
    group.addoption("--captchaos-shard", type=_shard, metavar="N/OF", help="only this part of what is selected, such as 2/5")
    group.addoption(
        "--captchaos-budget", type=_seconds, metavar="TIME",
        help="begin no scenario that would not end within this time, such as 5m; what tells most comes first",
    )  # fmt: skip
    parser.addini(_INI, "test each captchaos.toml that pytest comes across, not only one that is named", "bool", default=False)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; a target that is named is read at once, so that a mistake in it is the first thing said."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(kind, side, flow, link, fault, family, mode, …): the captchaos scenarios whose outcome the test asks for",
    )
    config.pluginmanager.import_plugin("harness.pytest_plugin.fixtures")
    if config.getoption("captchaos_target") is not None:
        try:
            _run(config)
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from None
    if config.getoption("hypothesis_profile", None) in _PROFILES:
        import harness.strategies  # noqa: F401  # registers them, before Hypothesis looks for the one that is asked for


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a target file, and what ``captchaos fuzz`` has found and kept: each case is tried again."""
    if file_path.suffix == ".toml":
        return _target_file(file_path, parent)
    if not file_path.name.endswith(".case.json") or not _is_ours(file_path):
        return None
    from harness.pytest_plugin.cases import CaseFile

    return CaseFile.from_parent(parent, path=file_path)


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
    planned = getattr(request, "param", None)
    if planned is None:
        pytest.fail(f"say which outcomes are meant: @pytest.mark.{MARKER}(kind='fault', side='browser')", pytrace=False)
    try:
        return request.config.stash[_RUN].outcome(request.node, planned.scenario)
    except HarnessError as error:
        from harness.pytest_plugin.background import LeftOutError

        said, left_out = str(error), isinstance(error, LeftOutError)
    if left_out:  # as its user wanted by a budget; the summary counts them, and a session in which nothing ran is red
        pytest.skip(said)
    pytest.fail(said, pytrace=False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep a sample or a shard where one is asked for, of what is selected; what needs no scenario stays."""
    wanted = [config.getoption(f"captchaos_{option}") for option in ("sample", "shard", "budget")]
    if _RUN not in config.stash or not any(wanted):
        return
    kept = config.stash[_RUN].part_of(items)
    left = set(kept)
    if dropped := [item for item in items if item not in left]:
        config.hook.pytest_deselected(items=dropped)
    items[:] = kept


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
    from harness.pytest_plugin import attaching, telling
    from harness.pytest_plugin.outcome import Outcome

    if not isinstance(given, Outcome):
        return (yield)
    attaching.show_in_allure(pyfuncitem)
    try:
        return (yield)
    except AssertionError as wrong:
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
    """Let the item that first asked for a scenario carry the time that the scenario took, and each what pytest-html shows."""
    report = yield
    if _RUN not in item.config.stash:
        return report
    if call.when == "setup":
        from harness.pytest_plugin.session import DURATION

        report.duration = item.stash.get(DURATION, report.duration)
    if call.when == "call" or (call.when == "setup" and report.failed):
        from harness.pytest_plugin.attaching import EXTRAS

        if own := item.stash.get(EXTRAS, []):
            report.extras = [*getattr(report, "extras", []), *own]  # type: ignore[attr-defined]  # pytest-html's
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


def _target_file(file: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a target file that was named; one that just lies there only where the repository's configuration wants it."""
    named = parent.session.isinitpath(file)
    if not named and not (file.name == _TARGET_FILE and parent.config.getini(_INI)):
        return None
    from harness.pytest_plugin.places import may_be_target

    if not may_be_target(file):
        return None
    from harness.pytest_plugin.target_files import TargetFile

    return TargetFile.from_parent(parent, path=file, read=functools.partial(_run, parent.config))


def _run(config: pytest.Config, target: Path | None = None) -> Run:
    """The session's run, which is over one target; raises UsageError when it is over another than ``target``."""
    if _RUN not in config.stash:
        from harness.pytest_plugin.places import folder_of, target_of
        from harness.pytest_plugin.session import Run

        config.stash[_RUN] = Run(config, folder_of(config), target_of(config) or target, on_demand=_worker(config))
    run = config.stash[_RUN]
    if target is not None and target.resolve() != run.target_file:
        from harness.target.problems import display

        ours, other = display(run.target_file), display(target)
        raise UsageError(f"a session tests one target, and this one tests {ours}: test {other} in another session")
    return run


def _is_ours(file: Path) -> bool:
    """Whether a case is one of captchaos: files of others may end like that, too."""
    with file.open("rb") as opened:
        return b'"captchaos_case"' in opened.read(1000)


def _worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of scenarios: use 1 or more")
    return number


def _engine(text: str) -> str:
    from harness.browsers import engine_named

    try:
        return engine_named(text).name
    except HarnessError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _shard(text: str) -> Any:
    from harness.plan.shards import Shard

    return _said(Shard.parse, text)


def _seconds(text: str) -> Any:
    from harness.plan.shards import seconds

    return _said(seconds, text)


def _said(read: Callable[[str], object], text: str) -> object:
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
