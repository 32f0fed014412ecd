"""The fixtures for a repository's own tests: a laboratory around its target, and what can be broken there.

It is loaded wherever captchaos is installed, so it imports nothing of weight; docs/pytest.md says how to use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import pytest

from harness.errors import HarnessError

if TYPE_CHECKING:
    from harness.pytest_plugin.own_tests import Broken, OwnLab, ProviderView, Room, Tickets

FAULT = "fault"
OURS = frozenset({"captchaos_lab", "fault", "provider", "ticket"})
_FIRST = "_captchaos_first"
# pytest-playwright, and pytest-playwright-asyncio, whose fixtures have the same names.
_PLAYWRIGHTS = ("playwright", "playwright-asyncio")
_FOR_PLAYWRIGHT = "captchaos-for-playwright"


class Break(Protocol):
    """What the fixture ``fault`` is: break a link now; it is mended at the end of the ``with``, or of the test."""

    def __call__(self, link: str, kind: str, *, flow: str = "", warmth: str = "", must_be_felt: bool = True) -> Broken: ...


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and what makes pytest-playwright's pages go through the laboratory."""
    config.addinivalue_line("markers", f"{FAULT}(link, kind): run the test while this link of the captchaos target is broken")
    if any(map(config.pluginmanager.hasplugin, _PLAYWRIGHTS)):
        from harness.pytest_plugin import for_playwright

        config.pluginmanager.register(for_playwright, _FOR_PLAYWRIGHT)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Have the laboratory there before anything else of the test: a page that is open already does not go through it."""
    if isinstance(item, pytest.Function) and needs_lab(item):
        item.fixturenames.insert(0, _FIRST)


def needs_lab(item: pytest.Item) -> bool:
    """Whether a test asks for the laboratory: by its marker, or by one of our fixtures that is ours here."""
    if item.get_closest_marker(FAULT) is not None:
        return True
    info = getattr(item, "_fixtureinfo", None)
    defined = info.name2fixturedefs if info is not None else {}
    return any(defined[name][-1].func.__module__ == __name__ for name in OURS & defined.keys())


@pytest.fixture(scope="session")
def _captchaos_room(pytestconfig: pytest.Config) -> Iterator[Room]:
    """The laboratory of all tests of this process."""
    from harness.pytest_plugin.own_tests import open_room

    said = ""
    try:
        with open_room(pytestconfig) as room:
            yield room
    except HarnessError as error:
        said = str(error)
    if said:
        pytest.fail(said, pytrace=False)


@pytest.fixture
def _captchaos_first(request: pytest.FixtureRequest) -> Iterator[None]:
    """Start the target, break what the test's marker names, and mend it in the end."""
    lab: OwnLab = request.getfixturevalue("captchaos_lab")
    marked = [(mark.args, mark.kwargs) for mark in request.node.iter_markers(FAULT)]
    if len(marked) > 1:
        pytest.fail("a test has one `fault` marker; `captchaos fuzz schedules` breaks several links at once", pytrace=False)
    from harness.pytest_plugin.told import binding

    strike = binding("@pytest.mark.fault(link, kind)", lab.fault)
    broken = [strike(*arguments, **words) for arguments, words in marked]
    yield
    for one in broken:
        one.end()


@pytest.fixture
def captchaos_lab(_captchaos_room: Room, request: pytest.FixtureRequest) -> Iterator[OwnLab]:
    """The target of captchaos.toml, started afresh for this test, with every edge in the laboratory's hands."""
    lab = _captchaos_room.start()
    if request.config.pluginmanager.hasplugin(_FOR_PLAYWRIGHT):
        from harness.pytest_plugin.for_playwright import route

        route(request.node, lab)
    yield lab
    try:
        lab.end_faults()
    finally:
        lab.stop()


@pytest.fixture
def fault(captchaos_lab: OwnLab) -> Break:
    """Break a link: ``fault("entry", "hang")``, or ``with fault("verdict", "refused"): …``."""
    from harness.pytest_plugin.told import binding

    return binding("fault(link, kind)", captchaos_lab.fault)


@pytest.fixture
def provider(captchaos_lab: OwnLab) -> ProviderView:
    """The emulated provider: its app id, and how often which of its links was asked."""
    return captchaos_lab.provider


@pytest.fixture
def ticket(captchaos_lab: OwnLab) -> Tickets:
    """Tickets as the provider's client hands them over: ``ticket()``, ``ticket("used-ticket")``, ``ticket.fallback(1001)``."""
    return captchaos_lab.ticket
