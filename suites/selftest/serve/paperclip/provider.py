"""Its contract: one script, one call by which the page gets a ticket, one by which the server asks what it is worth."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from harness.catalog import SERVER_MODES, Answer, Asked, Behaviour, Cause, FailureMode, Link, Phase, Side
from harness.providers.base import Credentials, Emulator, Request, VerdictCase

HOST, API = "clip.paperclip.example", "api.paperclip.example"
SCRIPT = b"window.Paperclip = { ask: () => fetch('https://clip.paperclip.example/ticket').then(r => r.text()) };\n"
LINKS = (
    Link(name="entry", side=Side.BROWSER, hosts=(HOST,), phase=Phase.BEFORE_LOAD, script=True),
    Link(name="verify", side=Side.BROWSER, hosts=(HOST,), phase=Phase.MID_CHALLENGE, after="entry"),
    Link(name="verdict", side=Side.SERVER, hosts=(API,), phase=Phase.DURING_VERDICT),
)
NO_ENTRY = FailureMode(
    code=1001, message="no clip", title="The script does not load", minted_by="page", before_visible=True,
    source="page 1 of its manual",
)


@dataclass
class Account:
    """The emulator: tickets that are good once."""

    credentials: Credentials
    generous: bool
    skewed_s: int = 0

    def reset(self, *, build: str) -> None:
        self.tickets: dict[str, bool] = {}
        self.credentials = Credentials(app_id=self.credentials.app_id, app_secret=secrets.token_hex(8))

    def now(self) -> float:
        return time.time() + self.skewed_s

    def skew(self, seconds: int) -> int:
        self.skewed_s = seconds
        return seconds

    def issue(self) -> str:
        ticket = f"clip-{secrets.token_hex(8)}"
        self.tickets[ticket] = True
        return ticket

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        return {"/clip.js": "entry", "/ticket": "verify", "/verdict": "verdict"}.get(path, "")

    async def answer(self, request: Request) -> Answer:
        if request.link == "entry":
            return Answer(headers=(("content-type", "application/javascript"),), body=SCRIPT)
        if request.link == "verify":
            return Answer(headers=(("content-type", "text/plain"),), body=self.issue().encode())
        if request.link == "verdict":
            ticket = self.ticket_of(request)
            good = self.tickets.get(ticket, False)
            self.tickets[ticket] = good and self.generous
            return Answer(headers=(("content-type", "application/json"),), body=json.dumps({"good": good}).encode())
        return Answer(status=404)

    def describe(self, request: Request, answer: Answer) -> str:
        if request.link != "verdict":
            return request.link
        return "code 1" if json.loads(answer.body)["good"] else "code 0"

    def ticket_of(self, request: Request) -> str:
        return dict(parse_qsl(request.body.decode("latin-1"))).get("ticket", "") if request.link == "verdict" else ""


class OneClick:
    """The human: a click on the clip."""

    async def challenge_visible(self, page: Any) -> None:
        await page.locator("#clip").wait_for(state="visible", timeout=0)

    async def solve(self, page: Any, behaviour: Behaviour, mark: Callable[[str], Awaitable[None]]) -> None:
        await mark("drag")
        await page.locator("#clip").click()
        await mark("dragged")


class Paperclip:
    """What captchaos is told of it."""

    name = "paperclip"
    title = "Paperclip (made up)"
    links: tuple[Link, ...] = LINKS
    modes: tuple[FailureMode, ...] = (NO_ENTRY, *SERVER_MODES)
    causes: tuple[Cause, ...] = (Cause(code=1001, link="entry", fault="refused", phase=Phase.BEFORE_LOAD, wait_from="load"),)
    builds: tuple[str, ...] = ("classic",)
    human = OneClick()
    console: tuple[str, ...] = ("app_id", "app_secret")
    options: Mapping[str, str] = {"generous": "whether a ticket is good more than once (default false)"}
    observer = ""

    def links_with(self, options: Mapping[str, object]) -> tuple[Link, ...]:
        return self.links

    def emulator(self, *, app_id: str, prefix: str, options: Mapping[str, object]) -> Account:
        account = Account(credentials=Credentials(app_id=app_id), generous=bool(options.get("generous")))
        account.reset(build="classic")
        return account

    def verdict_cases(self, emulator: Emulator) -> Sequence[VerdictCase]:
        assert isinstance(emulator, Account)
        used = emulator.issue()
        emulator.tickets[used] = False

        def deny(answer: Answer, asked: Asked) -> Answer:
            return Answer(headers=answer.headers, body=b'{"good": false}')

        return (
            VerdictCase(code=0, cause="used-ticket", ticket=used, randstr=""),
            VerdictCase(code=0, cause="altered-verdict", ticket=emulator.issue(), randstr="", rewrite=deny),
        )
