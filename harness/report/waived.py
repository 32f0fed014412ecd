"""What a terminal says of a run's verdicts and waivers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.journal.model import Judgement, RunInfo, Verdict
from harness.journal.waivers import WaiverState, WaiverUse, uses_of
from harness.report.text import one_line

_ALWAYS = (Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN)
_SAID = {
    WaiverState.STALE: "is stale: in every scenario that could show it it was looked for and never found; take it out",
    WaiverState.EXPIRED: "has expired: its findings count again",
}


def waiver_lines(run: RunInfo, judgements: Mapping[str, Judgement]) -> list[str]:
    """Say what was waived, what was worse, what is stale or has expired; nothing of what was not looked for everywhere."""
    return [line for use in uses_of(run, judgements) for line in _lines(use)]


def by_waiver_only(judgements: Mapping[str, Judgement]) -> str:
    """The last word on a run that passes by its waivers; empty where there is none, or where the run does not pass."""
    found = [judgement.verdict for judgement in judgements.values()]
    count = found.count(Verdict.WAIVED)
    if not count or {Verdict.FAIL, Verdict.UNKNOWN} & set(found):
        return ""
    return f"passed by waiver only: without [[waivers]] {_scenarios(count)} would fail"


def in_words(counts: Mapping[Verdict, int]) -> str:
    """Count scenarios by verdict; what is waived is named where there is any."""
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict] or verdict in _ALWAYS)


def _lines(use: WaiverUse) -> Iterator[str]:
    waiver = use.waiver
    named = f"the waiver of {waiver.finding}{f' on {waiver.scenarios}' if waiver.scenarios else ''} until {waiver.until}"
    if use.scenarios:
        yield f"waived {waiver.finding} in {_shown(use.scenarios)} until {waiver.until}: {one_line(waiver.reason)}"
    if use.worse:
        yield f"{named} covers nothing that is worse, as what was found in {_shown(use.worse)} is: see its key severity"
    if use.state in _SAID:
        yield f"{named} {_SAID[use.state]}"


def _shown(ids: Sequence[str]) -> str:
    return ids[0] if len(ids) == 1 else f"{_scenarios(len(ids))}, as in {ids[0]},"


def _scenarios(count: int) -> str:
    return "1 scenario" if count == 1 else f"{count} scenarios"
