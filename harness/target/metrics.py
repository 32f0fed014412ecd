"""Read one metric of a target, in Prometheus' text format."""

from __future__ import annotations

from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from harness.errors import closest


@dataclass(frozen=True, slots=True, kw_only=True)
class Metered:
    """What a metric says, over all its labels; ``gauge``: it says how things stand, where a counter says how often.

    A name that is not there reads 0, since a counter with labels appears when it first counts; ``missing`` then says so.
    """

    value: float
    gauge: bool = False
    missing: str = ""


def read_metric(text: str, name: str) -> Metered:
    """Add up the samples of that name; raises ValueError when the text is not in Prometheus' format."""
    values: dict[str, list[float]] = {}
    gauges: set[str] = set()
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                values.setdefault(sample.name, []).append(sample.value)
                gauges |= {sample.name} if family.type == "gauge" else set()
    except (ValueError, IndexError) as error:
        raise ValueError(f"not in Prometheus' text format: {error}") from error
    # The parser calls a counter by its name in OpenMetrics, whatever the target calls it.
    found = values.get(name, values.get(f"{name}_total"))
    if found is None:
        return Metered(value=0.0, missing=f"no {name}{closest(name, values)}")
    return Metered(value=float(sum(found)), gauge=name in gauges)
