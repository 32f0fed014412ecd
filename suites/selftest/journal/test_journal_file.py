"""The journal on disk: killed runs, full disks, other versions, and secrets."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest

from harness.catalog import Behaviour, Phase, Side, Warmth
from harness.errors import JournalError
from harness.journal.model import Evidence, Expectation, Judgement, Moment, Record, RunInfo, Scenario, SeenTicket, Verdict
from harness.journal.reader import read_journal
from harness.journal.secrets import MASK, Masker
from harness.journal.writer import JournalWriter


def a_run() -> RunInfo:
    return RunInfo(
        run_id="r1", captchaos_version="0", target="shop", seed=1, began_unix_s=1.0, browser="b", toxiproxy="t",
        planned=1, jobs=1, real_time=False,
    )  # fmt: skip


def a_record(**evidence: object) -> Record:
    scenario = Scenario(
        id="login-1004-frame-refused", kind="fault", target="shop", provider="tencent_web", flow="login", link="frame",
        link_side=Side.BROWSER, fault=None, phase=Phase.BEFORE_SHOW, warmth=Warmth.COLD, build="classic",
        browser_profile="desktop", mode=1004, mode_title="", strikes="until-heal", behaviour=Behaviour(), parameters=(),
        expect=Expectation(),
    )  # fmt: skip
    return Record(scenario=scenario, evidence=Evidence(**evidence), slot=0, began_unix_s=2.0)  # type: ignore[arg-type]


def written(path: Path, *records: Record) -> Path:
    with JournalWriter(path) as journal:
        journal.run(a_run())
        for record in records:
            journal.record(record)
            journal.judgement(record.scenario.id, Judgement(verdict=Verdict.PASS, fault_felt=True))
        journal.end()
    return path


def test_a_whole_run_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    journal = read_journal(written(tmp_path / "j", a_record(target_output="登录\ud800\u2028")))
    assert journal.run == a_run()
    assert journal.records == (a_record(target_output="登录\ud800\u2028"),)
    assert journal.judgements["login-1004-frame-refused"].verdict is Verdict.PASS
    assert (journal.ended, journal.truncated) == (True, False)


def test_every_entry_is_on_disk_before_the_next_begins(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "j") as journal:
        journal.run(a_run())
        assert len((tmp_path / "j").read_text().splitlines()) == 1
        journal.record(a_record())
        assert len(read_journal(tmp_path / "j").records) == 1


@pytest.mark.parametrize("lost", [2, 9, 400])
def test_a_killed_run_loses_its_unfinished_line_only(tmp_path: Path, lost: int) -> None:
    path = tmp_path / "j"
    with JournalWriter(path) as writer:
        writer.run(a_run())
        writer.record(a_record())
        writer.record(a_record(target_output="x" * 600))
    path.write_bytes(path.read_bytes()[:-lost])
    journal = read_journal(path)
    assert len(journal.records) == 1
    assert (journal.ended, journal.truncated) == (False, True)


def test_a_resumed_journal_drops_the_unfinished_line_and_goes_on(tmp_path: Path) -> None:
    path = written(tmp_path / "j", a_record())
    path.write_bytes(path.read_bytes() + b'{"type":"record","rec')
    with JournalWriter(path) as again:
        again.record(a_record(real_ms=5.0))
    journal = read_journal(path)
    assert [record.evidence.real_ms for record in journal.records] == [0.0, 5.0]
    assert not journal.truncated


def test_a_broken_line_in_the_middle_is_said_with_its_number(tmp_path: Path) -> None:
    path = written(tmp_path / "j", a_record())
    lines = path.read_text().splitlines()
    lines[1] = lines[1][:-5]
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(JournalError, match=r"j:2: this is no line of JSON"):
        read_journal(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"has no head"),
        ('{"type":"recrod"}\n', r"j:1: no entry of a journal is of type 'recrod'; did you mean 'record'\?"),
        ('{"type":"end"}\n', r"j:1: the first entry should be the run's head and is a end"),
        ('{"type":"run","run":{"schema":9}}\n', r"j:1: the journal has schema 9, this captchaos reads 1"),
        ("[]\n", r"j:1: no entry of a journal"),
    ],
)
def test_what_is_no_journal_is_refused_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "j").write_text(text)
    with pytest.raises(JournalError, match=sentence):
        read_journal(tmp_path / "j")


# Nothing is hidden where it is skipped (macOS): the next test says the same of a disk that fills up, on every system.
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here; the next test meets a full disk without it")
def test_a_full_disk_is_a_sentence() -> None:
    with JournalWriter(Path("/dev/full")) as journal, pytest.raises(JournalError, match="No space left on device"):
        journal.run(a_run())


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_journal_file import a_record, a_run
from harness.errors import JournalError
from harness.journal.writer import JournalWriter
with JournalWriter(Path({path!r})) as journal:
    journal.run(a_run())
    journal.record(a_record())
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, resource.RLIM_INFINITY))
    try:
        journal.record(a_record(target_output="x" * 9000))
    except JournalError as full:
        print(full)
    journal.end()
"""


def test_an_entry_that_did_not_fit_is_taken_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "j"
    code = FULL_DISK.format(here=str(Path(__file__).parent), path=str(path))
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "cannot be written: File too large" in told.stdout
    journal = read_journal(path)
    assert len(journal.records) == 1
    assert (journal.ended, journal.truncated) == (True, False)


SECRET = "k/Ey+\"'&<密>%==s3cr3t"
FORMS = {
    "plain": SECRET,
    "url": quote(SECRET, safe=""),
    "url, small letters": quote(SECRET, safe="").lower().replace("k%2fey", "k%2fEy"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "url-safe base64": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "basic authorization": base64.b64encode(f"AKIDexample:{SECRET}".encode()).decode(),
    "inside more base64": base64.b64encode(f"a={SECRET}&b=1".encode()).decode(),
    "json": json.dumps(SECRET)[1:-1],
    "json, not ascii": json.dumps(SECRET, ensure_ascii=False)[1:-1],
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_every_form(tmp_path: Path, form: str) -> None:
    ticket = SeenTicket(
        text=f"<{FORMS[form]}>", where="submit", visit="honest", moment=Moment(at_ms=1.0, page_ms=1.0), unix_s=1.0
    )
    with JournalWriter(tmp_path / "j", masker=Masker([SECRET, ""])) as writer:
        writer.run(a_run())
        writer.record(a_record(tickets=(ticket,), target_output=f"log {FORMS[form]} end", lab_error=FORMS[form]))
    text = (tmp_path / "j").read_text()
    (record,) = read_journal(tmp_path / "j").records
    assert MASK in record.evidence.tickets[0].text
    assert record.evidence.target_output.startswith("log ")
    assert FORMS[form] not in text
    assert json.dumps(FORMS[form])[1:-1] not in text
    assert record.scenario == a_record().scenario


def test_a_masker_does_not_show_what_it_hides() -> None:
    assert SECRET not in repr(Masker([SECRET]))


def test_without_secrets_nothing_is_masked() -> None:
    assert Masker([""])("abc") == "abc"
