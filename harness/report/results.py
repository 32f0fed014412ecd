"""``results.json``: the run for machines. Its form is fixed by ``results.schema.json`` beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, cast

from harness.catalog import Contradiction
from harness.journal.model import Finding, Verdict, Waived
from harness.journal.waivers import WaiverUse
from harness.report.coverage import Coverage
from harness.report.recovery import Recovery, recoveries
from harness.report.text import one_line, visible
from harness.report.view import RunView, ScenarioView

_TICKET = 512


def results_schema() -> dict[str, Any]:
    """The JSON schema of ``results.json``, as shipped."""
    text = files("harness.report").joinpath("results.schema.json").read_text(encoding="utf-8")
    return cast(dict[str, Any], json.loads(text))


def results_json(view: RunView, coverage: Coverage) -> str:
    """Render the run as JSON text, one scenario after the other, the worst first."""
    data = {
        "schema": 1,
        "verdict": view.verdict.value,
        "run": _run(view),
        "counts": {verdict.value: view.count(verdict) for verdict in Verdict} | {"not_run": view.not_run},
        "coverage": {
            "cells_felt": coverage.felt,
            "cells_tried": len(coverage.cells),
            "modes_documented": len(coverage.documented),
            "modes_exercised": list(coverage.exercised),
            "modes_survived": list(coverage.survived),
        },
        "recovery": {one.who: _recovery(one) for one in recoveries(view)},
        "waivers": [_waiver(use) for use in view.waivers],
        "contradictions": [_contradiction(one, found=found) for one, found in view.contradictions],
        "scenarios": [_scenario(one) for one in view.scenarios],
    }
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _run(view: RunView) -> Mapping[str, object]:
    run = view.run
    return {
        "id": visible(run.run_id),
        "captchaos": visible(run.captchaos_version),
        "target": visible(run.target),
        "seed": run.seed,
        "began_unix_s": run.began_unix_s,
        "browser": visible(run.browser),
        "toxiproxy": visible(run.toxiproxy),
        "planned": run.planned,
        "jobs": run.jobs,
        "real_time": run.real_time,
        "ended": view.ended,
        "journal_truncated": view.truncated,
    } | {name: [visible(line) for line in said] for name, said in (("live", run.live), ("untold", run.untold)) if said}


def _scenario(one: ScenarioView) -> Mapping[str, object]:
    scenario, evidence, visit = one.record.scenario, one.record.evidence, one.visit
    return {
        "id": visible(one.id),
        "kind": scenario.kind,
        "provider": visible(scenario.provider),
        "build": visible(scenario.build),
        "flow": visible(scenario.flow),
        "link": visible(scenario.link),
        "fault": visible(scenario.fault.name) if scenario.fault else None,
        "family": scenario.fault.family.value if scenario.fault else None,
        "phase": scenario.phase.value,
        "warmth": scenario.warmth.value,
        "mode": scenario.mode,
        "expected_code": scenario.expect.codes[0] if scenario.expect.codes else None,
        "expected_codes": list(scenario.expect.codes),
        "expected_outcome": scenario.expect.outcome,
        "outcome": visit.outcome if visit else None,
        "tickets": [visible(text, _TICKET) for text in one.tickets],
        "error_code": one.error_code,
        "verdict": one.verdict.value,
        "unknown_because": visible(one.judgement.unknown_because),
        "findings": [_finding(finding) for finding in one.judgement.findings],
        "waived": [_waived(waived) for waived in one.judgement.waived],
        "fallback_ms": visit.fallback_ms if visit else None,
        "business_ms": visit.business_ms if visit else None,
        "recovery_ms": one.recovery_ms,
        "real_ms": evidence.real_ms,
        "requests_at_origin": {one_line(link): count for link, count in evidence.requests_at_origin},
        "fault_felt": one.judgement.fault_felt,
        "sightings": [{"place": seen.place.value, "what": visible(seen.what)} for seen in evidence.sightings],
        "clock": evidence.clock,
        "attempt": one.record.attempt,
        "command": visible(one.command),
    }


def _contradiction(one: Contradiction, *, found: bool) -> Mapping[str, object]:
    return {
        "title": visible(one.title),
        "one": visible(one.one),
        "one_source": visible(one.one_source),
        "other": visible(one.other),
        "other_source": visible(one.other_source),
        "demand": visible(one.demand),
        "why": visible(one.why),
        "bears_on": [visible(slug) for slug in one.bears_on],
        "found": found,
    }


def _recovery(one: Recovery) -> Mapping[str, object]:
    return {"came": one.came, "verified": one.verified, "middle_ms": one.middle_ms, "longest_ms": one.longest_ms}


def _waiver(use: WaiverUse) -> Mapping[str, object]:
    waiver = use.waiver
    return {
        "finding": visible(waiver.finding),
        "scenarios": visible(waiver.scenarios),
        "text": visible(waiver.text),
        "severity": waiver.severity,
        "reason": visible(waiver.reason),
        "until": waiver.until,
        "state": use.state.value,
        "waives": [visible(id_) for id_ in use.scenarios],
        "worse": [visible(id_) for id_ in use.worse],
    }


def _waived(waived: Waived) -> Mapping[str, str]:
    return {**_finding(waived.finding), "reason": visible(waived.waiver.reason), "until": waived.waiver.until}


def _finding(finding: Finding) -> Mapping[str, str]:
    return {
        "oracle": visible(finding.oracle),
        "severity": finding.severity.value,
        "expected": visible(finding.expected),
        "seen": visible(finding.seen),
        "source": visible(finding.source),
        "mend": visible(finding.mend),
    }
