"""Read a journal back, strictly, forgiving only the unfinished last line of a run that was killed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from harness.errors import JournalError, closest
from harness.journal.codec import decode
from harness.journal.model import Judgement, Record, RunInfo

SCHEMA = 1
_TYPES = ("run", "record", "judgement", "end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """A run as it was recorded.

    ``records`` in the order written (a repeated scenario stands there once per attempt); ``judgements`` by scenario id, the
    latest of each; ``ended``: the run came to its end; ``truncated``: its last line was cut off and is left out.
    """

    run: RunInfo
    records: tuple[Record, ...]
    judgements: Mapping[str, Judgement]
    ended: bool
    truncated: bool


def read_journal(path: Path) -> Journal:
    """Read ``journal.jsonl``; raises :class:`JournalError` with ``file:line`` and what is wrong there."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as problem:
        raise JournalError(f"the journal {path} cannot be read: {problem.strerror}") from problem
    tail = lines.pop()
    gathered = _Gathered()
    for number, line in enumerate(lines, start=1):
        _take_line(gathered, line, f"{path}:{number}")
    truncated = bool(tail) and not _take_tail(gathered, tail, f"{path}:{len(lines) + 1}")
    if gathered.run is None:
        raise JournalError(f"the journal {path} has no head: its run was killed before it began, or it is no journal")
    return Journal(
        run=gathered.run,
        records=tuple(gathered.records),
        judgements=gathered.judgements,
        ended=gathered.ended,
        truncated=truncated,
    )


class _Gathered:
    def __init__(self) -> None:
        self.run: RunInfo | None = None
        self.records: list[Record] = []
        self.judgements: dict[str, Judgement] = {}
        self.ended = False

    def take(self, entry: Any) -> None:
        if type(entry) is not dict or entry.get("type") not in _TYPES:
            found = entry.get("type") if type(entry) is dict else entry
            raise JournalError(f"no entry of a journal is of type {str(found)[:60]!r}{closest(str(found)[:60], _TYPES)}")
        kind = entry["type"]
        if self.run is None and kind != "run":
            raise JournalError(f"the first entry should be the run's head and is a {kind}")
        if kind == "run":
            self._take_run(entry.get("run"))
        elif kind == "record":
            self.records.append(decode(Record, entry.get("record")))
        elif kind == "judgement":
            self._take_judgement(entry)
        self.ended = kind == "end"

    def _take_run(self, data: Any) -> None:
        schema = data.get("schema", SCHEMA) if type(data) is dict else SCHEMA
        if schema != SCHEMA:
            raise JournalError(
                f"the journal has schema {schema!r}, this captchaos reads {SCHEMA}: use the version that wrote it"
            )
        if self.run is None:  # a resumed run writes its head again: the first one says when the run began
            self.run = decode(RunInfo, data)

    def _take_judgement(self, entry: dict[str, Any]) -> None:
        if type(entry.get("id")) is not str:
            raise JournalError("a judgement lacks the id of its scenario")
        self.judgements[entry["id"]] = decode(Judgement, entry.get("judgement"))


def _take_line(gathered: _Gathered, line: bytes, where: str) -> None:
    try:
        gathered.take(_parse(line))
    except ValueError as problem:
        raise JournalError(
            f"{where}: this is no line of JSON ({problem}); restore the file, or cut it before here"
        ) from problem
    except JournalError as problem:
        raise JournalError(f"{where}: {problem}") from problem


def _take_tail(gathered: _Gathered, tail: bytes, where: str) -> bool:
    """Take a last line that lacks only its newline; say whether it was whole."""
    try:
        entry = _parse(tail)
    except ValueError:
        return False
    try:
        gathered.take(entry)
    except JournalError as problem:
        raise JournalError(f"{where}: {problem}") from problem
    return True


def _parse(line: bytes) -> Any:
    return json.loads(line, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
