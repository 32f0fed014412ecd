"""From evidence to a verdict: pass, fail or unknown, and unknown is never a pass."""

from __future__ import annotations

from collections.abc import Sequence

from harness.catalog import Waiver
from harness.journal.model import Finding, Judgement, Record, Verdict
from harness.judge.controls import why_control_fails
from harness.judge.felt import felt, habit_missed, partly_felt
from harness.judge.noise import noise
from harness.judge.oracle import ORACLES, EvidenceMissing, Oracle
from harness.judge.waiving import waive

_WORST_FIRST = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED, Verdict.PASS)


def judge(record: Record, *, controls: Sequence[Record]) -> Judgement:
    """Judge one record; ``controls`` are the control records of its run, of which those that concern it are used.

    Findings are listed whatever the verdict; they make a fail only when nothing makes the verdict unknown.
    """
    findings, troubles = _examine(record)
    bitten = felt(record)
    reasons = [f"the laboratory broke: {record.evidence.lab_error}"] if record.evidence.lab_error else []
    if bitten.reason:
        reasons.append(bitten.reason)
    if record.scenario.kind != "control":
        reasons.extend(why_control_fails(record, controls, lambda control: judge(control, controls=()).verdict))
    reasons.extend(troubles)
    if not findings and (missed := habit_missed(record) or (bitten.felt and partly_felt(record))):
        reasons.append(missed)
    reasons.extend(noise(record, findings, controls))
    verdict = Verdict.UNKNOWN if reasons else Verdict.FAIL if findings else Verdict.PASS
    fault_felt = record.scenario.fault is not None and bitten.felt
    return Judgement(verdict=verdict, findings=findings, fault_felt=fault_felt, unknown_because="; ".join(reasons))


def judge_run(records: Sequence[Record], *, waivers: Sequence[Waiver] = ()) -> dict[str, Judgement]:
    """Judge a whole run, by scenario id: of repeats only the last attempt counts.

    ``waivers`` are those in force on its day (:func:`harness.journal.waivers.in_force`). A control that ran in several slots,
    or at both ends of one, stands once in the answer, with its worst verdict, and is never waived.
    """
    controls = standing_controls(records)
    judgements: dict[str, Judgement] = {}
    for control in controls:
        new = judge(control, controls=())
        old = judgements.get(control.scenario.id)
        if old is None or _WORST_FIRST.index(new.verdict) < _WORST_FIRST.index(old.verdict):
            judgements[control.scenario.id] = new
    for record in _standing(records):
        judgements[record.scenario.id] = waive(record.scenario, judge(record, controls=controls), waivers)
    return judgements


def _standing(records: Sequence[Record]) -> list[Record]:
    latest: dict[str, Record] = {}
    for record in records:
        known = latest.get(record.scenario.id)
        if record.scenario.kind != "control" and (known is None or record.attempt >= known.attempt):
            latest[record.scenario.id] = record
    return list(latest.values())


def standing_controls(records: Sequence[Record]) -> list[Record]:
    """The control records of a run that count: all, but of one that was repeated the last attempt alone.

    A repeat follows what it repeats in its slot; the control at the slot's other end is one of its own.
    """
    standing: list[Record] = []
    latest: dict[tuple[str, int], int] = {}
    for control in (record for record in records if record.scenario.kind == "control"):
        key = (control.scenario.id, control.slot)
        if control.attempt > 1 and key in latest:
            standing[latest[key]] = control
        else:
            latest[key] = len(standing)
            standing.append(control)
    return standing


def _examine(record: Record) -> tuple[tuple[Finding, ...], list[str]]:
    findings: list[Finding] = []
    troubles: list[str] = []
    asked = 0
    for slug, oracle in ORACLES.all().items():
        found, trouble = _ask(slug, oracle, record)
        asked += found is not None
        findings.extend(found or ())
        troubles.extend([trouble] if trouble else [])
    if not asked and not troubles:
        troubles.append(f"no oracle has anything to say on a scenario of kind {record.scenario.kind}")
    return tuple(findings), troubles


def _ask(slug: str, oracle: Oracle, record: Record) -> tuple[tuple[Finding, ...] | None, str]:
    """Ask one oracle: its findings (None when it does not apply), and its trouble in words."""
    try:
        if not oracle.applies(record.scenario):
            return None, ""
        return tuple(oracle.examine(record)), ""
    except EvidenceMissing as missing:
        return (), f"the oracle {slug} cannot tell: {missing}"
    except Exception as crash:  # noqa: BLE001 - oracles are third-party code too; a crash must become unknown, whatever it is
        return (), f"the oracle {slug} crashed: {type(crash).__name__}: {crash}"
