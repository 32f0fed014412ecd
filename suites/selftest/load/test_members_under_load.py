"""A crowd of members, who sign in first: all of them before anything breaks, for in an outage they might not be able to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.journal.model import Record
from harness.lab.load import LoadLab
from harness.target.loader import load_target
from suites.selftest.probes.answering import written
from suites.selftest.probes.conftest import one_slot

# A crowd takes its half minute.
pytestmark = pytest.mark.nightly

FILE = """\
[target]
name = "members"
start = "{python} members.py {port}"
ready = "/healthz"

[target.env]
CAPTCHA_API = "{links.verdict.url}"

[provider]
app_id = "199999164"

[flows.checkout]
completed = { status = 201 }
effects = { get = "/paid", count = "$" }
policy = "block"

[flows.checkout.load]
rate_per_s = 2

[flows.checkout.submit]
path = "/orders"
json = { ticket = "{ticket}", token = "{csrf}" }
cookies = { sent = "{randstr}" }
before = { path = "/in", form = { name = "{account}" } }
csrf = { get = "/form", field = "token" }
"""
# Writes down what it is asked for, and takes every order of who is signed in.
MEMBERS = '''
import json, pathlib, sys
from http.cookies import SimpleCookie
from http.server import HTTPServer

from answering import Answering

PAID = []
ASKED = pathlib.Path(__file__).with_name("asked.txt").open("a", buffering=1)


class Members(Answering):
    def do_GET(self):
        if self.path == "/form":
            ASKED.write("/form\\n")
            return self.say(200, '<input name="token" value="t7">')
        self.say(200, json.dumps(PAID))

    def do_POST(self):
        ASKED.write(self.path + "\\n")
        body = self.rfile.read(int(self.headers["content-length"]))
        brought = SimpleCookie(self.headers.get("cookie", ""))
        if self.path == "/in":
            return self.say(303, "", "sid=member; Path=/; HttpOnly")
        if not {"sid", "sent"} <= set(brought) or json.loads(body)["token"] != "t7":
            return self.say(401, "{}")
        PAID.append(1)
        self.say(201, "{}")


HTTPServer(("127.0.0.1", int(sys.argv[1])), Members).serve_forever()
'''


def test_everybody_has_signed_in_and_opened_their_page_before_the_first_order(toxiproxy_path: Path, tmp_path: Path) -> None:
    target = load_target(written(tmp_path, shop=MEMBERS, file=FILE))

    async def come() -> Record:
        async with one_slot(target, toxiproxy_path, tmp_path / "run") as here:
            return await LoadLab(here.bench, here.slot, here.scenario("checkout-load-hang")).run()

    record = asyncio.run(come())
    assert record.evidence.lab_error == ""
    orders = [call for call in record.evidence.crowd if call.who != "page"]
    assert {call.wave for call in orders} == {"before", "outage", "after"}
    assert {call.status for call in orders} == {201}
    asked = (tmp_path / "asked.txt").read_text(encoding="utf-8").split()
    assert asked == ["/in", "/form"] * len(orders) + ["/orders"] * len(orders)
