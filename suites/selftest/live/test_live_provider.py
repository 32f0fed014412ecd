"""A live provider: the vendor's own hosts are asked over TLS, its emulator is not, and only our side of the edges is broken."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from harness.catalog import Family
from harness.certificates import Authority
from harness.errors import ConfigurationError, UsageError
from harness.explore.thread import open_laboratory
from harness.faults.base import FAULTS
from harness.lab.edges import edge_of
from harness.lab.slot import Slot
from harness.plan.build import make_plan
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from harness.pytest_plugin.session import Run
from harness.target.loader import load_target
from harness.target.spec import Live, ProviderUse
from suites.selftest.acceptance.command import House
from suites.selftest.acceptance.conftest import build_house
from suites.selftest.lab.sockets import LIMIT_S, by_socks
from suites.selftest.live.live_target import APP_ID, BROWSER_HOSTS, HOSTS, VERDICT_HOST, vendor, written
from suites.selftest.one_slot import open_toxiproxy, slot_of
from suites.selftest.target_files import refusal
from suites.selftest.vendor_browser import served_vendor

API = BROWSER_HOSTS[0]
ENTRY = "/TCaptcha.js"


@pytest.fixture
def house(tmp_path: Path, toxiproxy_path: Path) -> House:
    root = tmp_path / "house"
    root.mkdir()
    return build_house(root, toxiproxy_path)


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The vendor's authority, which is not the lab's."""
    return Authority(tmp_path_factory.mktemp("vendor"), name="the vendor's own")


@contextlib.asynccontextmanager
async def between(
    toxiproxy: Path, ours: Authority, theirs: Authority, *, requests: int = 9, trusted: Authority | None = None
) -> AsyncIterator[tuple[Slot, ProviderServer]]:
    """A slot whose provider is live, and the second emulator that plays the vendor."""
    async with open_toxiproxy(toxiproxy) as client, served_vendor("tencent_web", theirs, app_id=APP_ID) as live:
        live.reset(build="classic")
        allowed = Live(
            consent="captchaos may ask this vendor",
            hosts=HOSTS,
            requests=requests,
            ca=str((trusted or theirs).ca_file),
            resolve=dict.fromkeys(HOSTS, f"127.0.0.1:{live.port}"),
        )
        use = ProviderUse(app_id=APP_ID, live=allowed)
        links = {link.name: link for link in PROVIDERS.get("tencent_web").links}
        async with slot_of(client, ours, use, links) as slot:
            yield slot, live


async def asked(slot: Slot, authority: Authority, path: str = ENTRY, host: str = API) -> tuple[int, dict[str, str], bytes]:
    async with by_socks(slot.router, host) as (granted, line):
        assert granted == 0
        await line.secure(str(authority.ca_file), host)
        return await line.ask("GET", path, host)


def test_the_vendor_answers_over_two_connections_whose_certificates_are_both_verified(
    toxiproxy_path: Path, authority: Authority, vendors: Authority
) -> None:
    async def go() -> None:
        async with between(toxiproxy_path, authority, vendors) as (slot, live):
            status, headers, body = await asked(slot, authority)
            assert status == 200
            assert body
            assert [(arrival.link, arrival.sha256) for arrival in slot.provider.log] == [
                (arrival.link, arrival.sha256) for arrival in live.log
            ], "what was read on the way is what the vendor was asked and answered"
            assert [arrival.certificate for arrival in live.log] == ["good"]
            assert headers["cache-control"] == "no-store", "what the browser kept would meet no fault"
            edge = edge_of(slot, slot.links["entry"])
            await FAULTS.get("refused").apply(edge)
            async with by_socks(slot.router, API) as (granted, _line):
                assert granted != 0
            assert len(live.log) == 1, "the vendor feels no fault"

    asyncio.run(go())


def test_a_vendor_whose_certificate_nobody_vouches_for_is_asked_nothing(
    toxiproxy_path: Path, authority: Authority, vendors: Authority
) -> None:
    async def go() -> None:
        async with between(toxiproxy_path, authority, vendors, trusted=authority) as (slot, live):
            status, _headers, _body = await asked(slot, authority)
            assert status == 500
            assert live.log == []
            assert "the live provider could not be asked" in slot.provider.trouble
            assert "certificate verify failed" in slot.provider.trouble

    asyncio.run(go())


def test_only_so_much_is_asked_and_only_of_whom_the_file_allows(
    toxiproxy_path: Path, authority: Authority, vendors: Authority
) -> None:
    async def go() -> None:
        async with between(toxiproxy_path, authority, vendors, requests=1) as (slot, live):
            assert (await asked(slot, authority, host="ca.turing.captcha.qcloud.com"))[0] == 500
            assert "provider.live.hosts does not allow ca.turing.captcha.qcloud.com" in slot.provider.trouble
            slot.provider.broken.clear()
            assert (await asked(slot, authority))[0] == 200
            assert (await asked(slot, authority))[0] == 500
            assert "the 1 requests that provider.live.requests allows a run have been sent" in slot.provider.trouble
            assert len(live.log) == 1

    asyncio.run(go())


def test_a_question_whose_sender_goes_in_the_middle_of_it_does_not_reach_the_vendor(
    toxiproxy_path: Path, authority: Authority, vendors: Authority
) -> None:
    async def go() -> None:
        async with between(toxiproxy_path, authority, vendors, requests=1) as (slot, live):
            async with by_socks(slot.router, API) as (granted, line):
                assert granted == 0
                await line.secure(str(authority.ca_file), API)
                head = f"POST /cap_union_new_verify HTTP/1.1\r\nHost: {API}\r\nContent-Length: 20\r\n\r\n"
                line.say(head.encode() + b"ticket=t03")
                await seen(lambda: bool(slot.provider.log))
            await seen(lambda: slot.provider.log[0].lost)
            assert live.log == []
            assert (await asked(slot, authority))[0] == 200, "the one request that may be sent is still to be sent"
            assert [arrival.path for arrival in live.log] == [ENTRY]
            assert slot.provider.trouble == ""

    asyncio.run(go())


async def seen(it: Callable[[], bool]) -> None:
    """Wait until something stands in a log, which has no event."""
    async with asyncio.timeout(LIMIT_S):
        while not it():  # noqa: ASYNC110 - a log has no event
            await asyncio.sleep(0)


def test_the_plan_keeps_what_strikes_our_side_alone_and_counts_what_it_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "emulated").mkdir()
    live = make_plan(load_target(written(tmp_path / "live")))
    emulated_file = written(tmp_path / "emulated")
    text = emulated_file.read_text()
    emulated_file.write_text(text[: text.index("[provider.live]")] + text[text.index("[flows.checkout]") :])
    emulated = make_plan(load_target(emulated_file))

    assert {scenario.id for scenario in live.scenarios} < {scenario.id for scenario in emulated.scenarios}
    for scenario in live.scenarios:
        assert scenario.kind in ("fault", "recovery"), scenario.id
        of_vendor = scenario.link not in ("page", "submit")
        assert scenario.fault is not None
        assert not (of_vendor and scenario.fault.family is Family.RESPONSE), scenario.id
    assert {"checkout-1004-frame-refused-cold", "checkout-2002-verdict-refused-cold"} <= {one.id for one in live.scenarios}
    gone = len(emulated.scenarios) - len(live.scenarios)
    (left_out, leaves) = live.live
    assert f"{gone} of {len(emulated.scenarios)} scenarios are left out" in left_out
    assert "forged tickets" in left_out
    assert "answers that the vendor itself would have to give" in left_out
    assert f"reach {', '.join(HOSTS)}" in leaves
    (control,) = live.controls
    assert "refresh" not in dict(control.parameters)
    assert not control.behaviour.refresh


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("may ask this", "may aks this"), 'provider.live.consent must be the sentence "captchaos may ask this vendor"'),
        ((API, "turing.captcha.qcloud.con"), "no host of tencent_web; did you mean 'turing.captcha.qcloud.com'?"),
        ((f', "{VERDICT_HOST}"]', "]"), "is a host that provider.live.hosts does not allow"),
        (('"flows.py:solve"', '"flows.py:slove"'), "provider.live.solve names 'slove', but flows.py has no function"),
        (('"vendor.pem"', '"vendors.pem"'), "provider.live.ca names 'vendors.pem', which is not a file"),
        (('app_secret = "LIVE_APP_SECRET", ', ""), "says {provider.app_secret}, which is not made up for provider.live"),
        (('HTTPS_PROXY = "{lab.proxy}"', 'CAPTCHA_API = "{links.verdict.url}"'), "an address without TLS"),
        (('ready = "', 'client_ip_header = "X-Forwarded-For"\nready = "'), "provider.live.address is missing"),
        (('solve = "', 'unused = ["verdict"]\nsolve = "'), "without which nothing can be seen to be verified"),
    ],
)
def test_a_file_that_wants_what_only_an_emulator_has_is_refused_with_a_sentence(
    tmp_path: Path, change: tuple[str, str], complaint: str
) -> None:
    def read(file: Path) -> object:
        return make_plan(load_target(file))

    assert complaint in refusal(written(tmp_path, change), read)


def test_a_search_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    refused = pytest.raises(ConfigurationError, match=r"needs the emulator.*name a target file without it")
    with refused, open_laboratory(load_target(written(tmp_path))):
        pytest.fail("nothing may be opened")


@pytest.mark.nightly
@pytest.mark.parametrize("scenario", ["checkout-1004-frame-refused-cold", "checkout-2002-verdict-refused-cold"])
def test_a_run_breaks_our_side_of_a_live_vendor_and_its_report_says_what_was_not_tried(house: House, scenario: str) -> None:
    with vendor() as live:
        file = written(house.root, port=live.port)
        live.lets_itself_be_trusted(house.root)
        done = house.run("run", str(file), "-k", scenario, "--jobs", "4", "--out", str(house.out), **live.account)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 pass, 0 fail, 0 unknown; all controls healthy" in done.stdout
    assert "1 at once" in done.stderr
    told = json.loads((house.out / "results.json").read_text())
    (tried,) = [one for one in told["scenarios"] if one["kind"] == "fault"]
    assert (tried["id"], tried["fault_felt"]) == (scenario, True)
    assert told["run"]["real_time"]
    for shown in (done.stderr, (house.out / "summary.md").read_text(), (house.out / "index.html").read_text()):
        assert "scenarios are left out, since the vendor itself is asked" in shown
    assert not any(secret in house_text(house.out) for secret in live.account.values()), "the account is real"


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("change", "account", "complaint"),
    [
        (('solve = "flows.py:solve"\n', ""), {}, "live-not-solved: the vendor's challenge was not solved"),
        (("x", "x"), {"LIVE_APP_SECRET": "an app's secret that is another's"}, "live-not-verified: the vendor's verdict was"),
    ],
)
def test_a_control_that_cannot_be_verified_says_why(
    house: House, change: tuple[str, str], account: dict[str, str], complaint: str
) -> None:
    with vendor() as live:
        file = written(house.root, change, port=live.port)
        live.lets_itself_be_trusted(house.root)
        words = ("run", str(file), "-k", "checkout-2002-verdict-refused-cold", "--out", str(house.out))
        done = house.run(*words, **live.account | account)
    assert done.returncode != 0
    assert "controls not healthy" in done.stdout
    assert complaint in done.stdout, done.stdout + done.stderr


@pytest.mark.nightly
def test_requests_that_come_to_an_end_leave_scenarios_out_and_spoil_none_that_were_run(house: House) -> None:
    change = ("[provider.live.resolve]", "requests = 170\n\n[provider.live.resolve]")
    chosen = "checkout-2002-verdict-re"
    with vendor() as live:
        file = written(house.root, change, port=live.port)
        live.lets_itself_be_trusted(house.root)
        done = house.run("run", str(file), "-k", chosen, "--out", str(house.out), **live.account)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "kept for the controls at the end" in done.stderr
    assert "of 4 planned scenarios not run" in done.stdout
    assert "0 fail, 0 unknown; all controls healthy" in done.stdout


def house_text(folder: Path) -> str:
    return "".join(file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file())


def test_workers_of_pytest_that_would_each_ask_the_vendor_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"asks the vendor itself, .*: leave -n out"):
        Run(cast(Any, None), tmp_path / "out", written(tmp_path), on_demand=True)
