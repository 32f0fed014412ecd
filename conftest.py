"""How much the property tests try: dev by hand, ci by itself, nightly on demand.

Hypothesis loads a profile of its own where ``CI`` is set, which repeats the same examples for ever; ours keeps a part that
explores, and prints the seed that repeats it.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# A target is asked over HTTP: how long an example takes says nothing, and what is shared stays the same on purpose.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow], "print_blob": True}

settings.register_profile("dev", max_examples=40, **_COMMON)
settings.register_profile("ci", max_examples=40, database=None, **_COMMON)
settings.register_profile("nightly", max_examples=1000, **_COMMON)
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
