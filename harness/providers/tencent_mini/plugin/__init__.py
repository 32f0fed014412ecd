"""A scripted client that does what the documented WeChat plug-in does, its bugs among it. Source: domain/tencent-client.md 4.

It is plain asyncio in a world that is handed to it (network and clock): no WeChat, no browser, no page.
"""

from harness.providers.tencent_mini.plugin.component import Component, Settings, Timers
from harness.providers.tencent_mini.plugin.program import Event, MiniProgram, mini_client
from harness.providers.tencent_mini.plugin.wx_request import WxAnswer, WxRequests

__all__ = ["Component", "Event", "MiniProgram", "Settings", "Timers", "WxAnswer", "WxRequests", "mini_client"]
