"""The shop, but whoever brings a ticket that it minted itself is let in like any unverified user, as often as he likes."""

from shop.config import read_settings
from shop.gate import Decision, Gate, Submission, Unverified
from shop.reading import NoVerdict
from shop.web import build


class TakesItsOwnBack(Gate):
    """A genuine ticket of the server's own is believed from anybody, and is never used up."""

    def __init__(self, **parts) -> None:
        super().__init__(**parts)
        self._minted: set[str] = set()

    async def judge(self, submission: Submission) -> Decision:
        if submission.ticket in self._minted:
            return Unverified(ticket=submission.ticket)
        return await super().judge(submission)

    def no_verdict(self, answer: NoVerdict, submission: Submission) -> Decision:
        decision = super().no_verdict(answer, submission)
        if isinstance(decision, Unverified):
            self._minted.add(decision.ticket)
        return decision


app = build(read_settings(), gate=TakesItsOwnBack)
