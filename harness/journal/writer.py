"""Append a run's evidence, one JSON line an entry, so that whatever kills the run leaves a readable journal behind."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import JournalError
from harness.journal.codec import encode
from harness.journal.model import Judgement, Record, RunInfo
from harness.journal.secrets import Masker

FILE_NAME = "journal.jsonl"


class JournalWriter:
    """Append entries to one file; each is handed to the operating system whole before the call returns.

    An existing journal is continued; the unfinished line that a killed run left at its end is cut off first. When the disk
    is full the entry is taken back as a whole and :class:`JournalError` is raised: what was written before stays readable.
    """

    def __init__(self, path: Path, *, masker: Masker | None = None) -> None:
        self.path = path
        self._text = masker or Masker()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            self._good = _cut_unfinished_line(self._file)
        except OSError as problem:
            raise JournalError(f"the journal {path} cannot be opened for writing: {_why(problem)}") from problem

    def run(self, run: RunInfo) -> None:
        """Write the head of the journal."""
        self._append({"type": "run", "run": encode(run, text=self._text)})

    def record(self, record: Record) -> None:
        """Write one scenario's evidence."""
        self._append({"type": "record", "record": encode(record, text=self._text)})

    def judgement(self, scenario_id: str, judgement: Judgement) -> None:
        """Write the verdict on one scenario; a later one for the same scenario replaces it on reading."""
        entry = {"type": "judgement", "id": self._text(scenario_id), "judgement": encode(judgement, text=self._text)}
        self._append(entry)

    def end(self) -> None:
        """Write that the run came to its end; a journal without this line is of a run that was cut short."""
        self._append({"type": "end"})

    def close(self) -> None:
        """Close the file; closing twice does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _append(self, entry: dict[str, object]) -> None:
        if self._file < 0:
            raise JournalError(f"the journal {self.path} is closed: nothing more can be written to it")
        # ASCII only: a page's lone surrogates survive, and no character of it can end the line.
        line = json.dumps(entry, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode() + b"\n"
        try:
            _write_all(self._file, line)
        except OSError as problem:
            self._take_back()
            raise JournalError(
                f"the journal {self.path} cannot be written: {_why(problem)}; "
                "what was recorded before is kept, make room and run again"
            ) from problem
        self._good += len(line)

    def _take_back(self) -> None:
        try:
            os.ftruncate(self._file, self._good)
        except OSError:
            # A device or a broken disk: the reader copes with an unfinished last line, but nothing may be added to it.
            self.close()


def _write_all(file: int, line: bytes) -> None:
    view = memoryview(line)
    while view:
        view = view[os.write(file, view) :]


def _cut_unfinished_line(file: int, chunk: int = 1 << 16) -> int:
    """Drop what stands after the last newline and return the length that is left, in bytes."""
    size = end = os.fstat(file).st_size
    while end > 0:
        start = max(0, end - chunk)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end < size:
        os.ftruncate(file, end)
    return end


def _why(problem: OSError) -> str:
    return problem.strerror or type(problem).__name__
