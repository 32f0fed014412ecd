"""``index.html`` and a page per scenario: whole without a network, readable without JavaScript, everything escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path, PurePosixPath

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from harness.catalog import Family
from harness.journal.model import Verdict
from harness.judge.crowd_policies import unreached
from harness.report import text
from harness.report.both_sides import both_sides
from harness.report.coverage import Coverage, heat
from harness.report.crowd import crowd_rows, untried
from harness.report.findings import group_findings, group_unknowns
from harness.report.mending import fragment, needed
from harness.report.recovery import recoveries
from harness.report.timeline import draw
from harness.report.view import RunView, ScenarioView
from harness.report.words import headline, oracle_title, translator

SIGNS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.UNKNOWN: "?", Verdict.WAIVED: "◇"}
MOST_ROWS = 300


class Pages:
    """The HTML of one run, in one language. ``out_dir`` is where screenshots named by the journal are looked for."""

    def __init__(self, view: RunView, coverage: Coverage, out_dir: Path, *, lang: str) -> None:
        self._view = view
        self._coverage = coverage
        self._out_dir = out_dir
        self._t = translator(lang)
        self._lang = lang
        self._mended = needed(view, lang)
        self._templates = self._environment(lang)

    def index(self) -> str:
        """Render the first page."""
        view, scenarios = self._view, self._view.scenarios
        failed, unknown, waived = (view.count(verdict) for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WAIVED))
        return self._templates.get_template("index.html.j2").render(
            view=view,
            began=datetime.fromtimestamp(view.run.began_unix_s, UTC),
            headline=headline(
                self._t, total=len(view.judged), failed=failed, unknown=unknown, waived=waived, whole=not view.gap
            ),
            passed=view.count(Verdict.PASS),
            failed=failed,
            unknown=unknown,
            waived=waived,
            sides=both_sides(view),
            groups=group_findings(scenarios),
            unknowns=group_unknowns(scenarios),
            coverage=self._coverage,
            documented=len(self._coverage.documented),
            families=tuple(Family),
            heat=heat(scenarios, self._coverage.documented),
            recoveries=recoveries(view),
            crowds=[
                (one, tuple(crowd_rows(one.record.evidence)), tuple(unreached(one.record)), untried(one.record))
                for one in scenarios
                if one.record.evidence.crowd
            ],
        )

    def scenarios(self) -> Iterator[tuple[str, str]]:
        """Yield file name and page of every scenario."""
        template = self._templates.get_template("scenario.html.j2")
        for one in self._view.scenarios:
            screens = [(visit, self._screenshot(visit.screenshot)) for visit in one.record.evidence.visits]
            yield (
                one.page,
                template.render(
                    view=self._view,
                    one=one,
                    scenario=one.record.scenario,
                    evidence=one.record.evidence,
                    timeline=draw(one.record.evidence),
                    crowd=tuple(crowd_rows(one.record.evidence)),
                    untried=untried(one.record),
                    screens=[(visit, path) for visit, path in screens if path],
                    most=MOST_ROWS,
                    places=len({seen.place for seen in one.record.evidence.sightings}),
                    tone=_tone(one),
                ),
            )

    def mending(self) -> Iterator[tuple[str, str]]:
        """Yield file name and page of how each thing that was found is mended."""
        template = self._templates.get_template("mend.html.j2")
        for name in sorted(self._mended):
            yield f"{name}.html", template.render(name=name, content=fragment(name, self._lang))

    def _screenshot(self, named: str) -> str:
        """The way from a scenario's page to a screenshot that really lies in the run's data folder, else nothing."""
        path = PurePosixPath(named)
        if path.parts[:1] != ("data",) or ".." in path.parts:
            return ""
        try:
            found = (self._out_dir / path).is_file()
        except OSError:  # a name that no file system takes
            return ""
        return f"../../{path}" if found else ""

    def _environment(self, lang: str) -> Environment:
        templates = Environment(
            loader=PackageLoader("harness.report", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters.update(said=text.visible, line=text.one_line, ms=text.duration)
        script = files("harness.report").joinpath("templates", "filter.js").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        templates.globals.update(
            t=self._t,
            mended=self._mended,
            lang="zh-CN" if lang == "zh" else lang,
            signs=SIGNS,
            oracle_title=lambda slug: oracle_title(slug, self._t),
            script=Markup(script),  # noqa: S704 - our own file, no data in it
            script_digest=digest,
        )
        return templates


def _tone(one: ScenarioView) -> dict[str, str]:
    """How the figures at the head of a scenario's page look: good, bad or plain."""
    expect, visit = one.record.scenario.expect, one.visit
    plain = dict.fromkeys(("ticket", "business", "felt"), "plain")
    if not visit:
        return plain
    ticket_right = one.error_code in expect.codes if expect.codes else one.error_code is None
    outcome_right = visit.outcome == expect.outcome
    felt = "good" if one.judgement.fault_felt else "bad" if one.record.scenario.fault else "plain"
    return {"ticket": "good" if ticket_right else "bad", "business": "good" if outcome_right else "bad", "felt": felt}
