"""What the house knows of this provider: links, failure modes, causes, a human, an emulator.

The vendor ships no browser client: the page is the target's own, so its ids are ours to fix (:mod:`.human`), and there is no
callback to observe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from harness.catalog import Cause, FailureMode, Link
from harness.providers.base import Emulator, Human, VerdictCase
from harness.providers.huawei.cases import verdict_cases
from harness.providers.huawei.causes import CAUSES
from harness.providers.huawei.emulator import BUILDS, HuaweiEmulator
from harness.providers.huawei.human import DraggingHuman
from harness.providers.huawei.links import LINKS, links_at
from harness.providers.huawei.modes import MODES
from harness.providers.huawei.settings import OPTIONS, settings_from

NO_OPTIONS: Mapping[str, object] = MappingProxyType({})


class HuaweiOneAccess:
    """OneAccess's picture captcha, with ShowCaptcha, ValidateCaptcha and SendSmsVerifyCode."""

    def __init__(self) -> None:
        self.name = "huawei"
        self.title = "Huawei Cloud OneAccess"
        self.links: tuple[Link, ...] = LINKS
        self.modes: tuple[FailureMode, ...] = MODES
        self.causes: tuple[Cause, ...] = CAUSES
        self.builds: tuple[str, ...] = BUILDS
        self.human: Human = DraggingHuman()
        self.console: tuple[str, ...] = ("app_id", "client_id", "tenant_id", "domain_name")
        self.options: Mapping[str, str] = OPTIONS
        self.observer: str = "// The vendor has no script in the page, and so no callback.\n"

    def links_with(self, options: Mapping[str, object]) -> tuple[Link, ...]:
        """The links as these options make them: all on the tenant's own domain name."""
        return links_at(settings_from(options).domain_name)

    def emulator(self, *, app_id: str, prefix: str, options: Mapping[str, object] = NO_OPTIONS) -> HuaweiEmulator:
        """Make an emulator; the vendor mints no fallback tickets, so ``prefix`` changes nothing here."""
        return HuaweiEmulator(app_id=app_id, settings=settings_from(options))

    def verdict_cases(self, emulator: Emulator) -> Sequence[VerdictCase]:
        """Make a fresh token for each refusal of ValidateCaptcha."""
        return verdict_cases(emulator)
