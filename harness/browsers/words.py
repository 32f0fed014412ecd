"""What a browser engine says of a request that never left it, and what becomes of that in the lab."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One engine's words.

    ``stopped``: by a browser fault's name, what is said of a request that it stops, as an error of the request or on the
    console. ``forbids``: the console's sentence on what a content policy forbids: ``what`` was wanted, and the ``rule``.
    """

    stopped: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    forbids: re.Pattern[str] | None = None

    def forbidden(self, text: str) -> Iterator[tuple[str, str]]:
        """The address that a policy forbids, and by which directive, where the text says so."""
        if self.forbids is not None and (told := self.forbids.search(text)):
            yield told["what"], told["rule"]
