"""A shop that shows its orders late, as one with a queue or a replica does: each belongs to the try that was told of it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from harness.journal.model import Record, Verdict
from harness.target.loader import load_target
from suites.selftest.probes.conftest import FIXTURES, one_slot
from suites.selftest.probes.controls import judged

# Whatever is new in the list of orders is shown 300 ms after it was first asked for.
LATE = """
import json
import time

from shop.config import read_settings
from shop.web import build

shop = build(read_settings())
asked = {}


async def app(scope, receive, send):
    if scope.get("path") != "/admin/orders.json":
        await shop(scope, receive, send)
        return
    body = bytearray()

    async def keep(message):
        body.extend(message.get("body", b""))

    await shop(scope, receive, keep)
    now = time.monotonic()
    orders = [one for one in json.loads(body)["orders"] if now - asked.setdefault(json.dumps(one), now) >= 0.3]
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps({"orders": orders}).encode()})
"""


@pytest.fixture(scope="module")
def record(toxiproxy_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Record:
    folder = tmp_path_factory.mktemp("late") / "shop"
    shutil.copytree(FIXTURES / "shop", folder)
    (folder / "app.py").write_text(LATE, encoding="utf-8")

    async def verdicts() -> Record:
        async with one_slot(load_target(folder / "captchaos.toml"), toxiproxy_path, folder.parent / "run") as here:
            return await here.run("checkout-verdicts")

    return asyncio.run(verdicts())


def test_each_order_counts_for_the_try_that_was_told_of_it(record: Record) -> None:
    assert not record.evidence.lab_error
    gained = {one.label: one.effects for one in record.evidence.attempts if one.effects or one.completed}
    assert gained == {"honest": 1, "code-1-says-passed": 1}


def test_a_shop_that_writes_late_passes(record: Record) -> None:
    assert judged(record).verdict is Verdict.PASS
