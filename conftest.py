"""How much the property tests try (:mod:`harness.strategies.profiles`): dev by hand, ci by itself, nightly on demand.

The fuzz suite keeps a part that is the same every time and one that explores, and prints the seed that repeats it.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

from harness.strategies import profiles

pytest_plugins = ["pytester"]

profiles.register()
# A target is asked over HTTP, and hundreds of tests ask: every day a part of what the profiles try will do.
for name in ("dev", "ci"):
    settings.register_profile(name, settings.get_profile(name), max_examples=40)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# In the environment, so that xdist's workers explore with the seed that their controller prints.
SEED = int(os.environ.setdefault("CAPTCHAOS_FUZZ_SEED", str(int.from_bytes(os.urandom(4)))))


def pytest_report_header() -> str:
    """Print the seed of the exploring part."""
    return f"fuzz: profile {settings.get_current_profile_name()}, CAPTCHAOS_FUZZ_SEED={SEED} explores the same again"


@pytest.fixture(scope="session")
def fuzz_seed() -> int:
    """The seed of the exploring part."""
    return SEED
