"""Is the second factor one? A step-up that a forger passes gives for free what the policy puts behind it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.journal.model import CodeTry, Record
from harness.judge.reading import listed, times

MEND = (
    "Front end: nothing to do. Back end: draw each code from a cryptographic source, keep its digest with the one order that "
    "it is for, and end it with its first use, after a few wrong tries (in all, not in each process) and after some minutes."
)
_RIGHT, _WRONG, _LATER, _FOREIGN = "right-code", "wrong-code", "right-code-later", "code-of-another"
_DEMANDS = {
    _WRONG: "a code that was made up has no effect",
    "right-code-after-wrong-ones": "after 100 wrong codes the right one counts no more (NIST SP 800-63B, 5.2.2)",
    _FOREIGN: "a code counts for the business that it was sent for, and for no other",
    "code-again": "a code counts once",
    "used-code-of-another": "a code that was used counts no more, for nothing",
    "foretold-code": "nobody can tell a code from those that came before it",
}


def passed(record: Record) -> Iterator[tuple[str, str]]:
    """What was demanded of the codes and what was seen instead, for each kind of code that had an effect.

    Where the right code had none it is not known which code is whose; that one was made up is. Another's is read after both
    offers: it is known to be another's only where a later offer's code has an effect, too.
    """
    right, later = _works(record, _RIGHT), _works(record, _LATER)
    for tried in record.evidence.code_tries:
        told = tried.label == _WRONG or (right and (later or tried.label != _FOREIGN))
        if tried.effects > 0 and told and tried.label in _DEMANDS:
            yield _DEMANDS[tried.label], _seen(tried)


def untold(record: Record) -> str:
    """Why it cannot be told whether the second factor holds, where codes were due to be tried; empty where it can."""
    evidence = record.evidence
    if not record.scenario.expect.second_factor and not evidence.code_tries:
        return ""
    why = f": {evidence.codes_untried}" if evidence.codes_untried else ""
    if not evidence.code_tries:
        return f"no code of the second factor was tried{why}"
    labels = [tried.label for tried in evidence.code_tries]
    if _RIGHT in labels and not _works(record, _RIGHT):
        right = evidence.code_tries[labels.index(_RIGHT)]
        return f"the right code of the second factor had no effect ({_answered(right)}): that others had none proves nothing"
    if _works(record, _FOREIGN) and not _works(record, _LATER):
        return f"{_FOREIGN} took effect, and no later offer's code did: whose code it was cannot be told{why}"
    lacking = [label for label in (_RIGHT, *_DEMANDS) if label not in labels]
    return f"of the second factor's codes {listed(lacking)} were not tried{why}" if lacking else ""


def _works(record: Record, label: str) -> bool:
    return any(tried.label == label and tried.effects > 0 for tried in record.evidence.code_tries)


def _seen(tried: CodeTry) -> str:
    tries = f" in {tried.tries} tries" if tried.tries > 1 else ""
    return f"{tried.label}: took effect {times(tried.effects)}{tries}, the last was answered {tried.status}"


def _answered(tried: CodeTry) -> str:
    return "it was never answered" if tried.status is None else f"it was answered {tried.status}"
