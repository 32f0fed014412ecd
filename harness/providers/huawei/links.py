"""The named edges between a target's server and the vendor, in the order of a healthy flow (domain/huawei-oneaccess.md)."""

from __future__ import annotations

from collections.abc import Mapping

from harness.catalog import Link, Phase, Side
from harness.providers.huawei.settings import DOMAIN_NAME

PICTURE_PATH = "/api/v2/sdk/captcha"
VERDICT_PATH = "/api/v2/sdk/captcha/verify"
SMS_PATH = "/api/v2/sdk/sms/send"
# The notes name this call as a neighbour; its parameters are in the vendor's own page on RegisterByMobile.
CODE_PATH = "/api/v2/sdk/register/mobile-verify-code"
# The notes leave this path out; it is in the vendor's own page on ListCountryCodes.
AREA_CODES_PATH = "/api/v2/sdk/country-codes"

LINK_OF: Mapping[tuple[str, str], str] = {
    ("GET", PICTURE_PATH): "picture",
    ("POST", VERDICT_PATH): "verdict",
    ("POST", SMS_PATH): "sms",
    ("POST", CODE_PATH): "code",
    ("GET", AREA_CODES_PATH): "area-codes",
}


def links_at(host: str) -> tuple[Link, ...]:
    """The links of a tenant whose domain name is ``host``."""

    def link(
        name: str, phase: Phase, *, after: str | None = None, control: bool = True, guarded_by: str | None = None
    ) -> Link:
        return Link(
            name=name, side=Side.SERVER, hosts=(host,), phase=phase, after=after, control=control, guarded_by=guarded_by
        )

    return (
        link("area-codes", Phase.BEFORE_LOAD, control=False),
        link("picture", Phase.BEFORE_SHOW),
        link("verdict", Phase.DURING_VERDICT, after="picture"),
        link("sms", Phase.DURING_VERDICT, after="verdict", guarded_by="verdict"),
        link("code", Phase.DURING_VERDICT, after="sms"),
    )


LINKS: tuple[Link, ...] = links_at(DOMAIN_NAME)
