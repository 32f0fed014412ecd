"""A scripted client that does what the documented WeChat plug-in does, its bugs among it. Source: domain/tencent-client.md 4.

It is plain asyncio over an HTTP proxy that is handed to it: no WeChat, no browser, no page.
"""

from harness.providers.tencent_mini.plugin.clock import Clock, WorldClock
from harness.providers.tencent_mini.plugin.component import Component, Settings, Timers
from harness.providers.tencent_mini.plugin.program import Event, MiniProgram, mini_program
from harness.providers.tencent_mini.plugin.wx_request import WxAnswer, WxRequests

__all__ = [
    "Clock",
    "Component",
    "Event",
    "MiniProgram",
    "Settings",
    "Timers",
    "WorldClock",
    "WxAnswer",
    "WxRequests",
    "mini_program",
]
