"""What the house knows of this provider: links, failure modes, causes, a human, an emulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.catalog import Cause, FailureMode, Link
from harness.providers.base import Emulator, Human, VerdictCase
from harness.providers.geetest_v4.cases import verdict_cases
from harness.providers.geetest_v4.causes import CAUSES
from harness.providers.geetest_v4.emulator import BUILDS, GeetestEmulator
from harness.providers.geetest_v4.human import GeetestHuman
from harness.providers.geetest_v4.links import LINKS
from harness.providers.geetest_v4.modes import MODES
from harness.providers.geetest_v4.settings import OPTIONS, settings_from

_OBSERVER = Path(__file__).with_name("observer.js")


class GeetestV4:
    """GeeTest v4 in the browser, with ``/validate`` behind it."""

    def __init__(self) -> None:
        self.name = "geetest_v4"
        self.title = "GeeTest v4"
        self.example_app_id = "647f5ed2ed8acb4be36784e01556bb71"
        self.links: tuple[Link, ...] = LINKS
        self.modes: tuple[FailureMode, ...] = MODES
        self.causes: tuple[Cause, ...] = CAUSES
        self.builds: tuple[str, ...] = BUILDS
        self.human: Human = GeetestHuman()
        self.console: tuple[str, ...] = ("app_id", "app_secret")
        self.options: Mapping[str, str] = OPTIONS
        self.observer: str = _OBSERVER.read_text(encoding="utf-8")

    def links_with(self, options: Mapping[str, object]) -> tuple[Link, ...]:
        """The links; no option adds a host."""
        return self.links

    def emulator(self, *, app_id: str, prefix: str, options: Mapping[str, object]) -> GeetestEmulator:
        """Make an emulator for a captcha id (32 hex digits); its client mints no ticket, so ``prefix`` is the page's affair."""
        return GeetestEmulator(app_id=app_id, settings=settings_from(options))

    def verdict_cases(self, emulator: Emulator) -> Sequence[VerdictCase]:
        """Make a fresh pass for each way to be refused."""
        return verdict_cases(emulator)
