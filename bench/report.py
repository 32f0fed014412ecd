"""What was measured, as figures with their targets and as tables that say where the time went."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

from bench.arithmetic import Figure, figures_table, number, percentile, ratio, table
from bench.callbacks import Pressed
from bench.cliff import Found
from bench.costs import cost_rows, longest_waits
from bench.discovering import Discovered
from bench.fuzzing import Searched
from bench.parsing import Rates
from bench.provider import ProviderCosts
from bench.runs import Run
from bench.versus_plain import Plain
from harness.journal.model import Record, Verdict

SLOWEST = 10


@dataclass(slots=True)
class Measured:
    """Everything that was measured; what was not asked for is None or empty. ``load`` is the machine's before it began."""

    load: float
    applied_ms: list[float] = field(default_factory=list)
    faulty: Run | None = None
    faultless: Run | None = None
    twelve: Run | None = None
    plain: Plain | None = None
    provider: ProviderCosts | None = None
    cliff: Found | None = None
    discovered: Discovered | None = None
    parsing: Rates | None = None
    searched: Searched | None = None
    pressed: Pressed | None = None


def figures(measured: Measured) -> Iterator[Figure]:
    """Yield the figures, the promised ones first in each group."""
    faulty, faultless, twelve, plain = measured.faulty, measured.faultless, measured.twelve, measured.plain
    if faulty is not None and faultless is not None:
        yield Figure(
            name="run with faults ÷ the same steps without", measured=ratio(faulty.wall_s, faultless.wall_s), unit="×",
            bound=1.5,
        )
        yield from _of_run(faulty, "with faults")
        yield from _of_run(faultless, "without")
    if twelve is not None and plain is not None:
        ours_s = twelve.wall_s / twelve.scenarios
        plain_s = plain.total_s / len(plain.cases)
        yield Figure(
            name="plain suite ÷ engine, time per scenario, 12 scenarios", measured=ratio(plain_s, ours_s), unit="×", bound=20,
            bound_is="at least",
        )
        if faulty is not None:
            yield Figure(
                name="the same, against the engine's run above", unit="×",
                measured=ratio(plain_s, faulty.wall_s / faulty.scenarios),
            )
        yield Figure(
            name="the same 12, plain suite without its recovery visits",
            measured=ratio(plain.short_s / len(plain.cases), ours_s), unit="×",
        )
        yield Figure(name="engine, 12 scenarios, per scenario", measured=ours_s, unit="s")
        yield Figure(name="plain suite, per scenario", measured=plain_s, unit="s")
    if measured.applied_ms:
        yield Figure(
            name=f"fault applied and read back, median of {len(measured.applied_ms)}",
            measured=percentile(measured.applied_ms, 0.5), unit="ms", bound=5,
        )
        yield Figure(name="fault applied and read back, p99", measured=percentile(measured.applied_ms, 0.99), unit="ms")
    if measured.provider is not None:
        yield from _of_provider(measured.provider)
    if measured.cliff is not None:
        looks = len(measured.cliff.cliff.looks)
        yield Figure(name=f"cliff of one link, {looks} looks", measured=measured.cliff.wall_s, unit="s", bound=60)
    if measured.discovered is not None:
        seen = measured.discovered
        name = f"discover, {seen.flows} flows, {seen.edges} edges"
        yield Figure(name=name, measured=seen.wall_s, unit="s", bound=10)
    yield from _of_searches(measured)
    if measured.parsing is not None:
        yield from _of_parsing(measured.parsing)


def _of_searches(measured: Measured) -> Iterator[Figure]:
    if measured.searched is not None:
        yield from _of_search(measured.searched)
    if measured.pressed is not None:
        yield from _of_pages(measured.pressed)


def _of_search(found: Searched) -> Iterator[Figure]:
    name = "ticket search over HTTP ÷ the same client sending one ticket, per second"
    yield Figure(name=name, measured=found.to_constant, unit="×", bound=0.3, bound_is="at least")
    yield Figure(name="one ticket again and again, per second", measured=found.constant, unit="")
    yield Figure(name="the search, examples per second", measured=found.search, unit="")
    yield Figure(name="of one example: to make it", measured=found.making_ms, unit="ms")
    yield Figure(name="of one example: to ask the target, effects counted", measured=found.asking_ms, unit="ms")


def _of_pages(found: Pressed) -> Iterator[Figure]:
    name = "callbacks drawn on pages that are used again ÷ a reload for each, per second"
    yield Figure(name=name, measured=found.to_reloading, unit="×", bound=3, bound_is="at least")
    yield Figure(name="with a reload for each, examples per second", measured=found.reloading, unit="")
    yield Figure(name="on pages that are used again, examples per second", measured=found.used_again, unit="")
    yield Figure(name="pages opened even so, per example", measured=ratio(found.reloads, found.examples), unit="")


def _of_parsing(rates: Rates) -> Iterator[Figure]:
    name = "ticket parser ÷ a bare compiled pattern with its groups taken"
    yield Figure(name=name, measured=rates.to_bare, unit="×", bound=0.4, bound_is="at least")
    yield Figure(name="the same, ÷ the pattern matched alone", measured=ratio(rates.parser, rates.matched), unit="×")
    yield Figure(name="tickets read, per second", measured=rates.parser, unit="")
    yield Figure(name="tickets read, per second, every other one a near-miss", measured=rates.mixed, unit="")


def _of_provider(costs: ProviderCosts) -> Iterator[Figure]:
    yield Figure(
        name="verdict API, signature checked ÷ an empty route of the same server",
        measured=costs.verdict_to_empty, unit="×", bound=0.5, bound_is="at least",
    )
    yield Figure(name="verdict API, requests per second", measured=costs.verdict_per_s, unit="")
    yield Figure(name="verdict API, p99", measured=costs.verdict_p99_ms, unit="ms")
    yield Figure(name="an idle provider's process", measured=costs.idle_mb, unit="MB", bound=60)
    yield Figure(
        name="start of a provider ÷ opening a browser context", measured=ratio(costs.start_ms, costs.context_ms), unit="×",
        bound=1,
    )


def _of_run(run: Run, name: str) -> Iterator[Figure]:
    real_ms = [record.evidence.real_ms for record in run.faulty]
    yield Figure(name=f"{name}: whole run ({run.scenarios} scenarios, {run.jobs} jobs)", measured=run.wall_s, unit="s")
    yield Figure(name=f"{name}: scenarios per minute", measured=ratio(run.scenarios * 60, run.wall_s), unit="")
    for words, share in (("median", 0.5), ("p90", 0.9), ("longest", 1.0)):
        yield Figure(name=f"{name}: real time of a scenario, {words}", measured=percentile(real_ms, share) / 1000, unit="s")
    yield Figure(
        name=f"{name}: peak memory, {run.usage.processes} processes, {run.jobs} jobs", measured=run.usage.peak_mb, unit="MB"
    )


def print_report(measured: Measured, out: TextIO) -> None:
    """Print the figures, then where the time went."""
    out.write(f"{os.cpu_count()} cores, load {number(measured.load)} before it began\n")
    out.write(f"\n{figures_table(list(figures(measured)))}\n")
    named = {"with faults": measured.faulty, "without faults": measured.faultless, "the twelve": measured.twelve}
    for name, run in named.items():
        if run is not None:
            out.write(f"\n{_about(run, name)}\n")
    if measured.faulty is not None:
        out.write(f"\nThe slowest scenarios, and their longest stretch without an event\n\n{_slowest(measured.faulty)}\n")
    head = ("step", "per scenario", "median", "share of time")
    for name, run in named.items():
        if run is not None:
            out.write(f"\nWhat one scenario costs, {name}\n\n{table(head, cost_rows(run.faulty))}\n")
    if measured.plain is not None:
        out.write(f"\nThe plain suite\n\n{_plain(measured)}\n")


def _about(run: Run, name: str) -> str:
    verdicts = {verdict: sum(j.verdict is verdict for j in run.judgements.values()) for verdict in Verdict}
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in verdicts.items())
    cpu = ", ".join(f"{role} {seconds:.1f}" for role, seconds in sorted(run.usage.cpu_s.items(), key=lambda pair: -pair[1]))
    total_s = sum(run.usage.cpu_s.values())
    return (
        f"{name}: {counts} (controls included), {len(run.records)} records, {run.repeats} of them repeats, "
        f"load {number(run.load)} when it began; {run.parts}\n"
        f"CPU: {total_s:.1f} s in {run.wall_s:.1f} s, {total_s / max(1, len(run.records)):.2f} s a record ({cpu})"
    )


def _slowest(run: Run) -> str:
    slow = sorted(run.faulty, key=lambda record: -record.evidence.real_ms)[:SLOWEST]
    return table(("scenario", "real time", "clock", "waited for"), [_row(record) for record in slow])


def _row(record: Record) -> tuple[str, str, str, str]:
    again = f" (attempt {record.attempt})" if record.attempt > 1 else ""
    waits = "; ".join(longest_waits(record)) or "requests by HTTP"
    return record.scenario.id + again, f"{record.evidence.real_ms / 1000:.1f} s", record.evidence.clock, waits


def _plain(measured: Measured) -> str:
    plain, twelve = measured.plain, measured.twelve
    assert plain is not None
    ours = {r.scenario.id: r.evidence.real_ms / 1000 for r in twelve.records} if twelve is not None else {}
    rows = [
        (case["like"], *(f"{case[part]:.1f} s" for part in ("start_s", "fault_s", "recovery_s", "total_s")),
         f"{ours[case['like']]:.1f} s" if case["like"] in ours else "–")
        for case in plain.cases
    ]
    return table(("scenario", "start", "fault", "recovery", "plain, whole", "ours, real time"), rows)
