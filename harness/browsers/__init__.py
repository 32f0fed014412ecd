"""The browser engines that can be driven, a file for each: how it is found, started, and made to trust the lab."""

from harness.browsers import chromium, firefox, webkit
from harness.browsers.base import ENGINES, Engine, Needs, engine_named, forbidden, stopped
from harness.browsers.words import Words

__all__ = ["ENGINES", "Engine", "Needs", "Words", "chromium", "engine_named", "firefox", "forbidden", "stopped", "webkit"]
