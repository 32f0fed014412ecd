"""Other people's hosts recorded once and replayed: a server plays the CDN, and is gone when its answers are asked for again."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.catalog import Answer
from harness.certificates import Authority, CertificateBook
from harness.errors import ConfigurationError
from harness.faults.base import FAULTS
from harness.lab.edges import edge_of
from harness.lab.recording import NOT_RECORDED, Recordings
from harness.lab.router import Router
from harness.lab.slot import Slot, open_slot
from harness.providers.base import PROVIDERS, Request
from harness.providers.listening import Listener
from harness.target import recordings
from harness.target.recordings import add_to_record, read_record, record_folder
from harness.target.spec import ProviderUse
from suites.selftest.lab.sockets import routing
from suites.selftest.lab.test_third_party_hosts import CDN, LINKS, get
from suites.selftest.one_slot import open_toxiproxy

pytestmark = pytest.mark.anyio
SCRIPT = b"window.tea = {}"


@dataclass(slots=True)
class Cdn:
    """Who plays the host; what it was asked, and with which headers."""

    answers: dict[str, Answer]
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def app(self, scope: Mapping[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        url = scope["raw_path"].decode() + ("?" if scope["query_string"] else "") + scope["query_string"].decode()
        self.asked.append(url)
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        answer = self.answers.get(url, Answer(status=404))
        headers = [(name.encode(), value.encode()) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})


@contextlib.asynccontextmanager
async def reachable(cdn: Cdn, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Router]:
    """The way to the real host, as this process' environment says: by a proxy, and an authority of the host's own."""
    book = CertificateBook(authority)
    listener = await Listener.open(cdn.app, tls=book.context())
    async with routing() as outside:
        outside.route(CDN, 443, listener.port)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{outside.port}")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
        try:
            yield outside
        finally:
            await listener.close()


def request(path: str, query: str = "", **headers: str) -> Request:
    return Request(
        link=CDN, host=CDN, method="GET", path=path, query={}, raw_query=query, headers=headers, body=b"", client="",
    )  # fmt: skip


@contextlib.asynccontextmanager
async def slot_of(toxiproxy_path: Path, authority: Authority, records: Recordings) -> AsyncIterator[Slot]:
    async with open_toxiproxy(toxiproxy_path) as toxiproxy:
        slot = await open_slot(
            0, run_id="selftest", use=ProviderUse(), provider=PROVIDERS.get("tencent_web"), authority=authority,
            toxiproxy=toxiproxy, links={CDN: LINKS[CDN]}, owned=lambda _server, _name: None,
            third_party={CDN: "record"}, recordings=records,
        )  # fmt: skip
        try:
            await slot.reset(build="classic")
            yield slot
        finally:
            await slot.close()


def script(body: bytes = SCRIPT, **headers: str) -> Answer:
    named = {"content-type": "text/javascript", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Answer(headers=tuple(named.items()), body=body)


async def test_a_host_is_asked_once_and_answered_for_when_it_is_gone_and_broken_like_any_other(
    toxiproxy_path: Path, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cdn = Cdn({"/helpers.js?v=1": script()})
    async with reachable(cdn, authority, monkeypatch):
        records = Recordings([CDN], tmp_path, asks=True)
        async with slot_of(toxiproxy_path, authority, records) as slot:
            answers = await asyncio.gather(*(get(slot, f"https://{CDN}/helpers.js?v=1") for _ in range(3)))
            assert {answer.content for answer in answers} == {SCRIPT}
            assert (await get(slot, f"https://{CDN}/no.js")).status_code == 404
    assert (cdn.asked, records.troubles) == (["/helpers.js?v=1", "/no.js"], [])
    # The host is gone; the proxy that led there, too.
    async with slot_of(toxiproxy_path, authority, Recordings([CDN], tmp_path)) as slot:
        answer = await get(slot, f"https://{CDN}/helpers.js?v=1")
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, SCRIPT, "text/javascript")
        assert (await get(slot, f"https://{CDN}/no.js")).status_code == 404
        lacking = await get(slot, f"https://{CDN}/helpers.js?v=2")
        assert lacking.status_code == 502
        assert lacking.text.startswith(f"{NOT_RECORDED}GET https://{CDN}/helpers.js?v=2; `captchaos discover --record`")
        assert [arrival.said for arrival in slot.provider.log][-1] == f"{NOT_RECORDED}GET https://{CDN}/helpers.js?v=2"
        edge = edge_of(slot, LINKS[CDN])
        await FAULTS.get("html").apply(edge)
        assert "guest network" in (await get(slot, f"https://{CDN}/helpers.js?v=1")).text
        await FAULTS.get("html").heal(edge)
        await FAULTS.get("truncated").apply(edge)
        with pytest.raises(httpx.HTTPError):
            await get(slot, f"https://{CDN}/helpers.js?v=1")
        await FAULTS.get("truncated").heal(edge)
        await FAULTS.get("refused").apply(edge)
        with pytest.raises(httpx.HTTPError):
            await get(slot, f"https://{CDN}/helpers.js?v=1")


async def test_no_cookie_no_authorization_and_no_address_of_a_page_goes_out_or_is_kept(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cdn = Cdn({"/a.js": script(set_cookie="who=visitor-7", authorization="Bearer 7", x_server="edge-7", etag='"7"')})
    cdn.answers["/b.js"] = script(b"2")
    async with reachable(cdn, authority, monkeypatch):
        records = Recordings([CDN], tmp_path, asks=True)
        for path in ("/a.js", "/b.js"):
            asking = request(path, cookie="mine=8", authorization="Bearer 8", referer="http://127.0.0.1/?token=8", accept="*/*")
            answer = await records.answer(asking)
            assert answer.headers == (("content-type", "text/javascript"), ("cache-control", "no-store"))
    sent = [{"cookie", "authorization", "referer"} & set(headers) for headers in cdn.headers]
    assert sent == [set(), set()], "not even the cookie that the host gave out goes back to it"
    assert cdn.headers[0]["accept"] == "*/*"
    kept = (record_folder(tmp_path, CDN) / "manifest.json").read_text(encoding="utf-8")
    assert not [word for word in ("visitor-7", "Bearer", "edge-7", "mine", "token") if word in kept]


async def test_an_origin_that_the_host_named_back_is_whoever_asks_later(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cdn = Cdn({"/tea.woff2": script(access_control_allow_origin="http://127.0.0.1:5001")})
    async with reachable(cdn, authority, monkeypatch):
        await Recordings([CDN], tmp_path, asks=True).answer(request("/tea.woff2", origin="http://127.0.0.1:5001"))
    answer = await Recordings([CDN], tmp_path).answer(request("/tea.woff2", origin="http://127.0.0.1:6002"))
    assert dict(answer.headers)["access-control-allow-origin"] == "http://127.0.0.1:6002"


async def test_a_packed_answer_is_kept_unpacked(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cdn = Cdn({"/a.js": script(gzip.compress(SCRIPT), content_encoding="gzip"), "/b.js": script(content_encoding="br")})
    async with reachable(cdn, authority, monkeypatch):
        records = Recordings([CDN], tmp_path, asks=True)
        assert (await records.answer(request("/a.js"))).body == SCRIPT
        assert (await records.answer(request("/b.js"))).status == 502
    assert "packed in a way that nobody asked for" in records.troubles[0]


def files_in(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize("path", ["/../../up.js", "/%2e%2e%2f%2e%2e%2fup.js", "//etc/up.js", "/..\\up.js", f"/{'a' * 3000}"])
async def test_a_hostile_address_names_no_file(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    root = tmp_path / "target"
    cdn = Cdn({})
    async with reachable(cdn, authority, monkeypatch):
        cdn.answers = dict.fromkeys([path, "/up.js", "/etc/up.js"], script())
        await Recordings([CDN], root, asks=True).answer(request(path))
    folder = record_folder(root, CDN)
    files = files_in(tmp_path)
    assert {file.parent for file in files} == {folder}
    assert all(file.name == "manifest.json" or len(file.stem) == 16 for file in files)


@pytest.mark.parametrize("path", [".evil.example/a.js", "@evil.example/a.js", "https://evil.example/a.js", ""])
async def test_an_address_that_would_lead_to_another_host_is_not_asked(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async with reachable(Cdn({}), authority, monkeypatch) as outside:
        records = Recordings([CDN], tmp_path, asks=True)
        assert (await records.answer(request(path))).status == 502
        assert outside.log == []
    assert "that is no path of a host" in records.troubles[0]


async def test_what_cannot_be_kept_is_told_and_leaves_no_record(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.lab.recording.MAX_ANSWER_BYTES", 1 << 20)
    cdn = Cdn({"/large.js": script(b"x" * ((1 << 20) + 1)), "/ill.js": Answer(status=503)})
    async with reachable(cdn, authority, monkeypatch) as outside:
        records = Recordings([CDN], tmp_path, asks=True)
        for path in ("/large.js", "/ill.js"):
            assert (await records.answer(request(path))).status == 502
        outside.refuse_name(CDN)
        assert (await records.answer(request("/a.js"))).status == 502
    too_large, ill, gone = records.troubles
    assert too_large == f"GET https://{CDN}/large.js is not recorded: its answer has more than 1 MiB; name a folder with a copy"
    assert "the host answered 503, which is no answer to keep" in ill
    assert "the host gave no answer (502 No such host); try again" in gone
    assert not record_folder(tmp_path, CDN).exists()


async def test_a_host_fills_its_record_and_no_more(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.lab.recording.MAX_ANSWERS", 2)
    cdn = Cdn(dict.fromkeys(["/0.js", "/1.js", "/2.js"], script()))
    async with reachable(cdn, authority, monkeypatch):
        records = Recordings([CDN], tmp_path, asks=True)
        statuses = [(await records.answer(request(path))).status for path in ("/0.js", "/1.js", "/2.js")]
    assert (statuses, cdn.asked) == ([200, 200, 502], ["/0.js", "/1.js"])
    assert "at most 2 answers and 64 MiB" in records.troubles[0]


async def test_a_folder_that_cannot_be_written_is_one_sentence(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "recorded").write_text("a file stands here", encoding="utf-8")
    async with reachable(Cdn({"/a.js": script()}), authority, monkeypatch):
        with pytest.raises(ConfigurationError, match=r"recorded/code\.cdn\.example/manifest\.json cannot be read \(Not a dir"):
            Recordings([CDN], tmp_path, asks=True)
        (tmp_path / "recorded").unlink()
        records = Recordings([CDN], tmp_path, asks=True)
        (tmp_path / "recorded").write_text("a file stands here now", encoding="utf-8")
        assert (await records.answer(request("/a.js"))).status == 502
    (told,) = records.troubles
    assert told.startswith(f"GET https://{CDN}/a.js is not recorded: {tmp_path}/recorded/{CDN} cannot be written (")


def kept(folder: Path) -> Path:
    """A record of one answer, by its manifest."""
    one = recordings.Kept(url="/a.js?v=1", status=200, headers=(("content-type", "text/javascript"),), body=SCRIPT)
    add_to_record(folder, CDN, (), one)
    return record_folder(folder, CDN) / "manifest.json"


def test_a_manifest_is_for_people_to_read(tmp_path: Path) -> None:
    manifest = kept(tmp_path)
    read = json.loads(manifest.read_text(encoding="utf-8"))
    (row,) = read["answers"]
    assert (read["host"], row["url"], row["status"], row["bytes"]) == (CDN, "/a.js?v=1", 200, 15)
    assert (manifest.parent / row["body"]).read_bytes() == SCRIPT
    assert row["body"].endswith(".js")
    assert list(read_record(tmp_path, CDN)) == ["/a.js?v=1"]


def test_a_body_that_is_missing_or_another_is_told(tmp_path: Path) -> None:
    manifest = kept(tmp_path)
    (body,) = manifest.parent.glob("*.js")
    body.write_bytes(b"window.coffee")
    with pytest.raises(ConfigurationError, match=r"for GET /a\.js\?v=1, is not what was recorded \(sha256\); take it"):
        read_record(tmp_path, CDN)
    body.unlink()
    with pytest.raises(ConfigurationError, match=r"the body for GET /a\.js\?v=1, cannot be read \(No such file or directory\)"):
        read_record(tmp_path, CDN)


def test_two_answers_to_one_question_are_told(tmp_path: Path) -> None:
    manifest = kept(tmp_path)
    document = json.loads(manifest.read_text(encoding="utf-8"))
    document["answers"].append({**document["answers"][0], "status": 404})
    manifest.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"it holds two answers to GET /a\.js\?v=1, and only one can be given"):
        read_record(tmp_path, CDN)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"captchaos_record": 1}', '{"captchaos_record": 1, "answers": 7}', "[" * 100_000, "\udcff"]
)
def test_what_is_no_manifest_is_told(tmp_path: Path, text: str) -> None:
    kept(tmp_path).write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(ConfigurationError, match=r"manifest\.json: .*remove the folder and run `captchaos discover --record`$"):
        read_record(tmp_path, CDN)


@pytest.mark.parametrize(
    "change",
    [
        {"url": "https://evil.example/"}, {"url": 7}, {"status": 99}, {"status": "200"}, {"body": "../../../etc/passwd"},
        {"body": 7}, {"headers": {"set-cookie": "a=b"}}, {"headers": {"content-type": "a\r\nset-cookie: b"}}, {"headers": []},
        {"headers": {"content-type": 7}},
    ],
)  # fmt: skip
def test_an_answer_that_nobody_recorded_is_told(tmp_path: Path, change: dict[str, Any]) -> None:
    manifest = kept(tmp_path)
    document = json.loads(manifest.read_text(encoding="utf-8"))
    document["answers"][0] |= change
    manifest.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="one of its answers is none that `captchaos discover --record` has written"):
        read_record(tmp_path, CDN)


def test_a_record_of_another_version_is_told(tmp_path: Path) -> None:
    manifest = kept(tmp_path)
    text = manifest.read_text(encoding="utf-8")
    manifest.write_text(text.replace('"captchaos_record": 1', '"captchaos_record": 2'), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="it is of version '2', and this captchaos reads 1"):
        read_record(tmp_path, CDN)
