"""The browser engines that can be driven, a file for each: how it is found, started, and made to trust the lab."""

from harness.browsers import chromium, firefox, webkit
from harness.browsers.base import ENGINES, Engine, Needs, engine_named

__all__ = ["ENGINES", "Engine", "Needs", "chromium", "engine_named", "firefox", "webkit"]
