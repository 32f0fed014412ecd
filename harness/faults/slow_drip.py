"""The body comes a byte at a time, so slowly that nobody should wait for its end: 200 ms a byte, 40 s for a small verdict.

Python's and Java's SDKs do wait: their time limit is per read (domain/sdk-behaviour.md, "The connection").
"""

from __future__ import annotations

from harness.faults.drip import dripping
from harness.faults.rewriting import add

add(dripping("slow-drip", "The answer comes a byte at a time", drip_ms=200, drip_bytes=1))
