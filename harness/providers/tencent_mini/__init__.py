"""Tencent Cloud Captcha in a WeChat mini program: what the plug-in asks, and ``DescribeCaptchaMiniResult`` behind it."""

from harness.providers.base import PROVIDERS
from harness.providers.tencent_mini import faults
from harness.providers.tencent_mini.provider import TencentMini

__all__ = ["TencentMini", "faults"]

PROVIDERS.add("tencent_mini", TencentMini())
