"""What the house knows of this provider: links, failure modes, causes, a human, an emulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from harness.catalog import Cause, Contradiction, FailureMode, Link
from harness.providers.base import Emulator, Human, VerdictCase
from harness.providers.scripted import MakesClient
from harness.providers.tencent_mini.cases import verdict_cases
from harness.providers.tencent_mini.causes import CAUSES
from harness.providers.tencent_mini.emulator import BUILDS, MiniEmulator
from harness.providers.tencent_mini.human import MiniHuman
from harness.providers.tencent_mini.links import LINKS, links_with
from harness.providers.tencent_mini.modes import MODES
from harness.providers.tencent_mini.plugin import mini_client
from harness.providers.tencent_mini.settings import OPTIONS, settings_from
from harness.providers.tencent_web import api_settings
from harness.providers.tencent_web.contradictions import OF_THE_VERDICT

NO_OPTIONS: Mapping[str, object] = MappingProxyType({})


class TencentMini:
    """Tencent Cloud Captcha's plug-in for WeChat mini programs, with ``DescribeCaptchaMiniResult`` behind it."""

    def __init__(self) -> None:
        self.name = "tencent_mini"
        self.title = "Tencent Cloud Captcha (WeChat mini program)"
        self.sdk_ca_file = api_settings.SDK_CA_FILE
        self.links: tuple[Link, ...] = LINKS
        self.modes: tuple[FailureMode, ...] = MODES
        self.causes: tuple[Cause, ...] = CAUSES
        self.contradictions: tuple[Contradiction, ...] = OF_THE_VERDICT
        self.builds: tuple[str, ...] = BUILDS
        self.human: Human = MiniHuman()
        self.console: tuple[str, ...] = ("app_id", "app_secret", "secret_id", "secret_key")
        self.options: Mapping[str, str] = OPTIONS
        # The plug-in runs in no page: the scripted client sees its events itself.
        self.observer: str = ""
        self.clients: Mapping[str, MakesClient] = {"mini": mini_client}

    def links_with(self, options: Mapping[str, object]) -> tuple[Link, ...]:
        """The links as these options make them."""
        return links_with(settings_from(options).plugin_host)

    def emulator(self, *, app_id: str, prefix: str, options: Mapping[str, object] = NO_OPTIONS) -> MiniEmulator:
        """Make an emulator for the app id; ``prefix`` is taken as every provider takes it."""
        return MiniEmulator(
            app_id=app_id, prefix=prefix, settings=settings_from(options), api=api_settings.settings_from(options)
        )

    def verdict_cases(self, emulator: Emulator) -> Sequence[VerdictCase]:
        """Make a fresh ticket for each CaptchaCode that blocks."""
        return verdict_cases(emulator)
