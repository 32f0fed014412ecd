"""The body dribbles and arrives whole: 256 bytes every 20 ms. Nothing fails; it is slow, and a patient client is served."""

from __future__ import annotations

from harness.faults.drip import dripping
from harness.faults.rewriting import add

add(dripping("drip-body", "The answer dribbles, and arrives whole", drip_ms=20, drip_bytes=256))
