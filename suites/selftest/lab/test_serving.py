"""The provider as it stands on the wire: its barrier, its rewrites, and certificates that are really bad."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

from harness.catalog import Answer, Asked, Rewrite
from harness.certificates import Authority, CertificateBook
from harness.errors import UsageError
from harness.providers.serving import MAX_BODY_BYTES, Arrival, ProviderServer
from suites.selftest.lab.sockets import LIMIT_S, Line, dialled, routing
from suites.selftest.vendor_browser import served_vendor

pytestmark = pytest.mark.anyio
API, CDN = "turing.captcha.qcloud.com", "turing.captcha.gtimg.com"
ENTRY, CONFIG = "/TCaptcha.js", "/cap_union_prehandle?aid=199999164&callback=_aq_1"


@contextlib.asynccontextmanager
async def vendor(authority: Authority) -> AsyncIterator[ProviderServer]:
    async with served_vendor("tencent_web", authority, app_id="199999164") as server:
        server.reset(build="classic")
        yield server


@contextlib.asynccontextmanager
async def over_tls(server: ProviderServer, authority: Authority, host: str = API) -> AsyncIterator[Line]:
    async with dialled(server.port) as line:
        await line.secure(str(authority.ca_file), host)
        yield line


def rewritten(server: ProviderServer, link: str, **changes: object) -> None:
    def change(answer: Answer, _asked: Asked) -> Answer:
        return replace(answer, **changes)  # type: ignore[arg-type]  # the fields of an Answer, by name

    rewrite: Rewrite = change
    server.responses.set(link, rewrite, "changed")


async def test_a_request_is_held_at_the_origin_until_the_barrier_is_lifted(authority: Authority) -> None:
    held, lift = asyncio.Event(), asyncio.Event()

    async def hold(arrival: Arrival) -> None:
        if arrival.link == "config":
            held.set()
            await lift.wait()

    async with vendor(authority) as server, over_tls(server, authority) as line:
        server.on_arrival = hold
        assert (await line.ask("GET", ENTRY, API))[0] == 200
        asking = asyncio.create_task(line.ask("GET", CONFIG, API))
        await asyncio.wait_for(held.wait(), LIMIT_S)
        [config] = server.arrivals("config")
        assert (config.status, config.said) == (None, ""), "the answer must not be made before the fault stands"
        lift.set()
        assert (await asyncio.wait_for(asking, LIMIT_S))[0] == 200
        assert [arrival.status for arrival in server.arrivals("config")] == [200]


async def test_only_the_named_links_answer_ends_its_connection(authority: Authority) -> None:
    async with vendor(authority) as server, over_tls(server, authority) as line:
        server.close_after = {"entry"}
        assert "connection" not in (await line.ask("GET", CONFIG, API))[1]
        status, headers, _body = await line.ask("GET", ENTRY, API)
        assert (status, headers["connection"]) == (200, "close")
        assert (await line.how_it_ends())[1] == "FIN"
        assert len({arrival.connection for arrival in server.log}) == 1


async def test_more_than_a_mebibyte_is_too_large(authority: Authority) -> None:
    async with vendor(authority) as server:
        async with over_tls(server, authority) as line:
            assert (await line.ask("POST", "/cap_union_new_verify", API, b"x" * MAX_BODY_BYTES))[0] != 413
        async with over_tls(server, authority) as line:
            assert (await line.ask("POST", "/cap_union_new_verify", API, b"x" * (MAX_BODY_BYTES + 1)))[0] == 413
        assert MAX_BODY_BYTES == 1_048_576


# A length that is announced and a body in pieces; how its sender goes.
HALVES = {
    "announced": b"Content-Length: 20\r\n\r\nticket=t03",
    "in pieces": b"Transfer-Encoding: chunked\r\n\r\na\r\nticket=t03\r\n",
}


@pytest.mark.parametrize("ends", ["FIN", "RST"])
@pytest.mark.parametrize("half", HALVES)
async def test_a_question_whose_sender_goes_in_the_middle_of_it_is_lost_and_nobody_s_to_answer(
    authority: Authority, half: str, ends: str
) -> None:
    made, held = [], []

    async def answer(request: object) -> Answer:
        made.append(request)
        return Answer()

    async def hold(arrival: Arrival) -> None:
        held.append(arrival)

    async with vendor(authority) as server, dialled(server.plain_port) as line:
        server.emulator.answer = answer  # type: ignore[method-assign]  # who would be asked tells it
        server.on_arrival = hold
        line.say(f"POST /cap_union_new_verify HTTP/1.1\r\nHost: {API}\r\n".encode() + HALVES[half])
        async with asyncio.timeout(LIMIT_S):
            while not server.log:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0)
            line.reset() if ends == "RST" else line.end()
            while not server.log[0].lost:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0)
        # Whoever comes afterwards is answered, so that what was to be done for the first would have been done by now.
        async with dialled(server.plain_port) as other:
            assert (await other.ask("GET", ENTRY, API))[0] == 200
    lost, whole = server.log
    assert (lost.link, lost.lost, lost.status, lost.answered, lost.said) == ("verify", True, None, None, "")
    assert [request.path for request in made] == [ENTRY]  # type: ignore[attr-defined]  # a Request
    assert held == [whole], "no fault is to strike for a question that never came"
    assert server.broken == []


async def test_an_answer_that_is_cut_ends_short_of_its_announced_length(authority: Authority) -> None:
    async with vendor(authority) as server, over_tls(server, authority) as line:
        rewritten(server, "entry", cut_at=1000)
        line.say(f"GET {ENTRY} HTTP/1.1\r\nHost: {API}\r\n\r\n".encode())
        head, _, body = (await line.how_it_ends())[0].partition(b"\r\n\r\n")
        announced = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert len(body) == 1000 < announced
        [arrival] = server.arrivals("entry")
        assert (arrival.sent_bytes, arrival.lost, arrival.rewritten) == (1000, True, "changed")


async def test_an_answer_that_drips_comes_whole_in_its_own_time(authority: Authority) -> None:
    async with vendor(authority) as server, over_tls(server, authority) as line:
        rewritten(server, "entry", body=b"0123456789", drip_ms=50, drip_bytes=2)
        began = time.monotonic()
        assert (await line.ask("GET", ENTRY, API))[2] == b"0123456789"
        assert time.monotonic() - began >= 5 * 0.05


async def test_an_answer_that_is_delayed_has_no_head_before_its_time(authority: Authority) -> None:
    async with vendor(authority) as server, over_tls(server, authority) as line:
        rewritten(server, "entry", delay_ms=300)
        began = time.monotonic()
        assert (await line.ask("GET", ENTRY, API))[0] == 200
        assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("cut_at", [None, 7])
async def test_an_answer_that_never_comes_is_held_until_the_client_leaves(authority: Authority, cut_at: int | None) -> None:
    async with vendor(authority) as server:
        rewritten(server, "entry", never=True, cut_at=cut_at)
        async with over_tls(server, authority) as line:
            line.say(f"GET {ENTRY} HTTP/1.1\r\nHost: {API}\r\n\r\n".encode())
            heard = b""
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    while data := await line.reader.read(65536):
                        heard += data
                    pytest.fail("the provider ended the connection")
            assert len(heard.partition(b"\r\n\r\n")[2]) == (cut_at or 0)
        [arrival] = server.arrivals("entry")
        async with asyncio.timeout(LIMIT_S):
            while not arrival.lost:  # noqa: ASYNC110 - a log has no event
                await asyncio.sleep(0)
        assert arrival.answered is None


async def test_what_the_emulator_itself_raises_is_kept_as_the_laboratorys_error(authority: Authority) -> None:
    async def crash(_request: object) -> Answer:
        raise ZeroDivisionError

    async with vendor(authority) as server, over_tls(server, authority) as line:
        server.emulator.answer = crash  # type: ignore[method-assign]  # what no real request can bring about
        assert (await line.ask("GET", ENTRY, API))[0] == 500
        assert server.broken == [f"GET {API}{ENTRY}: ZeroDivisionError()"]


# What OpenSSL and Chromium say of each; a Chromium that ignored certificate errors would load all three.
BAD = {"expired": "expired", "wrong-name": "mismatch", "unknown-ca": "unable to get"}


@pytest.mark.parametrize("kind", ["good", *BAD])
async def test_a_servers_client_believes_the_good_certificate_only(authority: Authority, kind: str) -> None:
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    async with vendor(authority) as server, httpx.AsyncClient(verify=context, trust_env=False, timeout=LIMIT_S) as client:
        server.certificates.show(API, kind)
        asked = client.get(f"https://127.0.0.1:{server.port}{ENTRY}", headers={"Host": API}, extensions={"sni_hostname": API})
        if kind == "good":
            assert (await asked).status_code == 200
            return
        with pytest.raises(httpx.ConnectError, match=BAD[kind]):
            await asked
        assert list(server.arrivals("entry")) == []


@pytest.mark.parametrize("kind", ["good", *BAD])
async def test_a_request_tells_which_certificate_its_own_connection_was_shown(authority: Authority, kind: str) -> None:
    careless = ssl.create_default_context()
    careless.check_hostname, careless.verify_mode = False, ssl.CERT_NONE
    async with vendor(authority) as server, httpx.AsyncClient(verify=careless, trust_env=False, timeout=LIMIT_S) as client:
        for shown_by_now in (kind, "good" if kind in BAD else "expired"):
            server.certificates.show(API, shown_by_now)
            await client.get(f"https://127.0.0.1:{server.port}{ENTRY}", headers={"Host": API}, extensions={"sni_hostname": API})
        await client.get(f"http://127.0.0.1:{server.plain_port}{ENTRY}", headers={"Host": API})
    first, second, plain = server.arrivals("entry")
    assert first.connection == second.connection, "the second request reused the first one's connection"
    assert [first.certificate, second.certificate, plain.certificate] == [kind, kind, ""]


async def test_a_bad_certificate_stays_an_error_in_a_browser_that_trusts_the_labs_key(
    authority: Authority, chromium: Browser
) -> None:
    said = {}
    async with vendor(authority) as server, routing() as router:
        router.route(API, 443, server.port)
        for kind in ("good", *BAD):
            server.certificates.show(API, kind)
            context = await chromium.new_context(proxy={"server": f"socks5://127.0.0.1:{router.port}"})
            page = await context.new_page()
            try:
                answer = await page.goto(f"https://{API}{ENTRY}", timeout=LIMIT_S * 1000)
                said[kind] = str(answer.status if answer else None)
            except PlaywrightError as error:
                said[kind] = error.message.split("net::")[1].split(" ")[0]
            await context.close()
    assert said["good"] == "200"
    assert {kind for kind in BAD if not said[kind].startswith("ERR_CERT_")} == set(), said
    assert len(list(server.log)) >= 1
    assert {arrival.link for arrival in server.arrivals("entry")} == {"entry"}


async def test_a_certificate_is_shown_bad_on_its_own_host_only(authority: Authority) -> None:
    async with vendor(authority) as server:
        server.certificates.show(API, "expired")
        async with over_tls(server, authority, CDN):
            pass
        with pytest.raises(ssl.SSLCertVerificationError):
            async with over_tls(server, authority, API):
                pass
        server.reset(build="classic")
        async with over_tls(server, authority, API):
            pass


async def test_an_unknown_kind_of_certificate_is_answered_with_the_closest(authority: Authority) -> None:
    with pytest.raises(UsageError, match="expired"):
        CertificateBook(authority).show(API, "expird")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_no_session_is_resumed_for_it_would_skip_the_certificate(authority: Authority, version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    context.minimum_version = context.maximum_version = version

    def twice(port: int) -> list[bool | None]:
        reused, session = [], None
        for _ in range(2):
            plain = socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
            with context.wrap_socket(plain, server_hostname=API, session=session) as line:
                line.sendall(f"GET {ENTRY} HTTP/1.1\r\nHost: {API}\r\nConnection: close\r\n\r\n".encode())
                while line.recv(65536):
                    pass
                reused.append(line.session_reused)
                session = line.session
        return reused

    async with vendor(authority) as server:
        assert await asyncio.to_thread(twice, server.port) == [False, False]
