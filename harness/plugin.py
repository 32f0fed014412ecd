"""The pytest plugin: its options. Light on purpose, because it is loaded wherever captchaos is installed."""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of captchaos."""
    group = parser.getgroup("captchaos", "captchaos: what becomes of a web application when its captcha fails")
    group.addoption("--captchaos-target", type=Path, metavar="PATH", help="the captchaos.toml to test (default: the shop)")
    group.addoption("--captchaos-jobs", type=int, metavar="N", help="how many scenarios at once (default: from the machine)")
    group.addoption("--captchaos-out", type=Path, metavar="DIR", help="the run's own folder (default: a new one under reports)")
    group.addoption("--captchaos-real-time", action="store_true", help="never advance a page's clock")
