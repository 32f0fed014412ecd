"""Target files for tests: a right one with texts replaced in it, and what a wrong one is refused with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ConfigurationError

Write = Callable[..., Path]
Complaint = Callable[[Path], str]
# The shop's checkout, for targets of the shop that are reached in another way than its own file says.
SHOPS_CHECKOUT = """\
[flows.checkout]
browser = "flows.py:checkout"
submit = { path = "/orders", json = { email = "{account}", ticket = "{ticket}", randstr = "{randstr}" } }
completed = { selector = "#done", status = 201, json = { "$.state" = "paid" } }
effects = { get = "/admin/orders.json", count = "$.orders[*]", verified = "$.orders[*].verified" }
policy = "step-up"
watchdog_ms = 8000
entry_deadline_ms = 5000

[flows.checkout.step_up]
selector = "#code"
button = "#code-button"
status = 202
code = { get = "/admin/outbox.json", json = "$[-1].code" }
confirm = { method = "POST", path = "/orders/{order}/code", json = { code = "{code}" } }

[observe]
metric = { get = "/metrics", name = "captcha_degraded_total" }
"""
FLOWS = """async def login(page, flow):
    await page.goto('/')


def helper(page, flow):
    pass


class Helper:
    pass


basket = 3
def yields(page, flow):
    yield page.goto('/')
import os
"""


def written(folder: Path, text: str, *changes: tuple[str, str], flows: str = FLOWS) -> Path:
    """Write the target file beside its flows.py; each old text of ``changes`` is replaced once, and must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "flows.py").write_text(flows, encoding="utf-8")
    file = folder / "captchaos.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(file: Path, read: Callable[[Path], object]) -> str:
    """What reading a file is refused with, its folder left out."""
    with pytest.raises(ConfigurationError) as refused:
        read(file)
    return str(refused.value).replace(f"{file.parent}/", "")
