"""What an owner says of a known fail: which finding, where, why it may stand, and until when."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One ``[[waivers]]`` of a target file.

    ``finding`` is an oracle's slug; ``scenarios`` a glob over scenario ids (``*`` any letters, ``?`` one), "" covers all.
    ``until`` is the last day on which it holds, an ISO date in UTC. ``text`` is a part of the finding's words, "" any;
    ``severity`` the worst that it covers, "" that of the oracle's plain findings.
    """

    finding: str
    reason: str
    until: str
    scenarios: str = ""
    text: str = ""
    severity: str = ""
