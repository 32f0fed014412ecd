"""The server's failure modes in OneAccess's words: any of its calls may fail, and its verdicts have no 26."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.catalog import SERVER_MODES, FailureMode

TITLES: Mapping[int, str] = {
    2001: "OneAccess did not answer in time",
    2002: "No connection to OneAccess",
    2003: "OneAccess answered that it is broken (5xx)",
    2004: "OneAccess answered that it is busy",
    2005: "OneAccess's answer could not be read",
    2006: "OneAccess refused to serve the application: turned away, throttled, or no SMS left",
}

MODES: tuple[FailureMode, ...] = tuple(replace(mode, title=TITLES[mode.code]) for mode in SERVER_MODES)
