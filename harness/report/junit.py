"""``junit.xml``: fail is a failure, unknown is an error; skipped is what is waived, as pytest writes an xfail, and no other."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from harness.journal.model import Finding, Verdict, Waived
from harness.report.text import one_line, visible
from harness.report.view import RunView, ScenarioView


def junit_xml(view: RunView) -> bytes:
    """Render the run as one test suite; the time of a case is its real time in seconds."""
    seconds = sum(one.record.evidence.real_ms for one in view.scenarios) / 1000
    counts = {
        "tests": str(len(view.scenarios)),
        "failures": str(sum(one.verdict is Verdict.FAIL for one in view.scenarios)),
        "errors": str(sum(one.verdict is Verdict.UNKNOWN for one in view.scenarios)),
        "skipped": str(sum(one.verdict is Verdict.WAIVED for one in view.scenarios)),
        "time": f"{seconds:.3f}",
    }
    root = ET.Element("testsuites", {"name": "captchaos", **counts})
    began = datetime.fromtimestamp(view.run.began_unix_s, UTC).isoformat(timespec="seconds")
    suite = ET.SubElement(root, "testsuite", {"name": f"captchaos.{one_line(view.run.target)}", "timestamp": began, **counts})
    for one in view.scenarios:
        _case(suite, one)
    ET.indent(root)
    rendered: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return rendered


def _case(suite: ET.Element, one: ScenarioView) -> None:
    scenario = one.record.scenario
    case = ET.SubElement(
        suite,
        "testcase",
        {
            "classname": ".".join(one_line(part) for part in (scenario.target, scenario.flow, scenario.link)),
            "name": visible(one.id),
            "time": f"{one.record.evidence.real_ms / 1000:.3f}",
        },
    )
    again = f"run it again: {visible(one.command)}"
    if one.verdict is Verdict.FAIL:
        findings = one.judgement.findings
        first = one_line(f"{findings[0].oracle}: {findings[0].seen}", 300) if findings else "failed"
        kind = visible(findings[0].oracle) if findings else "fail"
        failure = ET.SubElement(case, "failure", {"message": first, "type": kind})
        failure.text = "\n\n".join([*map(_finding, findings), again])
    elif one.verdict is Verdict.UNKNOWN:
        because = visible(one.judgement.unknown_because)
        error = ET.SubElement(case, "error", {"message": one_line(because, 300), "type": "unknown"})
        error.text = f"unknown: {because}\n\n{again}"
    elif one.verdict is Verdict.WAIVED:
        waiver = one.judgement.waived[0].waiver
        message = one_line(f"waived until {waiver.until}: {waiver.reason}", 300)
        skipped = ET.SubElement(case, "skipped", {"message": message, "type": "waived"})
        skipped.text = "\n\n".join([*map(_waived, one.judgement.waived), again])


def _waived(waived: Waived) -> str:
    return f"waived until {waived.waiver.until}: {visible(waived.waiver.reason)}\n{_finding(waived.finding)}"


def _finding(finding: Finding) -> str:
    lines = (
        f"{finding.oracle} ({finding.severity.value})",
        f"  expected: {finding.expected}",
        f"  seen:     {finding.seen}",
        f"  source:   {finding.source}",
        f"  mend:     {finding.mend}",
    )
    return "\n".join(visible(line) for line in lines)
