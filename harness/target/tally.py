"""Count a word in a stream of bytes, of which nothing needs to be kept."""

from __future__ import annotations


class Tally:
    """How often a word came by in what was fed, though it came in pieces; 0 for no word."""

    def __init__(self, word: str | None) -> None:
        self.count = 0
        self._word = (word or "").encode()
        self._begun = b""

    def feed(self, chunk: bytes) -> None:
        """Count on in the next piece."""
        if not self._word:
            return
        parts = (self._begun + chunk).split(self._word)
        self.count += len(parts) - 1
        # What is left can hold the word's beginning, and never all of it: no word is counted twice.
        self._begun = parts[-1][-(len(self._word) - 1) :] if len(self._word) > 1 else b""
