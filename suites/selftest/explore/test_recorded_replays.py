"""A page's CDN recorded by `captchaos discover --record`, and a run that answers for it when it is gone: real parts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.catalog import Answer
from harness.certificates import Authority
from harness.cli.main import main
from suites.selftest.explore.laden_shop import FILE, MAPPED, PARTS, laden_shop
from suites.selftest.explore.test_discover import Told, discover
from suites.selftest.lab.test_recorded_hosts import Cdn, reachable
from suites.selftest.lab.test_third_party_hosts import CDN

pytestmark = pytest.mark.timeout(900)
WAYS = ("refused", "hang", "latency", "truncated", "html")
FOLDER = f'"{CDN}" = "vendor/{CDN}"'


@contextlib.contextmanager
def serving(cdn: Cdn, authority: Authority) -> Iterator[None]:
    """Play the CDN in a thread of its own, for the verb runs a loop of its own."""
    up, over = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve(monkeypatch: pytest.MonkeyPatch) -> None:
        async with reachable(cdn, authority, monkeypatch):
            up.set()
            await over.wait()

    with pytest.MonkeyPatch.context() as monkeypatch:
        thread = threading.Thread(target=loop.run_until_complete, args=(serve(monkeypatch),))
        thread.start()
        assert up.wait(30)
        try:
            yield
        finally:
            loop.call_soon_threadsafe(over.set)
            thread.join(30)
            loop.close()


def shop_that_records(into: Path) -> Path:
    """The laden shop's file, in which the CDN stands as "record"; the copy of its script is gone."""
    shop = laden_shop(into)
    text = (shop / FILE).read_text(encoding="utf-8")
    assert FOLDER in text
    (shop / FILE).write_text(text.replace(FOLDER, f'"{CDN}" = "record"'), encoding="utf-8")
    (shop / "vendor" / CDN / "helpers.js").unlink()
    return shop / MAPPED


@pytest.fixture(scope="module")
def played() -> Cdn:
    """What the CDN gives, and what it was asked."""
    script = (PARTS / "vendor" / CDN / "helpers.js").read_bytes()
    return Cdn({"/helpers.js": Answer(headers=(("content-type", "text/javascript"), ("set-cookie", "who=7")), body=script)})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_that_records(tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="module")
def recorded(file: Path, played: Cdn, authority: Authority) -> Told:
    """The host stands for this one call, and is gone after it."""
    with serving(played, authority):
        return discover(str(file), "--record", "--json")


@contextlib.contextmanager
def page_that_asks(file: Path, script: str) -> Iterator[None]:
    """The page asks for another script than the one that was recorded."""
    page = file.parent / "templates" / "base.html"
    text = page.read_text(encoding="utf-8")
    assert text.count("helpers.js") == 1
    page.write_text(text.replace("helpers.js", script), encoding="utf-8")
    try:
        yield
    finally:
        page.write_text(text, encoding="utf-8")


def test_the_real_host_is_asked_once_while_it_is_recorded(recorded: Told, played: Cdn, file: Path) -> None:
    assert recorded.code == 0, recorded.err
    assert played.asked == ["/helpers.js"]
    assert "cookie" not in played.headers[0]
    manifest = json.loads((file.parent / "recorded" / CDN / "manifest.json").read_text(encoding="utf-8"))
    assert [(row["url"], row["status"], row["headers"]) for row in manifest["answers"]] == [
        ("/helpers.js", 200, {"content-type": "text/javascript"})
    ]


@pytest.mark.usefixtures("recorded")
def test_the_flow_completes_when_the_host_is_gone(file: Path, played: Cdn) -> None:
    told = discover(str(file), "--check", "--json")
    assert (told.code, told.read["grown"], told.read["lost"]) == (0, [], []), told.err
    assert told.edge(CDN)["covered"]
    assert set(told.edge(CDN)["faults"]) == set(WAYS)
    assert played.asked == ["/helpers.js"], "nothing left the machine"


@pytest.mark.nightly
@pytest.mark.usefixtures("recorded")
def test_a_run_works_and_its_faults_are_felt_when_the_host_is_gone(file: Path, played: Cdn, tmp_path: Path) -> None:
    main(["run", str(file), "-k", f"third-party-{CDN}", "--jobs", "2", "--out", str(tmp_path)])
    scenarios = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))["scenarios"]
    felt = {row["fault"]: (row["fault_felt"], row["verdict"]) for row in scenarios if row["link"] == CDN}
    # The page of this shop does nothing without that script: a true finding, which only a healthy control lets be one.
    assert felt == dict.fromkeys(WAYS, (True, "fail"))
    assert played.asked == ["/helpers.js"], "nothing left the machine"


@pytest.mark.nightly
@pytest.mark.usefixtures("recorded")
def test_a_page_that_asks_what_is_not_recorded_has_no_healthy_control_and_is_told_why(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking = f"not-recorded: the record of a third party lacks GET https://{CDN}/helpers.js?v=2"
    with page_that_asks(file, "helpers.js?v=2"):
        told = discover(str(file))
        main(["run", str(file), "-k", f"third-party-{CDN}-refused", "--out", str(tmp_path)])
    assert (told.code, lacking in told.err) == (2, True), told.err
    said = capsys.readouterr().out
    assert lacking in said
    assert "captchaos discover --record" in said


@pytest.mark.nightly
def test_a_host_that_cannot_be_recorded_is_told_and_no_surface_is_recorded(tmp_path: Path, authority: Authority) -> None:
    file = shop_that_records(tmp_path)
    with serving(Cdn({"/helpers.js": Answer(status=503)}), authority):
        told = discover(str(file), "--record")
    assert told.code == 2
    assert f"GET https://{CDN}/helpers.js is not recorded: the host answered 503" in told.err
    assert "Traceback" not in told.err
    assert not list(file.parent.glob("*.surface.json"))


@pytest.mark.usefixtures("recorded")
def test_a_damaged_record_is_one_sentence_before_anything_runs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (body,) = (file.parent / "recorded" / CDN).glob("*.js")
    data = body.read_bytes()
    body.unlink()
    try:
        assert main(["plan", str(file)]) == 3
    finally:
        body.write_bytes(data)
    said = capsys.readouterr().err
    assert "the body for GET /helpers.js, cannot be read (No such file or directory); take it back" in said
    assert said.count("\n") == 1
