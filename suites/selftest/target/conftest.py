"""A target file that is right, and ways to spoil it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from harness.target.loader import load_target
from suites.selftest.target_files import Complaint, Write, refusal, written

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


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a target file beside its flows.py, with texts replaced in it."""
    return partial(written, tmp_path, GOOD)


@pytest.fixture
def complaint() -> Complaint:
    """What loading a file is refused with."""
    return partial(refusal, read=load_target)
