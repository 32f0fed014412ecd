"""Tencent Cloud Captcha for the web: the browser client in its builds, and the verdict API behind it."""

from harness.providers.base import PROVIDERS
from harness.providers.tencent_web import faults
from harness.providers.tencent_web.provider import TencentWeb

__all__ = ["TencentWeb", "faults"]

PROVIDERS.add("tencent_web", TencentWeb())
