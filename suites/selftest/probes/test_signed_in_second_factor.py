"""A code typed at a fuzz's door comes from who was offered the second factor: signed in before, with all their cookies."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.catalog.recipes import Recipe
from harness.explore.door import Door
from harness.explore.seen import Seen
from harness.target.loader import load_target
from suites.selftest.probes.answering import written
from suites.selftest.probes.conftest import one_slot

FILE = """\
[target]
name = "members"
start = "{python} members.py {port}"
ready = "/healthz"

[provider]
app_id = "199999164"

[flows.checkout]
completed = { status = 201 }
effects = { get = "/paid", count = "$" }
policy = "step-up"

[flows.checkout.submit]
path = "/orders"
json = { ticket = "{ticket}", token = "{csrf}" }
cookies = { shop = "north" }
before = { path = "/in", form = { name = "{account}" } }
csrf = { get = "/form", field = "token" }

[flows.checkout.step_up]
status = 202
code = { get = "/outbox", json = "$[-1]" }
confirm = { path = "/orders/code", json = { code = "{code}" } }
"""
# Who comes without each of the cookies is turned away: at the order with 401, and at its code.
MEMBERS = '''
import json, sys
from http.cookies import SimpleCookie
from http.server import ThreadingHTTPServer

from answering import Answering

PAID = []


class Members(Answering):
    def do_GET(self):
        if self.path == "/form":
            return self.say(200, '<input name="token" value="t7">', "form=t7; Path=/")
        self.say(200, json.dumps({"/paid": PAID, "/outbox": ["4711"]}.get(self.path, {})))

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        brought = {name: one.value for name, one in SimpleCookie(self.headers.get("cookie", "")).items()}
        if self.path == "/in":
            return self.say(303, "", "sid=member; Path=/; HttpOnly", "visit=1; Path=/")
        if [brought.get(name) for name in ("sid", "form", "shop")] != ["member", "t7", "north"]:
            return self.say(401, "{}")
        if self.path == "/orders":
            return self.say(202, "{}", "cart=c1; Path=/", "visit=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/")
        if brought.get("cart") != "c1" or "visit" in brought or json.loads(body)["code"] != "4711":
            return self.say(403, "{}")
        PAID.append(1)
        self.say(201, "{}")


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Members).serve_forever()
'''


@pytest.mark.parametrize(("code", "status", "gained"), [("4711", 201, 1), ("4712", 403, 0)])
def test_a_code_is_typed_in_the_session_in_which_it_was_offered(
    toxiproxy_path: Path, tmp_path: Path, code: str, status: int, gained: int
) -> None:
    target = load_target(written(tmp_path, shop=MEMBERS, file=FILE))
    checkout = target.flows["checkout"]

    async def typed() -> tuple[Seen, Seen]:
        async with one_slot(target, toxiproxy_path, tmp_path / "run") as here:
            workshop = SimpleNamespace(target=target, bench_of=lambda _flow: here.bench)
            door = Door(asyncio.get_running_loop(), cast(Any, workshop), {"": here.slot})
            try:
                offered = await asyncio.to_thread(door.knock, checkout, Recipe(text="terror_1001_{app}_{now}"))
                assert offered.offer is not None, offered
                # Somebody else is at the door in between.
                await asyncio.to_thread(door.knock, checkout, Recipe(text="terror_1002_{app}_{now}"))
                return offered, await asyncio.to_thread(door.confirm, checkout, offered.offer, code)
            finally:
                await asyncio.to_thread(door.close)

    offered, confirmed = asyncio.run(typed())
    assert (offered.status, offered.gained) == (202, 0)
    assert (confirmed.status, confirmed.gained) == (status, gained)
