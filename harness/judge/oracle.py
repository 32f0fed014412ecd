"""What an oracle is, where oracles register, and how a finding is made."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from harness.errors import LaboratoryError
from harness.journal.model import Finding, Record, Scenario, Severity
from harness.registry import Registry


class EvidenceMissing(LaboratoryError):  # noqa: N818 - it names a state of the evidence, and reads so in the verdict
    """The evidence does not hold what an oracle must read: it cannot tell, and the verdict is unknown."""


@runtime_checkable
class Oracle(Protocol):
    """A pure function from evidence to findings, known by its slug (DESIGN.md, "The oracles").

    ``demands`` is what it asks, in one sentence; ``why`` what goes wrong in the world without it; ``source`` the document;
    ``severity`` that of a plain finding; ``mend`` how integrators usually mend it; ``needs`` the scenarios it can speak on.
    """

    slug: str
    demands: str
    why: str
    source: str
    severity: Severity
    mend: str
    needs: str

    def applies(self, scenario: Scenario) -> bool:
        """Say whether the oracle has anything to demand of such a scenario."""
        ...

    def examine(self, record: Record) -> tuple[Finding, ...]:
        """Return what is wrong; raises :class:`EvidenceMissing` when the record cannot tell."""
        ...


ORACLES: Registry[Oracle] = Registry("oracle", package="harness.judge.oracles", entry_point_group="captchaos.oracles")


def finding(oracle: Oracle, *, expected: str, seen: str, severity: Severity | None = None, mend: str = "") -> Finding:
    """Make a finding of ``oracle``; its own severity and mend stand unless this one's are given."""
    return Finding(
        oracle=oracle.slug,
        severity=severity or oracle.severity,
        expected=expected,
        seen=seen,
        source=oracle.source,
        mend=mend or oracle.mend,
    )
