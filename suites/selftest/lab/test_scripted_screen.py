"""When a client's business is completed: the target's answer says so, the client shows it, and its script has not broken.

One file for one promise: every test plays with the same phone and the same little shop.
"""

from __future__ import annotations

import asyncio
import json
import runpy
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.catalog import Behaviour
from harness.certificates import Authority
from harness.lab.handle import Handle, User
from harness.lab.inbox import Known
from harness.lab.passing import Passed, pass_through
from harness.lab.recorder import Recorder
from harness.lab.router import Router
from harness.lab.scripted_clock import PageTime
from harness.lab.scripted_device import Device, DeviceFront, DeviceHandle, Screen
from harness.lab.scripted_wire import DeviceTraffic, DeviceWire
from harness.providers.scripted import Heard, MakesClient, WireAnswer, World
from harness.providers.tencent_mini.plugin import mini_client
from harness.target.loader import find_target, load_target
from suites.selftest.lab.sockets import LIMIT_S, Line, listening, routing

pytestmark = pytest.mark.anyio
FLOW = load_target(find_target(None)).flows["mini-profile"]
DONE = (200, {"state": "done"})
OFFER = (202, {"state": "step-up", "change": "ab12"})
CODE = "493021"
# A visit that nothing ends is given up after so much page time, which is real here: what it must meet before comes in that time
# on a machine that does other things, too.
BUDGET_MS = 2_000


class Teller:
    """A client that tells its page one thing when it is told to, and nothing else."""

    def __init__(self, _world: World, heard: Heard) -> None:
        self.tell = heard

    async def leave(self) -> None:
        """Nothing is under way."""


@dataclass(slots=True, kw_only=True)
class Shop:
    """A target that answers its submit as ``login`` says, and a code's form; ``asked`` is what arrived: heads and bodies.

    Its codes come ``mail_s`` after a submit, beside those that stand in the ``outbox``, which is shown ``in_words``.
    """

    login: tuple[int, Mapping[str, object]] = DONE
    broken_configs: int = 0
    asked: list[tuple[str, str]] = field(default_factory=list)
    outbox: list[str] = field(default_factory=lambda: [CODE])
    mail_s: float | None = None
    in_words: Callable[[list[str]], object] = lambda codes: [{"code": code} for code in codes]

    async def serve(self, line: Line) -> None:
        while head := (await line.reader.readuntil(b"\r\n\r\n")).decode():
            long = next((int(one.split(":")[1]) for one in head.lower().split("\r\n") if one.startswith("content-length:")), 0)
            self.asked.append((head, (await line.reader.readexactly(long)).decode()))
            status, said = self._answer(head.split(" ")[1])
            body = json.dumps(said).encode()
            line.say(
                b"HTTP/1.1 %d X\r\nSet-Cookie: session=1; Path=/\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body
            )

    def _answer(self, path: str) -> tuple[int, object]:
        if path == "/mini/profile":
            if self.mail_s is not None:
                asyncio.get_running_loop().call_later(self.mail_s, self.outbox.append, CODE)
            return self.login
        if path == "/mini/config":
            self.broken_configs -= 1
            words = dict.fromkeys(("checking", "sending", "closed", "network"), "")
            return (200, {"app_id": "199999210", "words": words}) if self.broken_configs < 0 else (502, "bad gateway")
        if path == "/admin/outbox.json":
            return 200, self.in_words(self.outbox)
        right = path == "/mini/profile/ab12/code" and json.loads(self.asked[-1][1]) == {"code": CODE}
        return DONE if right else (403, {"state": "refused"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A device, and who uses it."""

    shop: Shop
    recorder: Recorder
    go: Callable[..., Awaitable[Passed]]
    handles: list[Handle]


@pytest.fixture
async def phone(authority: Authority) -> AsyncIterator[Phone]:
    router, recorder, shop = Router(), Recorder(), Shop()
    recorder.begin("honest")
    traffic = DeviceTraffic(recorder, lambda _method, _url: "submit")
    await router.start()
    wire = DeviceWire(router_port=router.port, ca_file=str(authority.ca_file), traffic=traffic)
    async with listening(shop.serve) as port:
        router.route("127.0.0.1", port, port)
        world = World(wire=wire, clock=PageTime(recorder))
        devices: list[Device] = []
        handles: list[Handle] = []

        async def nothing() -> None:
            return

        async def go(
            drive: Callable[[Any, DeviceHandle], Any],
            make: MakesClient = Teller,
            *,
            budget_ms: float = BUDGET_MS,
            codes: Known | None = None,
            patience_s: float = 4.0,
        ) -> Passed:
            device = Device(world, make, recorder, wire.keep_cookies)
            devices.append(device)
            user = User(
                base_url=f"http://127.0.0.1:{port}", spec=FLOW, account="a@b.test", behaviour=Behaviour(),
                human=cast(Any, None), recorder=recorder, on_click=nothing,
                codes=codes or Known(), code_patience_s=patience_s,
            )  # fmt: skip
            handle = Screen(page=device, world=world).handle(user)
            handles.append(handle)
            return await pass_through(device, handle, drive, recorder, budget_ms=budget_ms)

        yield Phone(shop=shop, recorder=recorder, go=go, handles=handles)
        for device in devices:
            await device.leave()
        await wire.aclose()
        await router.stop()


def submits(*shown: Any, then: Callable[[], object] = lambda: None) -> Callable[[Any, Any], Any]:
    """A flow that sends its submit, shows something of it, and goes on with ``then``."""

    async def drive(device: Any, flow: Any) -> None:
        async def submit() -> None:
            await flow.request("POST", "/mini/profile", {})
            if shown:
                flow.shows(*shown)
            then()

        device.begin(submit())

    return drive


def breaks() -> None:
    raise ValueError("message of undefined")


async def test_an_answer_that_is_shown_completes_it(phone: Phone) -> None:
    passed = await phone.go(submits("done"))
    assert (passed.completed, passed.error) == (True, "")


async def test_an_answer_that_nobody_is_shown_completes_nothing(phone: Phone) -> None:
    passed = await phone.go(submits())
    assert (passed.completed, passed.error) == (
        False,
        "an answer says that it is completed, and the screen shows neither that nor anything else",
    )


async def test_what_is_shown_without_an_answer_completes_nothing(phone: Phone) -> None:
    phone.shop.login = (403, {"state": "refused"})
    passed = await phone.go(submits("done"))
    assert (passed.completed, passed.error) == (False, "the screen shows that it is completed, and no answer says so")


async def test_a_script_that_breaks_completes_nothing_though_it_was_answered_and_shown(phone: Phone) -> None:
    passed = await phone.go(submits("done", then=breaks))
    assert (passed.completed, passed.error) == (False, "ValueError: message of undefined")
    assert [event.detail for event in phone.recorder.events if event.what == "console-error"] == [passed.error]


async def test_a_handler_that_breaks_when_the_vendors_client_tells_it_something_is_heard_of(phone: Phone) -> None:
    async def drive(device: Any, _flow: Any) -> None:
        def heard(_name: str, _detail: Mapping[str, Any]) -> None:
            breaks()

        device.client(heard).tell("verify", {"ticket": "t"})

    passed = await phone.go(drive)
    assert (passed.completed, passed.error) == (False, "ValueError: message of undefined")
    assert [json.loads(one.fields) for one in phone.recorder.callbacks] == [{"event": "verify", "ticket": "t"}]


async def confirms(device: Any, flow: Any) -> None:
    async def confirm(code: str) -> None:
        await flow.request("POST", "/mini/profile/ab12/code", {"code": code})
        flow.shows("done")

    async def submit() -> None:
        await flow.request("POST", "/mini/profile", {})
        flow.shows("code", lambda code: device.begin(confirm(code)))

    await flow.show(lambda: device.begin(submit()))
    await asyncio.Event().wait()


def with_a_clock(codes: list[str]) -> object:
    return [{"read": time.monotonic_ns()}, *({"code": code} for code in codes)]


def the_last_alone(codes: list[str]) -> object:
    return [{"number": len(codes), "code": codes[-1]}]


@pytest.mark.parametrize(
    ("outbox", "mail_s", "shown"),
    [
        ([], 0.0, {}),
        (["111111"], 0.0, {}),
        (["111111"], 0.8, {}),
        (["111111", "222222"], 2.6, {}),
        (["111111", "222222"], 2.6, {"in_words": with_a_clock}),
        (["111111", CODE], 0.5, {}),
        ([CODE], 0.5, {"in_words": the_last_alone}),
        ([CODE], None, {}),
    ],
    ids=[
        "first",
        "newest",
        "written-late-by-a-worker",
        "later-than-a-fixed-one-is-waited-for",
        "late-beside-a-clock",
        "sent-again",
        "sent-again-in-its-place",
        "the-same-for-good",
    ],
)
async def test_the_code_that_was_sent_goes_through_the_clients_own_form(
    phone: Phone, outbox: list[str], mail_s: float | None, shown: Mapping[str, Any]
) -> None:
    phone.shop.login, phone.shop.outbox, phone.shop.mail_s = OFFER, outbox, mail_s
    phone.shop.in_words = shown.get("in_words", phone.shop.in_words)
    passed = await phone.go(confirms, budget_ms=8_000)
    assert (passed.completed, passed.offered, passed.stepped_up, passed.error) == (True, True, True, "")


async def test_a_user_who_is_sent_no_code_types_nobody_elses(phone: Phone) -> None:
    phone.shop.login, phone.shop.outbox = OFFER, ["111111", CODE]
    passed = await phone.go(confirms, budget_ms=8_000, patience_s=0.4)
    assert (passed.completed, passed.offered, passed.stepped_up) == (False, True, False)
    assert passed.error == "step-up: no new code came within 0.4 s, at step_up.code.get = '/admin/outbox.json'"
    assert not [head for head, _ in phone.shop.asked if "/code" in head]


async def test_a_code_that_came_for_one_user_of_a_lab_is_not_the_next_ones(phone: Phone) -> None:
    phone.shop.login, phone.shop.outbox, phone.shop.mail_s, known = OFFER, [], 0.0, Known()
    assert (await phone.go(confirms, budget_ms=8_000, codes=known)).completed
    phone.shop.mail_s = None
    passed = await phone.go(confirms, budget_ms=8_000, codes=known, patience_s=2.5)
    assert (passed.completed, "no new code came within 2.5 s" in passed.error) == (False, True)


async def test_a_fixed_code_is_waited_for_by_the_first_user_of_a_lab_only(phone: Phone) -> None:
    phone.shop.login, known = OFFER, Known()
    assert (await phone.go(confirms, budget_ms=8_000, codes=known)).completed
    began = time.monotonic()
    assert (await phone.go(confirms, budget_ms=8_000, codes=known)).completed
    assert time.monotonic() - began < 1
    spent_ms = [handle.in_vain_ms for handle in phone.handles]
    assert 1900 < spent_ms[0] < 3500, "the lab's waiting is taken off the users' time"
    assert spent_ms[1] < 500


async def test_a_wait_for_a_code_that_came_is_the_users_own(phone: Phone) -> None:
    phone.shop.login, phone.shop.outbox, phone.shop.mail_s = OFFER, [], 0.3
    assert (await phone.go(confirms, budget_ms=8_000)).completed
    assert phone.handles[0].in_vain_ms == 0


async def test_a_visit_that_ends_while_it_waits_for_its_code_says_so(phone: Phone) -> None:
    phone.shop.login, phone.shop.outbox = OFFER, []
    passed = await phone.go(confirms, budget_ms=900)
    assert passed.error == "step-up: no new code came before the visit ended, at step_up.code.get = '/admin/outbox.json'"


async def test_an_offer_for_which_no_form_is_shown_is_none(phone: Phone) -> None:
    phone.shop.login = OFFER
    passed = await phone.go(submits("failed"))
    assert (passed.completed, passed.offered) == (False, False)
    assert passed.error == "an answer offers a second factor, and the screen shows failed"


async def test_a_form_that_sends_nothing_leads_nowhere(phone: Phone) -> None:
    phone.shop.login = OFFER
    passed = await phone.go(submits("code", lambda _code: None))
    assert (passed.completed, passed.offered, passed.stepped_up) == (False, True, False)


async def test_a_word_that_no_screen_shows_is_refused(phone: Phone) -> None:
    passed = await phone.go(submits("don"))
    assert passed.error == "TargetError: a screen shows done, code or failed, not 'don'; did you mean 'done'?"


async def test_cookies_are_kept_only_by_a_client_that_asks_for_it(phone: Phone) -> None:
    async def twice(device: Any, flow: Any) -> None:
        for _ in range(2):
            await flow.request("POST", "/mini/profile", {})
        device.keep_cookies()
        for _ in range(2):
            await flow.request("POST", "/mini/profile", {})
        flow.shows("done")

    assert (await phone.go(twice)).completed
    sent = ["cookie: session=1" in head.lower() for head, _body in phone.shop.asked]
    assert sent == [False, False, False, True]


def clients_script(name: str) -> Mapping[str, Any]:
    return runpy.run_path(str(find_target(None).parent / "clients" / f"{name}.py"))


class Plugin(Teller):
    """A plug-in whose captcha is solved as soon as it is touched."""

    def __init__(self, world: World, heard: Heard, *, data_app_id: str) -> None:
        super().__init__(world, heard)
        assert data_app_id == "199999210"

    def tap(self) -> None:
        self.tell("verify", {"ret": 0, "ticket": "t01"})


async def test_a_page_that_could_not_load_its_settings_goes_on_at_the_next_touch(phone: Phone) -> None:
    phone.shop.broken_configs = 3
    waited: list[object] = []

    async def drive(device: Any, flow: Any) -> None:
        async def captcha(client: object) -> None:
            waited.append(client)

        flow.captcha = captcha
        device.clock = Hurry()
        await clients_script("mini_profile")["mini_profile"](device, flow)

    passed = await phone.go(drive, make=Plugin)
    assert (passed.completed, passed.error) == (True, "")
    assert [type(one) for one in waited] == [Plugin]


class Hurry:
    """A clock by which a wait is over at once."""

    def now_s(self) -> float:
        return 1_800_000_000.0

    async def sleep(self, ms: int) -> None:
        if ms > 5000:
            await asyncio.Event().wait()


class Dead:
    """A network in which nothing arrives."""

    async def send(self, _method: str, _url: str, **_said: Any) -> WireAnswer:
        return WireAnswer(status=None, failure="refused")


async def test_an_error_inside_the_plug_in_itself_is_not_lost() -> None:
    def heard(_name: str, _detail: Mapping[str, Any]) -> None:
        breaks()

    program = mini_client(World(wire=Dead(), clock=Hurry()), heard, data_app_id="199999210")
    await asyncio.wait({program.tap()})
    with pytest.raises(ValueError, match="message of undefined"):
        await program.leave()


class Stuck(Teller):
    """A client that cannot be left."""

    async def leave(self) -> None:
        breaks()


async def test_a_screen_that_cannot_be_left_leaves_no_connection_open(authority: Authority) -> None:
    asked = asyncio.Event()

    async def waits(line: Line) -> None:
        await line.reader.readuntil(b"\r\n\r\n")
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await line.reader.read()
        asked.set()

    async with listening(waits) as port, routing() as router:
        router.route("shop.example", 80, port)
        vendor = SimpleNamespace(classify=lambda *_said: "config")
        slot: Any = SimpleNamespace(router=router, ca_file=str(authority.ca_file), provider=vendor)
        front = DeviceFront(slot, Recorder(), Stuck, {})
        screen = await front.open()
        screen.page.client(lambda _name, _detail: None)
        await front._wire.send("GET", "http://shop.example/")
        with pytest.raises(ValueError, match="message of undefined"):
            await front.close()
        # The connection that was kept alive has ended: its other end has read to the end.
        await asyncio.wait_for(asked.wait(), LIMIT_S)
