"""Whole searches on the shop and on animals of the zoo: the number is the one in somebody else's source."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.explore.cliff.run import UnhealthyError
from harness.journal.cliff import Cliff
from harness.journal.model import Verdict
from suites.selftest.cliff.conftest import Searched
from suites.selftest.cliff.test_looks import shops_deadline_ms

# What the way to the API, TLS and a machine with other work may take of a limit.
WAY_MS = 1000
pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1200)]


def fallback_ms(cliff: Cliff) -> tuple[int, int]:
    """The interval in which the fallback begins; both sides are there."""
    assert cliff.told, cliff
    assert cliff.degrades is not None
    assert cliff.degrades.mild is not None
    assert cliff.degrades.bad is not None
    return cliff.degrades.mild, cliff.degrades.bad


def test_the_shops_cliff_is_its_own_deadline_and_it_never_breaks(searched: Searched) -> None:
    cliff = searched("login", "verdict", "server-delay")
    mild, bad = fallback_ms(cliff)
    assert shops_deadline_ms() - WAY_MS <= mild < bad
    assert mild <= shops_deadline_ms()
    assert cliff.breaks is not None
    assert cliff.breaks.bad is None
    assert cliff.degrades is not None
    assert cliff.degrades.repeats == 3


def test_an_animal_that_gives_up_later_has_its_cliff_where_its_patch_says(
    searched: Searched, animal_folder: Callable[[str], Path]
) -> None:
    # DEADLINE_S = 6.5 in fixtures/zoo/slow-to-give-up/bug.patch
    mild, bad = fallback_ms(searched("login", "verdict", "server-delay", target=animal_folder("slow-to-give-up")))
    assert 6500 - WAY_MS <= mild <= 6500
    assert mild < bad <= 7000


def test_an_animal_that_waits_half_a_minute_never_falls_back_in_so_long(
    searched: Searched, animal_folder: Callable[[str], Path]
) -> None:
    cliff = searched("login", "verdict", "server-delay", target=animal_folder("B7"))
    assert cliff.degrades is not None
    assert cliff.degrades.mild is not None
    assert cliff.degrades.mild >= 30_000 - 2 * WAY_MS


def test_signatures_are_refused_from_five_minutes_on(searched: Searched) -> None:
    mild, bad = fallback_ms(searched("login", "verdict", "clock-skew"))
    assert mild <= 301
    assert bad >= 300
    assert bad - mild <= 3


def test_the_vendors_client_bears_two_lost_configurations_and_not_three(searched: Searched) -> None:
    assert fallback_ms(searched("login", "config", "loss")) == (2, 3)


def test_a_link_of_the_browser_falls_back_at_the_vendors_documented_wait(searched: Searched) -> None:
    mild, bad = fallback_ms(searched("login", "config", "server-delay"))
    assert mild <= 20_000 <= bad + WAY_MS
    assert bad - mild <= 2500


def test_a_target_that_is_degraded_in_health_is_not_searched(
    searched: Searched, animal_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    # Without the lab's authority it takes the lab's own TLS for an outage.
    folder = tmp_path / "distrustful"
    shutil.copytree(animal_folder("B7"), folder)
    file = folder / "captchaos.toml"
    told = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in told if not line.startswith("SSL_CERT_FILE")))
    for link in ("verdict", "config"):
        with pytest.raises(UnhealthyError, match="not healthy") as refused:
            searched("login", link, "server-delay", target=folder)
        assert refused.value.verdict is Verdict.FAIL
