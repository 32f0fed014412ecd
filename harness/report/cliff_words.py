"""What a search for a cliff has found, in words: where it degrades and breaks, how sure that is, and what it was last time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.journal.cliff import Cliff, CliffRun, Count, Edge
from harness.report.text import one_line

_BEGINS = {"degraded": "fallback", "broken": "breaks"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; ``was`` is "" where the last run says nothing, or nothing else."""

    flow: str
    link: str
    kind: str
    fallback: str
    breaks: str
    was: str
    how: str
    looks: int
    took_s: float
    notes: tuple[str, ...] = ()


def amount(value: float, unit: str) -> str:
    """A value in its unit as people read it: ``400 ms``, ``2.45 s``, ``12 KB/s``, ``3 lost``."""
    if unit != "ms":
        return f"{value:g} {unit}"
    return f"{value:.0f} ms" if value < 995 else f"{value / 1000:.2f} s" if value < 9_995 else f"{value / 1000:.1f} s"


def where(edge: Edge | None, cliff: Cliff) -> str:
    """Where a level begins, with its interval: ``from 2.45 s ± 0.05 s``, ``never (to 30.0 s)``, ``not repeatable``."""
    if edge is None:
        return "unknown"
    if not edge.found:
        return f"not repeatable: {'; '.join(_seen(one, cliff) for one in edge.noisy[:3])}"
    if edge.bad is None:
        return f"never (to {amount(cliff.worst, cliff.unit)})"
    thin = cliff.worst < cliff.mildest
    word = "at" if thin else "from"
    if edge.mild is None:
        return f"already {word} {amount(edge.bad, cliff.unit)}"
    if abs(edge.bad - edge.mild) == 1:
        return f"{word} {amount(edge.bad, cliff.unit)}"
    middle, half = (edge.bad + edge.mild) / 2, abs(edge.bad - edge.mild) / 2
    return f"{word} {amount(middle, cliff.unit)} ± {_half(half, middle, cliff.unit)}"


def _half(half: float, middle: float, unit: str) -> str:
    # Both of one pair in one unit, or nobody can compare them.
    if unit == "ms" and middle >= 995:
        return f"{half / 1000:.2f} s" if middle < 9_995 else f"{half / 1000:.1f} s"
    return amount(half, unit)


def notes(cliff: Cliff) -> Iterator[str]:
    """What must be known beside the two values: noise, contradictions, why nothing is known."""
    if cliff.unknown:
        yield f"unknown: {one_line(cliff.unknown, 400)}"
    for edge in (cliff.degrades, cliff.breaks):
        if edge is None:
            continue
        if edge.noisy and edge.found:
            yield f"{_BEGINS[edge.level]}: noise inside the interval: {_seen_by_all(edge.noisy, cliff)}"
        if edge.islands:
            said = "; ".join(_seen(one, cliff) for one in edge.islands)
            yield f"{_BEGINS[edge.level]}: it does not simply get worse: {said}"


def _seen(count: Count, cliff: Cliff) -> str:
    return f"at {amount(count.value, cliff.unit)} in {count.bad} of {count.of} looks"


def _seen_by_all(counts: Sequence[Count], cliff: Cliff) -> str:
    if len(counts) == 1:
        return _seen(counts[0], cliff)
    first, last = (amount(one.value, cliff.unit) for one in (counts[0], counts[-1]))
    return f"between {first} and {last} in {sum(one.bad for one in counts)} of {sum(one.of for one in counts)} looks"


def moved(now: Cliff, before: Cliff | None) -> str:
    """What was otherwise in the last run: "" where the intervals overlap, or nothing can be compared."""
    if before is None or not (now.told and before.told):
        return ""
    pairs = ((now.degrades, before.degrades, "fallback"), (now.breaks, before.breaks, "breaks"))
    was = [f"{word} {where(then, before)}" for edge, then, word in pairs if edge and then and _differ(edge, then, now)]
    return f"was {', '.join(was)}" if was else ""


def _differ(edge: Edge, then: Edge, cliff: Cliff) -> bool:
    """Whether two intervals have no point in common; an open end reaches as far as its axis."""
    if edge.bad is None or then.bad is None:
        return (edge.bad is None) != (then.bad is None)
    (low, high), (low_then, high_then) = (_span(one, cliff) for one in (edge, then))
    return low > high_then or low_then > high


def _span(edge: Edge, cliff: Cliff) -> tuple[int, int]:
    assert edge.bad is not None
    low, high = sorted((cliff.mildest if edge.mild is None else edge.mild, edge.bad))
    return low, high


def sentence(cliff: Cliff) -> str:
    """The finding in one line: ``login verdict server-delay: fallback from 2.45 s ± 0.05 s, breaks never (to 30.0 s)``."""
    name = one_line(f"{cliff.flow} {cliff.link} {cliff.kind}")
    if cliff.unknown:
        return f"{name}: unknown, {one_line(cliff.unknown, 200)}"
    return f"{name}: fallback {where(cliff.degrades, cliff)}, breaks {where(cliff.breaks, cliff)}"


def unlike(run: CliffRun, before: CliffRun) -> str:
    """Why two runs cannot be compared, as words that follow the other's name; "" where they can."""
    if run.target != before.target:
        return one_line(f"is of the target {before.target}, and this of {run.target}")
    if run.patience_s != before.patience_s:
        return f"has a patience of {before.patience_s} s, and this of {run.patience_s} s"
    return ""


def rows(run: CliffRun, before: CliffRun | None) -> list[Row]:
    """The table, a row for each search; nothing is said of a run before that cannot be compared."""
    before = None if before is None or unlike(run, before) else before
    return [
        Row(
            flow=one_line(cliff.flow),
            link=one_line(cliff.link),
            kind=one_line(cliff.kind),
            fallback=where(cliff.degrades, cliff),
            breaks=where(cliff.breaks, cliff),
            was=one_line(moved(cliff, before.of(cliff.key) if before else None)),
            how=cliff.how,
            looks=len(cliff.looks),
            took_s=cliff.took_s,
            notes=tuple(notes(cliff)),
        )
        for cliff in run.cliffs
    ]


def table(found: list[Row]) -> list[str]:
    """The table as lines of text, its columns aligned; what must be known beside a row stands below it."""
    heads = ("flow", "link", "kind", "fallback", "breaks", "last run", "by")
    cells = [(one.flow, one.link, one.kind, one.fallback, one.breaks, one.was or "–", one.how) for one in found]
    widths = [max(len(row[place]) for row in (heads, *cells)) for place in range(len(heads))]
    lines = ["  ".join(word.ljust(width) for word, width in zip(heads, widths, strict=True)).rstrip()]
    for one, row in zip(found, cells, strict=True):
        lines.append("  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip())
        lines += [f"  note: {note}" for note in one.notes]
    return lines
