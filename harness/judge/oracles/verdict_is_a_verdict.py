"""verdict-is-a-verdict: a verdict blocks, no verdict degrades, neither is a crash, and a stranger gives none."""

from __future__ import annotations

from collections.abc import Iterator

from harness.catalog import Side
from harness.journal.model import HONEST_TRY, Attempt, Finding, Record, Scenario, Severity
from harness.judge.asked import HOSTILE, Usual, question_changed, usual_parameters
from harness.judge.felt import verdict_code
from harness.judge.oracle import ORACLES, EvidenceMissing, finding
from harness.judge.reading import is_fault, listed, quote, spares_own_edge, times

_DEGRADE = (
    "Front end: show the policy's next step when the answer says so. Back end: catch every way in which no verdict "
    "comes (timeout, "
    "connection, Error, 26, missing or mistyped CaptchaCode, the SDK's own exception and what it does not wrap) in "
    "one place, and degrade."
)
_UNVERIFIED = (
    "Front end: nothing to do. Back end: leave certificate verification on in the client of the verdict API (no "
    "verify=False, "
    "no CERT_NONE, no InsecureSkipVerify, no rejectUnauthorized: false), its check of the host name too; where a proxy has "
    "a CA of its own, add that CA to what is trusted; treat a handshake that fails as no verdict, and degrade."
)
# What a certificate lacks, by the kind that the provider's log names.
_LACKS = {"expired": "has expired", "wrong-name": "names another host", "unknown-ca": "comes from an unknown CA"}
_BY_NUMBER = "Front end: nothing to do. Back end: compare CaptchaCode with 1 as a number, and write CaptchaMsg to the log only."
_ENCODE = (
    "Front end: nothing to do. Back end: build the verdict call with a JSON encoder (or the vendor's SDK), never by putting "
    "texts together, and refuse a ticket or randstr with characters that the vendor's have not."
)
_PASS = "1"  # noqa: S105 - a verdict's code, no password


class VerdictIsAVerdict:
    """What the provider said, and what it did not say, are two different things."""

    slug = "verdict-is-a-verdict"
    demands = (
        "The codes 7, 8, 9, 15, 16, 100 and unknown ones are refused (a plain 4xx, or the form once more), with no step-up and "
        "no effect; no verdict at all degrades; neither ever ends in a 5xx; the code alone decides, whatever its text says; "
        "the provider is asked about ticket and randstr as they were submitted; nothing is asked over a connection whose "
        "certificate has expired, names another host or comes from an unknown CA."
    )
    why = "Who reads 'not 1' as 'outage' lets bots in; who reads an outage as 'not 1', or crashes over it, locks people out."
    source = "docs/oracles.md (V2, a code other than 1 must be blocked; O5, O6; B2, B8, B9, B12, B13)"
    severity = Severity.MAJOR
    mend = (
        "Front end: on a refusal fetch a new ticket and let the user try again. Back end: compare CaptchaCode with 1 "
        "as a number, list "
        "the codes one by one, and answer every other and unknown one with 4xx and a word on what to do."
    )
    needs = "verdict; fault on a link of the server's side; schedule that spares the target's own edge"

    def applies(self, scenario: Scenario) -> bool:
        """It speaks where a verdict was given, and where the server's link is broken so that none comes."""
        of_server = is_fault(scenario) and scenario.link_side is Side.SERVER
        return scenario.kind == "verdict" or of_server or spares_own_edge(scenario)

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Judge the answers to known verdicts, or the statuses of submits without one."""
        if record.scenario.kind != "verdict":
            return (*self._crashes(record), *self._strangers(record))
        tries = [attempt for attempt in record.evidence.attempts if attempt.label != HONEST_TRY]
        if not tries:
            raise EvidenceMissing("no try with a verdict was recorded")
        usual = usual_parameters(tries)
        blocked = (attempt for attempt in tries if verdict_code(attempt.label) != _PASS)
        return (
            *(found for attempt in blocked for found in self._believed(attempt)),
            *(found for attempt in tries for found in self._disbelieved(attempt)),
            *(found for attempt in tries for found in self._other_question(attempt, usual)),
        )

    def _disbelieved(self, attempt: Attempt) -> Iterator[Finding]:
        if verdict_code(attempt.label) == _PASS and not attempt.completed:
            says = attempt.label.partition("-says-")[2]
            yield finding(
                self,
                expected=f"the verdict 1 is a pass, whatever its text says ({says!r})",
                seen="no answer at all" if attempt.status is None else f"it was turned away, status {attempt.status}",
                mend=_BY_NUMBER,
            )

    def _other_question(self, attempt: Attempt, usual: Usual) -> Iterator[Finding]:
        if attempt.label.startswith(HOSTILE) and (changed := question_changed(attempt, usual)):
            yield finding(
                self,
                expected="what a user submits arrives at the provider as it is, and changes nothing else of the question",
                seen=f"{attempt.label.removeprefix(HOSTILE)}: {changed}",
                severity=Severity.BLOCKER,
                mend=_ENCODE,
            )

    def _crashes(self, record: Record) -> Iterator[Finding]:
        crashed = [submit for submit in record.evidence.submits if submit.status is not None and submit.status >= 500]
        if crashed:
            statuses = ", ".join(sorted({str(submit.status) for submit in crashed}))
            yield finding(
                self,
                expected="no verdict degrades: never a 5xx",
                seen=f"the target answered a submit with {statuses} {times(len(crashed))}",
                severity=Severity.BLOCKER,
                mend=_DEGRADE,
            )

    def _strangers(self, record: Record) -> Iterator[Finding]:
        unverified = [call for call in record.evidence.verdict_calls if call.certificate not in ("", "good")]
        for kind in dict.fromkeys(call.certificate for call in unverified):
            answers = [quote(call.answer) for call in unverified if call.certificate == kind]
            lacks = _LACKS.get(kind, f"is {kind}")
            yield finding(
                self,
                expected=f"the server refuses a certificate that {lacks}: no verdict call over it, and no answer believed",
                seen=f"the server accepted a certificate that {lacks}: its verdict call arrived over it {times(len(answers))}, "
                f"and was answered {listed(dict.fromkeys(answers))}; a man in the middle may answer 1",
                severity=Severity.BLOCKER,
                mend=_UNVERIFIED,
            )

    def _believed(self, attempt: Attempt) -> Iterator[Finding]:
        code = verdict_code(attempt.label)
        what = f"the verdict {code}" if code else repr(attempt.label)
        if attempt.effects > 0:
            yield finding(
                self,
                expected=f"{what} is refused: no effect",
                seen=f"took effect {times(attempt.effects)}",
                severity=Severity.BLOCKER,
            )
        if attempt.offered:
            yield finding(
                self,
                expected=f"{what} is refused with a retry",
                seen="a step-up was offered, as if no verdict had come",
                mend="Front end: let the user solve again. Back end: keep the step-up for 21 and for no verdict.",
            )
        expected = f"{what} is refused with an answer"
        if attempt.server_error or (attempt.status is not None and attempt.status >= 500):
            yield finding(self, expected=expected, seen=f"the target failed, status {attempt.status}", mend=_DEGRADE)
        elif attempt.status is None:
            yield finding(self, expected=expected, seen="no answer at all")


ORACLES.add("verdict-is-a-verdict", VerdictIsAVerdict())
