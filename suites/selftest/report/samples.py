"""Runs to make reports of: a realistic one of all kinds, and one whose every string is hostile."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from pathlib import Path

from harness.catalog import Behaviour, Family, Phase, Place, Policy, Side, Warmth
from harness.journal.model import (
    Evidence,
    Expectation,
    FaultFacts,
    Finding,
    Judgement,
    Record,
    RunInfo,
    Scenario,
    Severity,
    Verdict,
)
from harness.journal.reader import Journal
from suites.selftest.report.sample_evidence import APP_ID, evidence

HOSTILE = (
    "</script><img src=x onerror=alert(1)>\u202egnp.exe\u2066<!-- \x00\x1b[31m ]]> &amp; \"'` {{7*7}} ${1}"
    " | *b* [l](http://evil.example) \ud800 登录"
)
LINKS = {
    1001: ("entry", Phase.BEFORE_LOAD, "entry script never arrives"),
    1002: ("frame", Phase.BEFORE_SHOW, "frame script hangs, show() called at once"),
    1003: ("frame", Phase.BEFORE_SHOW, "frame script hangs through all attempts"),
    1004: ("frame", Phase.BEFORE_SHOW, "frame script fails on all three attempts"),
    1005: ("frame", Phase.BEFORE_SHOW, "frame script throws"),
    1006: ("config", Phase.BEFORE_SHOW, "config cannot be fetched"),
    1007: ("template", Phase.BEFORE_SHOW, "template check fails"),
    1008: ("template", Phase.BEFORE_SHOW, "iframe never loads"),
    1009: ("library", Phase.BEFORE_SHOW, "library does not load"),
    1010: ("slider", Phase.BEFORE_SHOW, "slider script does not load"),
    1011: ("slider", Phase.BEFORE_SHOW, "slider script throws"),
    1012: ("refresh", Phase.MID_CHALLENGE, "refresh fails three times"),
    1013: ("verify", Phase.MID_CHALLENGE, "verify fails three times"),
    2001: ("verdict", Phase.DURING_VERDICT, "verdict API timed out"),
    2002: ("verdict", Phase.DURING_VERDICT, "verdict API connection failed"),
    2003: ("verdict", Phase.DURING_VERDICT, "verdict API InternalError"),
    2004: ("verdict", Phase.DURING_VERDICT, "verdict API CaptchaCode 26"),
    2005: ("verdict", Phase.DURING_VERDICT, "verdict API answer unreadable"),
    2006: ("verdict", Phase.DURING_VERDICT, "verdict API throttled"),
}
FAULTS = {
    "refused": ("connection refused", Family.TRANSPORT, False),
    "hang": ("nothing ever arrives", Family.TRANSPORT, True),
    "status-503": ("answers 503", Family.RESPONSE, False),
    "csp": ("blocked by the page's policy", Family.BROWSER, False),
}


def run_info(planned: int, *, text: str = "") -> RunInfo:
    return RunInfo(
        run_id=f"20261121-014512-7f3a{text}",
        captchaos_version=f"0.1.0{text}",
        target=f"shop{text}",
        seed=7,
        began_unix_s=1_795_225_512.0,
        browser=f"chromium-headless-shell 156.0{text}",
        toxiproxy=f"2.12.0{text}",
        planned=planned,
        jobs=8,
        real_time=False,
    )


def scenario(
    flow: str, mode: int | None, fault: str | None, *, kind: str = "fault", link: str = "", text: str = ""
) -> Scenario:
    default_link, phase, title = LINKS.get(mode or 0, ("submit", Phase.BEFORE_SUBMIT, ""))
    link = link or default_link
    facts = None
    if fault:
        fault_title, family, hangs = FAULTS[fault]
        felt_at = (Place.TOXIPROXY, Place.BROWSER)
        facts = FaultFacts(name=fault + text, family=family, felt_at=felt_at, hangs=hangs, title=fault_title + text)
    expect = Expectation(
        codes=(mode,) if mode else (),
        minted_by="vendor" if mode else None,
        outcome="unverified" if mode else "verified",
        policy=Policy.ACCEPT if flow == "login" else Policy.STEP_UP,
        fallback_budget_ms=25_000 if mode else 0,
        app_id=APP_ID,
        business_budget_ms=28_000,
    )
    name = "-".join(str(part) for part in (flow, mode or kind, link, fault) if part)
    return Scenario(
        id=name + text,
        kind=kind,
        target="shop" + text,
        provider="tencent_web" + text,
        flow=flow + text,
        link=link + text,  # type: ignore[arg-type]
        link_side=Side.SERVER if link == "verdict" else Side.BROWSER,
        fault=facts,
        phase=phase,
        warmth=Warmth.COLD,
        build="classic" + text,
        browser_profile="desktop" + text,
        mode=mode,
        mode_title=title + text,
        strikes="until-heal",
        behaviour=Behaviour(),
        parameters=(("latency_ms", 12000),),
        expect=expect,
        wait_ms=20_000,
        twin_of=text,
    )


def finding(
    oracle: str = "business-completes", *, text: str = "", severity: Severity = Severity.BLOCKER, seen: str = ""
) -> Finding:
    return Finding(
        oracle=oracle,
        severity=severity,
        expected=f"the business completes once within 28 s of page time, unverified but within its limits{text}",
        seen=(seen or "the submit with terror_1004 was answered 502 and nothing was recorded at the origin") + text,
        source=f"domain/integration-bugs.md B1; vendor document “业务降级”{text}",
        mend=f"When the verdict API gives no verdict, catch the exception and go on by your policy: accept or step up.{text}",
    )


def journal_of(records: list[Record], *, ended: bool = True, planned: int | None = None, text: str = "") -> Journal:
    ids = {record.scenario.id for record in records if record.scenario.kind != "control"}
    info = run_info(len(ids) if planned is None else planned, text=text)
    return Journal(run=info, records=tuple(records), judgements={}, ended=ended, truncated=not ended)


def record_of(one: Scenario, seen: Evidence, *, attempt: int = 1) -> Record:
    reason = "a verdict under an advanced clock" if attempt > 1 else ""
    return Record(scenario=one, evidence=seen, slot=0, began_unix_s=1_795_225_513.0, attempt=attempt, repeat_reason=reason)


def realistic(out_dir: Path | None = None) -> tuple[Journal, dict[str, Judgement]]:
    """About 120 scenarios: three fail, two are unknown, one was repeated in real time."""
    records: list[Record] = []
    judgements: dict[str, Judgement] = {}
    for flow in ("login", "checkout"):
        plans = [
            scenario(flow, None, None, kind="control", link="page"),
            scenario(flow, None, None, kind="forgery", link="submit"),
        ]
        plans += [scenario(flow, None, "refused", link="submit")]
        plans += [scenario(flow, mode, fault) for mode in LINKS for fault in FAULTS if not (mode > 2000 and fault == "csp")]
        for one in plans:
            bad = flow == "checkout" and one.mode in (1004, 2002) and one.fault is not None and one.fault.name == "refused"
            unfelt = one.mode == 1012 and one.fault is not None and one.fault.name == "csp"
            shot = f"data/{one.id}.png" if out_dir else ""
            if out_dir:
                write_png(out_dir / shot)
            if bad:
                records.append(record_of(one, evidence(one, ok=False)))
            records.append(record_of(one, evidence(one, ok=not bad, screenshot=shot), attempt=2 if bad else 1))
            judgements[one.id] = judgement(one, bad=bad, unfelt=unfelt)
    return journal_of(records), judgements


def judgement(one: Scenario, *, bad: bool, unfelt: bool) -> Judgement:
    if unfelt:
        because = "the fault was not felt: seen at toxiproxy only, and two independent places are needed"
        return Judgement(verdict=Verdict.UNKNOWN, unknown_because=because)
    found = (finding(), finding("ux", severity=Severity.MINOR, seen="the spinner still turned after 28 s")) if bad else ()
    return Judgement(verdict=Verdict.FAIL if bad else Verdict.PASS, findings=found, fault_felt=one.fault is not None)


def hostile(*, text: str = HOSTILE) -> tuple[Journal, dict[str, Judgement]]:
    """Every free string of three scenarios is ``text``: one fails, one is unknown, one passes."""
    plans = [scenario("login", 1004, "refused", text=text), scenario("login", 2005, "hang", text=text)]
    plans.append(scenario("login", None, None, kind="forgery", text=text))
    records = [record_of(one, evidence(one, text=text, screenshot=f"data/../{text}")) for one in plans]
    judgements = {
        plans[0].id: Judgement(verdict=Verdict.FAIL, findings=(finding(text=text), finding(text, text=text)), fault_felt=True),
        plans[1].id: Judgement(verdict=Verdict.UNKNOWN, unknown_because=f"unfelt {text}"),
        plans[2].id: Judgement(verdict=Verdict.PASS),
    }
    return journal_of(records, text=text), judgements


def write_png(path: Path) -> None:
    """A small picture of a page: a bar, a form, a button."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_picture(320, 200))


@cache
def _picture(width: int, height: int) -> bytes:
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            inside = 90 < x < 230 and 60 < y < 170
            button = 105 < x < 215 and 140 < y < 160
            colour = (38, 84, 190) if y < 24 or button else (255, 255, 255) if inside else (233, 237, 243)
            rows += bytes(colour)
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", size), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")]
    parts = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
