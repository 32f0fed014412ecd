"""A run as every report sees it: each scenario once, with its verdict and the figures people ask for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness import tickets
from harness.catalog import Contradiction
from harness.journal.model import OTHER_WAY, Judgement, Record, RunInfo, Verdict, Visit
from harness.journal.reader import Journal
from harness.journal.waivers import WaiverUse, uses_of

RECOVERY_VISITS = ("same-tab", "new-tab", "new-visitor")
NOT_JUDGED = Judgement(verdict=Verdict.UNKNOWN, unknown_because="the run was cut short before this scenario was judged")
_WORST_FIRST = {Verdict.FAIL: 0, Verdict.UNKNOWN: 1, Verdict.WAIVED: 2, Verdict.PASS: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioView:
    """One scenario: the record that counts, the ones it replaced, the verdict, and where its page is.

    ``recovery_ms`` is the longest business time, in page time, of the visits after the fault; None when one never completed.
    """

    record: Record
    earlier: tuple[Record, ...]
    judgement: Judgement
    page: str
    visit: Visit | None
    tickets: tuple[str, ...]
    error_code: int | None
    recovery_ms: float | None
    target_words: str = ""
    browser_engine: str = "chromium"

    @property
    def id(self) -> str:
        """The scenario's id."""
        return self.record.scenario.id

    @property
    def verdict(self) -> Verdict:
        """The verdict that counts."""
        return self.judgement.verdict

    @property
    def command(self) -> str:
        """The one command that runs it again."""
        if self.record.scenario.kind == "schedule":
            # No plan has it: it is known by its run alone.
            return f"captchaos replay RUN {shlex.quote(self.id)}"
        target = f"{shlex.quote(self.target_words)} " if self.target_words else ""
        engine = "" if self.browser_engine == "chromium" else f"--engine {shlex.quote(self.browser_engine)} "
        return f"captchaos run {target}{engine}-k {shlex.quote(self.id)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run: its scenarios, the worst first, whether it is whole, and what became of its waivers."""

    run: RunInfo
    scenarios: tuple[ScenarioView, ...]
    not_run: int
    ended: bool
    truncated: bool
    waivers: tuple[WaiverUse, ...] = ()

    @property
    def contradictions(self) -> tuple[tuple[Contradiction, bool], ...]:
        """Where the vendors' documents contradict each other, and whether a finding of this run rests on it, those first."""
        found = {one.oracle for seen in self.scenarios for one in seen.judgement.findings}
        told = [(one, bool(found & set(one.bears_on))) for one in self.run.contradictions]
        return tuple(sorted(told, key=lambda pair: not pair[1]))

    def contradicting(self, oracle: str) -> tuple[Contradiction, ...]:
        """The contradictions on which the findings of one oracle rest."""
        return tuple(one for one in self.run.contradictions if oracle in one.bears_on)

    @property
    def judged(self) -> tuple[ScenarioView, ...]:
        """The scenarios that are about the target: all but the controls."""
        return tuple(one for one in self.scenarios if one.record.scenario.kind != "control")

    @property
    def sick_controls(self) -> tuple[ScenarioView, ...]:
        """The controls that did not pass."""
        controls = (one for one in self.scenarios if one.record.scenario.kind == "control")
        return tuple(one for one in controls if one.verdict is not Verdict.PASS)

    def count(self, verdict: Verdict) -> int:
        """How many scenarios have this verdict, controls not counted."""
        return sum(one.verdict is verdict for one in self.judged)

    @property
    def gap(self) -> str:
        """The name of the sentence on what is missing of the run; "" where nothing is."""
        if self.not_run:
            return "not-run" if self.ended else "not-ended"
        return "" if self.ended else "not-whole"

    @property
    def verdict(self) -> Verdict:
        """Fail when any fails; pass only when all ran and passed, waived when of those that ran some passed by waiver only.

        What a budget has left out need not have run, as long as something has.
        """
        found = {one.verdict for one in self.scenarios}
        if Verdict.FAIL in found:
            return Verdict.FAIL
        missing = self.not_run and not (self.run.budget_s and self.judged)
        if not found or missing or not self.ended or Verdict.UNKNOWN in found:
            return Verdict.UNKNOWN
        return Verdict.WAIVED if Verdict.WAIVED in found else Verdict.PASS


def view_run(journal: Journal, judgements: Mapping[str, Judgement]) -> RunView:
    """Gather a journal's records by scenario; of a repeated scenario the last attempt counts."""
    by_id: dict[str, list[Record]] = {}
    for record in journal.records:
        by_id.setdefault(record.scenario.id, []).append(record)
    pages = _pages(by_id)
    views = [_view(records, judgements.get(id_, NOT_JUDGED), pages[id_], journal.run) for id_, records in by_id.items()]
    views.sort(key=lambda one: (_WORST_FIRST[one.verdict], one.record.scenario.kind == "control"))
    return RunView(
        run=journal.run,
        scenarios=tuple(views),
        not_run=max(0, journal.run.planned - sum(view.record.scenario.kind != "control" for view in views)),
        ended=journal.ended,
        truncated=journal.truncated,
        waivers=uses_of(journal.run, judgements),
    )


def _view(records: list[Record], judgement: Judgement, page: str, run: RunInfo) -> ScenarioView:
    record = records[-1]
    visits = record.evidence.visits
    seen = tuple(dict.fromkeys(ticket.text for ticket in record.evidence.tickets if ticket.visit != OTHER_WAY))
    return ScenarioView(
        record=record,
        earlier=tuple(records[:-1]),
        judgement=judgement,
        page=page,
        visit=next((visit for visit in visits if visit.name not in RECOVERY_VISITS), None),
        tickets=seen,
        error_code=_error_code(seen),
        recovery_ms=_recovery_ms(visits),
        target_words=run.target_words,
        browser_engine=run.browser_engine,
    )


def _error_code(seen: Iterable[str]) -> int | None:
    """The code of the first fallback ticket."""
    readings = (tickets.read(text).ticket for text in seen)
    return next((ticket.code for ticket in readings if ticket), None)


def _recovery_ms(visits: Iterable[Visit]) -> float | None:
    times = [visit.business_ms for visit in visits if visit.name in RECOVERY_VISITS]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None


def _pages(ids: Iterable[str]) -> dict[str, str]:
    """A file name for each id that every file system takes, no two the same."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for id_ in ids:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", id_)[:100].strip(".-") or "scenario"
        name, count = stem, 1
        while name.lower() in taken:
            count += 1
            name = f"{stem}-{count}"
        taken.add(name.lower())
        names[id_] = f"{name}.html"
    return names
