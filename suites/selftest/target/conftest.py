"""A target file that is right, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ConfigurationError
from harness.target.loader import load_target

GOOD = """\
[target]
name = "bank"
start = "{python} app.py {port}"
ready = "/healthz"

[target.env]
CAPTCHA_API = "{links.verdict.url}"

[provider]
app_id = "199999164"

[flows.login]
browser = "flows.py:login"
submit = { method = "POST", path = "/login", json = { ticket = "{ticket}", randstr = "{randstr}" } }
completed = { selector = "#done", status = 200, json = { "$.state" = "done" } }
effects = { get = "/admin/sessions.json", count = "$.sessions" }
policy = "accept"

[flows.checkout]
submit = { method = "POST", path = "/orders", form = { ticket = "{ticket}" } }
completed = { status = 201 }
effects = { get = "/admin/orders.json", count = "$.orders" }
policy = { verdict_up = "step-up", verdict_down = "accept" }

[flows.checkout.step_up]
status = 202
code = { get = "/admin/outbox.json", json = "$[-1].code" }
confirm = { path = "/orders/{order}/code", json = { code = "{code}" } }
"""
FLOWS = "async def login(page, flow):\n    await page.goto('/')\n\n\ndef helper(page, flow):\n    pass\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a target file beside its flows.py, with texts replaced in it."""

    def write(*changes: tuple[str, str], flows: str = FLOWS) -> Path:
        text = GOOD
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new, 1)
        (tmp_path / "flows.py").write_text(flows, encoding="utf-8")
        file = tmp_path / "captchaos.toml"
        file.write_text(text, encoding="utf-8")
        return file

    return write


@pytest.fixture
def complaint() -> Callable[[Path], str]:
    """What loading a file is refused with."""

    def complaint(file: Path) -> str:
        with pytest.raises(ConfigurationError) as refused:
            load_target(file)
        return str(refused.value).replace(f"{file.parent}/", "")

    return complaint
