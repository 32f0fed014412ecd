"""A target whose one flow registers by SMS, beside a main provider that no flow uses."""

from __future__ import annotations

from pathlib import Path

TARGET = """
[target]
name = "shop"
url = "http://127.0.0.1:1"

[providers.sms]
use = "huawei"

[flows.register]
provider = "sms"
browser = "flows.py:register"
submit = { method = "POST", path = "/register", json = { ticket = "{ticket}", randstr = "{randstr}" } }
completed = { status = 201, selector = "#done" }
effects = { get = "/admin/accounts.json", count = "$.accounts" }
policy = "block"
otherwise = { explains = "#sms-is-down" }
"""


def write_target(folder: Path) -> Path:
    """Write the target file and its flow into a folder; returns the file."""
    file = folder / "captchaos.toml"
    file.write_text(TARGET, encoding="utf-8")
    (folder / "flows.py").write_text("async def register(page, flow): ...\n", encoding="utf-8")
    return file
