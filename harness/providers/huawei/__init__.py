"""Huawei Cloud OneAccess: its captcha API, which the target's own server calls, and the SMS that it guards."""

from harness.providers.base import PROVIDERS
from harness.providers.huawei import faults
from harness.providers.huawei.provider import HuaweiOneAccess

__all__ = ["HuaweiOneAccess", "faults"]

PROVIDERS.add("huawei", HuaweiOneAccess())
