"""GeeTest v4, as a third party would ship it: one folder over the public protocol, and nothing else of the house."""

from harness.providers.base import PROVIDERS
from harness.providers.geetest_v4 import faults
from harness.providers.geetest_v4.provider import GeetestV4

__all__ = ["GeetestV4", "faults"]

PROVIDERS.add("geetest_v4", GeetestV4())
