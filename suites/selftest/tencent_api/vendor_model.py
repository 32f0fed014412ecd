"""A small model of what the notes say a ticket gets, written from them alone. It shares no code with the emulator."""

from __future__ import annotations

from dataclasses import dataclass, field

Said = int | str


@dataclass(kw_only=True)
class Issued:
    app: int
    randstr: str
    at: float
    used: bool = False


@dataclass(frozen=True, kw_only=True)
class Question:
    """One call: what is asked, by whom, and how far the caller's clock is off."""

    mini: bool
    ticket: str
    app: int
    randstr: str
    right_secret: bool
    right_key: bool
    skew_s: int
    whole: bool


@dataclass
class Model:
    """The account of one app id. ``broken`` is what the link answers instead, whatever the vendor made of the question."""

    app: int
    now: float
    issued: dict[str, Issued] = field(default_factory=dict)
    billed: int = 0
    broken: Said | None = None

    def ask(self, question: Question) -> Said:
        truly = self._refused(question)
        if truly is None:
            self.billed += question.ticket in self.issued
            code = self._mini(question) if question.mini else self._web(question)
            if code == 1:
                self.issued[question.ticket].used = True
            truly = code
        return truly if self.broken is None else self.broken

    def _refused(self, question: Question) -> str | None:
        if abs(question.skew_s) > 300:
            return "AuthFailure.SignatureExpire"
        if not question.right_key:
            return "AuthFailure.SignatureFailure"
        return None if question.whole else "MissingParameter"

    def _web(self, question: Question) -> int:
        ticket = self.issued.get(question.ticket)
        if question.app == self.app and not question.right_secret:
            return 100
        if question.ticket.startswith(("terror", "trerror")):
            return self._fallback(question)
        if ticket is None:
            return 15
        if question.app != self.app:
            return 16
        if ticket.app != question.app:
            return 100
        if self.now - ticket.at > 300:
            return 8
        if ticket.randstr != question.randstr:
            return 7
        return 9 if ticket.used else 1

    def _mini(self, question: Question) -> int:
        ticket = self.issued.get(question.ticket)
        if question.app == self.app and not question.right_secret:
            return 100
        if question.ticket.startswith(("terror", "trerror")):
            return self._fallback(question)
        if ticket is None:
            return 15 if question.ticket.startswith("tr03") else 10
        if question.app != self.app or ticket.app != question.app:
            return 7
        if self.now - ticket.at > 300:
            return 8
        return 25 if ticket.used else 1

    def _fallback(self, question: Question) -> int:
        parts = question.ticket.split("_")
        whole = len(parts) in (4, 5) and parts[1].isdigit() and parts[3].isdigit()
        return 21 if whole and parts[2] == str(question.app) == str(self.app) else 16
