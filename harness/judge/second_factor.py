"""Is the second factor one? A step-up that a forger passes gives for free what the policy puts behind it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.journal.model import CodeTry, Record
from harness.judge.reading import times

MEND = (
    "Front end: nothing to do. Back end: draw each code from a cryptographic source, keep its digest with the one order that "
    "it is for, and end it with its first use, after a few wrong tries (in all, not in each process) and after some minutes."
)
_DEMANDS = {
    "wrong-code": "a code that was made up has no effect",
    "right-code-after-wrong-ones": "after 100 wrong codes the right one counts no more (NIST SP 800-63B, 5.2.2)",
    "code-of-another": "a code counts for the business that it was sent for, and for no other",
    "code-again": "a code counts once",
    "used-code-of-another": "a code that was used counts no more, for nothing",
    "foretold-code": "nobody can tell a code from those that came before it",
}


def passed(record: Record) -> Iterator[tuple[str, str]]:
    """What was demanded of the codes and what was seen instead, for each kind of code that had an effect."""
    for tried in record.evidence.code_tries:
        if tried.effects > 0 and tried.label in _DEMANDS:
            yield _DEMANDS[tried.label], _seen(tried)


def _seen(tried: CodeTry) -> str:
    tries = f" in {tried.tries} tries" if tried.tries > 1 else ""
    return f"{tried.label}: took effect {times(tried.effects)}{tries}, the last was answered {tried.status}"
