"""Saved cases as test items: what a search once found is tried again, and passes when it has been mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError
from harness.explore.cases import ENDING, Case, Rerun, load, rerun
from harness.explore.kinds import Options
from harness.explore.telling import failed_again, where
from harness.report.text import one_line, visible


class CaseFile(pytest.File):
    """A file with one case."""

    def collect(self) -> Iterator[pytest.Item]:
        """Make the item; a file of another version is a collection error, in one sentence."""
        try:
            case = load(self.path)
        except HarnessError as error:
            raise self.CollectError(_shown(str(error))) from None
        yield CaseItem.from_parent(self, name=self.path.name.removesuffix(ENDING), case=case)


def _shown(sentence: str) -> str:
    """What an error says, where what a target has printed may stand."""
    return visible(sentence, len(sentence))


class CaseItem(pytest.Item):
    """A case; it fails when a fresh target still does what was found, and when that cannot be judged."""

    def __init__(self, *, case: Case, **words: Any) -> None:
        super().__init__(**words)
        self._case = case

    def runtest(self) -> None:
        """Run the case again."""
        try:
            again = rerun(self._case, options=Options())
        except HarnessError as error:
            said = _shown(str(error))
        else:
            if not again.seen and not again.unknown:
                return
            said = "\n".join((failed_again if again.seen else _not_judged)(self._case, again))
        raise pytest.fail.Exception(said, pytrace=False)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Where it stands, and what it is called."""
        return self.path, None, f"case {self.name}"


def _not_judged(case: Case, again: Rerun) -> Iterator[str]:
    """Why nobody knows whether a case still fails."""
    yield f"{where(case)}: {again.unknown} of {again.of} tries could not be judged"
    yield from (f"  because   {one_line(why, 300)}" for why in dict.fromkeys(again.because))
