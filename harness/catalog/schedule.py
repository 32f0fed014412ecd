"""A schedule: several faults of one flow, each with its link, its moment and how long it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TypeVar

from harness.catalog.words import Phase, Warmth
from harness.errors import UsageError, closest

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One fault of a schedule: on which link, in which phase, on a fresh connection or an open one.

    ``parameters`` are handed to the fault. ``lasts_ms``: real ms from the first request or connection that meets it to its end,
    None: until all is healed.
    """

    link: str
    fault: str
    parameters: tuple[tuple[str, int], ...] = ()
    phase: Phase = Phase.BEFORE_LOAD
    warmth: Warmth = Warmth.COLD
    lasts_ms: int | None = None

    def __str__(self) -> str:
        """Say it as a person would: ``frame refused, cold, before-load``."""
        numbers = "".join(f" {name}={value}" for name, value in self.parameters)
        lasts = "" if self.lasts_ms is None else f", for {self.lasts_ms} ms"
        return f"{self.link} {self.fault}{numbers}, {self.warmth}, {self.phase}{lasts}"

    def as_data(self) -> dict[str, object]:
        """Write it as plain JSON data, in the form that a journal has."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        return data | {
            "parameters": [list(pair) for pair in self.parameters],
            "phase": str(self.phase),
            "warmth": str(self.warmth),
        }

    @classmethod
    def from_data(cls, data: object, *, where: str = "stroke") -> Stroke:
        """Read what :meth:`as_data` wrote; raises UsageError that names the place and the closest match."""
        record = _object(data, where, [field.name for field in fields(cls)])
        lasts_ms = record.get("lasts_ms")
        return cls(
            link=_text(record, "link", where),
            fault=_text(record, "fault", where),
            parameters=tuple(_pairs(record.get("parameters", []), f"{where}.parameters")),
            phase=_word(Phase, record.get("phase", Phase.BEFORE_LOAD.value), f"{where}.phase"),
            warmth=_word(Warmth, record.get("warmth", Warmth.COLD.value), f"{where}.warmth"),
            lasts_ms=None if lasts_ms is None else _whole(lasts_ms, f"{where}.lasts_ms", least=1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Faults of one flow; those of one phase strike in the order in which they stand here."""

    strokes: tuple[Stroke, ...] = ()

    def __str__(self) -> str:
        """Say it in one line: ``frame refused, cold, before-load; then verdict hang, cold, during-verdict``."""
        return "; then ".join(map(str, self.strokes)) or "nothing is broken"

    def __len__(self) -> int:
        """Count its faults."""
        return len(self.strokes)

    def as_data(self) -> dict[str, object]:
        """Write it as plain JSON data, in the form that a journal has."""
        return {"strokes": [stroke.as_data() for stroke in self.strokes]}

    @classmethod
    def from_data(cls, data: object, *, where: str = "schedule") -> Schedule:
        """Read what :meth:`as_data` wrote; raises UsageError that names the place and the closest match."""
        strokes = _object(data, where, ["strokes"]).get("strokes", [])
        if not isinstance(strokes, list):
            raise UsageError(f"{where}.strokes must be a list, not {strokes!r:.60}")
        return cls(strokes=tuple(Stroke.from_data(one, where=f"{where}.strokes[{i}]") for i, one in enumerate(strokes)))


def _object(data: object, where: str, known: Iterable[str]) -> Mapping[str, object]:
    names = list(known)
    if not isinstance(data, dict):
        raise UsageError(f"{where} must be an object, not {data!r:.60}")
    if unknown := next((name for name in data if name not in names), None):
        raise UsageError(f"{where} has no field {unknown!r:.60}{closest(str(unknown), names)}")
    return data


def _text(record: Mapping[str, object], name: str, where: str) -> str:
    value = record.get(name)
    if not isinstance(value, str) or not value:
        raise UsageError(f"{where}.{name} must be a name, not {value!r:.60}")
    return value


def _whole(value: object, where: str, *, least: int | None = None) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or (least is not None and value < least):
        from_least = "" if least is None else f" from {least}"
        raise UsageError(f"{where} must be a whole number{from_least}, not {value!r:.60}")
    return value


def _pairs(data: object, where: str) -> Iterable[tuple[str, int]]:
    if not isinstance(data, list):
        raise UsageError(f"{where} must be a list of [name, number], not {data!r:.60}")
    for number, pair in enumerate(data):
        if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise UsageError(f"{where}[{number}] must be [name, number], not {pair!r:.60}")
        yield pair[0], _whole(pair[1], f"{where}[{number}]")


def _word(kind: type[Word], value: object, where: str) -> Word:
    if isinstance(value, str) and value in set(kind):
        return kind(value)
    raise UsageError(f"{where} must be one of its words, not {value!r:.60}{closest(str(value), [word.value for word in kind])}")
