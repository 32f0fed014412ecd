"""What all labs of a run share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from harness.catalog import Link
from harness.faults.base import Fault
from harness.lab.fault_window import Meters
from harness.lab.slot import Slot
from harness.lab.traffic import Watch
from harness.providers.base import Human, Provider
from harness.target.spec import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The shared parts.

    ``run_folder`` is where screenshots go; ``work_folder`` is temporary; ``drives`` are the flows' functions by name;
    ``befores`` are those of what is done before them;
    ``idle`` is what the placeholders of a provider stand for while another one is served;
    ``marks`` is what tells every process that the run starts as the run's own;
    ``solver`` solves a live provider's challenge, None: the provider is emulated.
    ``takes_every_certificate``: the browser cannot be made to trust the lab's authority alone.
    ``watch`` is told of every browser context and page, before a page goes anywhere.
    """

    target: Target
    provider: Provider
    browser: Browser
    links: Mapping[str, Link]
    faults: Mapping[str, Fault]
    meters: Callable[[Slot], Awaitable[Meters]]
    run_folder: Path
    work_folder: Path
    idle: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    takes_every_certificate: bool = False
    watch: Watch | None = None
    drives: Mapping[str, Callable[[Any, Any], Awaitable[None]]] = field(default_factory=dict)
    befores: Mapping[str, Callable[[Any, Any], Awaitable[None]]] = field(default_factory=dict)
    solver: Human | None = None

    @property
    def human(self) -> Human:
        """Who solves the challenge: the owner's own function where the provider is live."""
        return self.solver or self.provider.human
