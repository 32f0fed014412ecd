"""What the house knows of this provider: links, failure modes, causes, builds, a human, an emulator."""

from __future__ import annotations

from collections.abc import Sequence

from harness.catalog import Cause, FailureMode, Link
from harness.providers.base import Emulator, Human, VerdictCase
from harness.providers.tencent_web.cases import verdict_cases
from harness.providers.tencent_web.causes import CAUSES
from harness.providers.tencent_web.client_files import BUILDS
from harness.providers.tencent_web.emulator import TencentEmulator
from harness.providers.tencent_web.human import SliderHuman
from harness.providers.tencent_web.links import LINKS
from harness.providers.tencent_web.modes import MODES


class TencentWeb:
    """Tencent Cloud Captcha in the browser, with ``DescribeCaptchaResult`` behind it."""

    def __init__(self) -> None:
        self.name = "tencent_web"
        self.title = "Tencent Cloud Captcha (web)"
        self.links: tuple[Link, ...] = LINKS
        self.modes: tuple[FailureMode, ...] = MODES
        self.causes: tuple[Cause, ...] = CAUSES
        self.builds: tuple[str, ...] = BUILDS
        self.human: Human = SliderHuman()

    def emulator(self, *, app_id: str, prefix: str) -> TencentEmulator:
        """Make an emulator for the app id; ``prefix`` is ``terror`` or ``trerror``."""
        return TencentEmulator(app_id=app_id, prefix=prefix)

    def verdict_cases(self, emulator: Emulator) -> Sequence[VerdictCase]:
        """Make a fresh ticket for each CaptchaCode that blocks."""
        return verdict_cases(emulator)
