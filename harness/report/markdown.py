"""``summary.md``: the run as a CI job summary."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.catalog import Contradiction
from harness.journal.model import Verdict
from harness.journal.waivers import WaiverUse
from harness.report.coverage import Coverage
from harness.report.findings import FindingGroup, group_findings, group_unknowns
from harness.report.recovery import Recovery, recoveries
from harness.report.text import duration, one_line
from harness.report.view import RunView, ScenarioView
from harness.report.words import Translate, headline, oracle_title

_MOST = 8
_SIGN = {Verdict.PASS: "✅", Verdict.FAIL: "❌", Verdict.UNKNOWN: "❔", Verdict.WAIVED: "⚠️"}


def summary_md(view: RunView, coverage: Coverage, t: Translate) -> str:
    """Render verdict, what to mend, unknowns and coverage; what pages and targets said stands in code spans."""
    return "\n".join(_lines(view, coverage, t)) + "\n"


def _lines(view: RunView, coverage: Coverage, t: Translate) -> Iterator[str]:
    failed, unknown, waived = (view.count(verdict) for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED))
    said = headline(t, total=len(view.judged), failed=failed, unknown=unknown, waived=waived, whole=not view.gap)
    yield f"## {_SIGN[view.verdict]} captchaos: {said}"
    yield ""
    yield f"{t('run.target')} {code(view.run.target)} · {t('run.id')} {code(view.run.run_id)}"
    if view.gap:
        yield f"\n**{t(view.gap, n=view.not_run)}**"
    if view.truncated:
        yield f"\n**{t('truncated')}**"
    yield from (f"\n**{t('live')}**: {code(line, 1200)}" for line in view.run.live)
    yield from (f"\n**{t('untold')}**: {code(line, 1200)}" for line in view.run.untold)
    yield f"\n| {t('passed')} | {t('failed')} | {t('unknowns')} | {t('waived')} | {t('not-run.short')} |"
    yield "|---:|---:|---:|---:|---:|"
    yield f"| {view.count(Verdict.PASS)} | {failed} | {unknown} | {waived} | {view.not_run} |"
    if groups := group_findings(view.scenarios):
        yield f"\n### {t('mend.heading')}"
        for group in groups:
            yield from _group(group, t)
    if bearing := [one for one, found in view.contradictions if found]:
        yield f"\n### {t('contradictions.heading')}\n"
        yield from (_contradiction(one, t) for one in bearing)
    if unknowns := group_unknowns(view.scenarios):
        yield f"\n### {t('unknown.heading')}\n"
        for one in unknowns:
            yield f"- {code(one.because, 300)}: {_scenarios(one.scenarios, t)}"
    if after := recoveries(view):
        yield f"\n### {t('recovery.heading')}\n"
        yield from _recoveries(after, t)
    if view.waivers:
        yield f"\n### {t('waivers.heading')}\n"
        yield from (_waiver(use, t) for use in view.waivers)
    yield f"\n### {t('coverage.heading')}\n"
    yield f"- {t('coverage.modes')}: **{len(coverage.exercised)} / {len(coverage.documented)}**"
    yield f"- {t('coverage.survived')}: **{len(coverage.survived)} / {len(coverage.exercised)}**"
    yield f"- {t('coverage.cells')}: **{coverage.felt}**"


def _group(group: FindingGroup, t: Translate) -> Iterator[str]:
    finding = group.example
    title = _escape(oracle_title(group.oracle, t))
    yield f"\n**{title}** ({t('severity.' + group.severity.value)}, {t('hits', n=group.scenarios)})\n"
    yield f"- {t('expected')}: {_escape(finding.expected)}"
    yield f"- {t('seen')}: {code(finding.seen, 300)}"
    yield f"- {t('source')}: {_escape(finding.source)}"
    yield f"- {t('mend')}: {_escape(finding.mend)}"
    hit = tuple({one.scenario.id: one.scenario for one in group.hits}.values())
    yield f"- {_scenarios(hit, t)}"
    yield f"- {t('repeat')}: {code(hit[0].command, 300)}"


def _contradiction(one: Contradiction, t: Translate) -> str:
    bears_on = ", ".join(map(code, one.bears_on))
    return f"- {_escape(one.title)} {t('contradiction.demand')}: {_escape(one.demand)} ({bears_on})"


def _recoveries(after: Sequence[Recovery], t: Translate) -> Iterator[str]:
    yield f"| {t('recovery.who')} | {t('recovery.verified')} | {t('recovery.middle')} | {t('recovery.longest')} |"
    yield "|---|---:|---:|---:|"
    for one in after:
        times = f"{duration(one.middle_ms)} | {duration(one.longest_ms)}"
        yield f"| {t('recovery.' + one.who)} | {one.verified} / {one.came} | {times} |"


def _waiver(use: WaiverUse, t: Translate) -> str:
    waiver = use.waiver
    where = "".join(f" {code(one)}" for one in (waiver.scenarios, waiver.text) if one)
    said = t(f"waiver.{use.state.value}", n=len(use.scenarios))
    return f"- {code(waiver.finding)}{where} · {t('waiver.until', day=waiver.until)}: {_escape(waiver.reason)} ({said})"


def _scenarios(scenarios: tuple[ScenarioView, ...], t: Translate) -> str:
    shown = ", ".join(code(one.id) for one in scenarios[:_MOST])
    left = len(scenarios) - _MOST
    return f"{shown}, {t('more', n=left)}" if left > 0 else shown


def code(text: str, limit: int = 160) -> str:
    """A code span that its own text cannot end: hostile Markdown, links and HTML stay letters."""
    line = one_line(text, limit) or " "
    fence = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _escape(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|~&])", r"\\\1", one_line(text, 600))
