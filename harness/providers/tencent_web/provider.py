"""What the house knows of this provider: links, failure modes, causes, builds, a human, an emulator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from harness.catalog import Cause, Contradiction, FailureMode, Link, Rewrite
from harness.providers.base import Emulator, Human, VerdictCase
from harness.providers.tencent_web.aid_causes import aid_causes
from harness.providers.tencent_web.aid_check import AID_OPTIONS, aid_settings_from
from harness.providers.tencent_web.api_settings import API_OPTIONS, SDK_CA_FILE, settings_from
from harness.providers.tencent_web.cases import verdict_cases
from harness.providers.tencent_web.causes import CAUSES
from harness.providers.tencent_web.client_files import BUILDS
from harness.providers.tencent_web.contradictions import CONTRADICTIONS
from harness.providers.tencent_web.drawn import drawn_client
from harness.providers.tencent_web.emulator import TencentEmulator
from harness.providers.tencent_web.generations import GENERATION_OPTIONS, build_of, causes_of
from harness.providers.tencent_web.human import SliderHuman
from harness.providers.tencent_web.links import LINKS, links_with
from harness.providers.tencent_web.modes import MODES

_OBSERVER = Path(__file__).with_name("observer.js")
NO_OPTIONS: Mapping[str, object] = MappingProxyType({})


class TencentWeb:
    """Tencent Cloud Captcha in the browser, with ``DescribeCaptchaResult`` behind it."""

    def __init__(self) -> None:
        self.name = "tencent_web"
        self.title = "Tencent Cloud Captcha (web)"
        self.sdk_ca_file = SDK_CA_FILE
        self.links: tuple[Link, ...] = LINKS
        self.modes: tuple[FailureMode, ...] = MODES
        self.causes: tuple[Cause, ...] = CAUSES
        self.contradictions: tuple[Contradiction, ...] = CONTRADICTIONS
        self.builds: tuple[str, ...] = BUILDS
        self.human: Human = SliderHuman()
        self.console: tuple[str, ...] = ("app_id", "app_secret", "secret_id", "secret_key")
        self.options: Mapping[str, str] = {**API_OPTIONS, **GENERATION_OPTIONS, **AID_OPTIONS}
        self.observer: str = _OBSERVER.read_text(encoding="utf-8")
        self.drawn_client: Rewrite = drawn_client

    def links_with(self, options: Mapping[str, object]) -> tuple[Link, ...]:
        """The links as these options make them."""
        return links_with(retired_hosts=bool(options.get("retired_hosts")), build=build_of(options))

    def causes_with(self, options: Mapping[str, object]) -> tuple[Cause, ...]:
        """The causes for the generation of the client that the target's pages load."""
        return causes_of(build_of(options))

    def causes_with_aid(self, options: Mapping[str, object]) -> tuple[Cause, ...]:
        """What more can fail where the page fetches its ``aidEncrypted`` from its own server."""
        return aid_causes(aid_settings_from(options), build=build_of(options))

    def emulator(self, *, app_id: str, prefix: str, options: Mapping[str, object] = NO_OPTIONS) -> TencentEmulator:
        """Make an emulator for the app id; ``prefix`` is ``terror`` or ``trerror``."""
        return TencentEmulator(
            app_id=app_id,
            prefix=prefix,
            retired_hosts=bool(options.get("retired_hosts")),
            api=settings_from(options),
            aid=aid_settings_from(options),
        )

    def verdict_cases(self, emulator: Emulator) -> Sequence[VerdictCase]:
        """Make a fresh ticket for each CaptchaCode that blocks."""
        return verdict_cases(emulator)
