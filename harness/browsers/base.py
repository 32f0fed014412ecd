"""What the lab asks of a browser engine, and the engines by their names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from playwright.async_api import Browser, Playwright

from harness.browsers.words import Words
from harness.certificates import Authority
from harness.errors import UsageError, closest
from harness.faults.base import Fault
from harness.faults.certificate import CertificateFault
from harness.setup.browser import FoundBrowser


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a browser is started with: whom it must trust, a folder of the run's own, and the environment of its process."""

    authority: Authority
    folder: Path
    env: Mapping[str, str]


class Engine(ABC):
    """One browser engine.

    ``trusts_the_lab``: it can be made to trust the lab's authority, for itself alone, so that every other certificate stays an
    error. Where it cannot, its contexts take every certificate, and a bad one is no fault that it could feel.
    ``jobs_per_core``: how many labs at once it is worth by default.
    """

    name: ClassVar[str]
    words: ClassVar[Words] = Words()
    jobs_per_core: ClassVar[int] = 4
    trusts_the_lab: ClassVar[bool] = True

    def lacks(self, fault: Fault) -> str:
        """Say why a fault on a browser's link tells nothing of a target in this engine; "" for one that does."""
        if isinstance(fault, CertificateFault) and not self.trusts_the_lab:
            return "it cannot be made to trust the lab's certificates alone, so it is made to take every one, the bad ones too"
        return ""

    @abstractmethod
    async def find(self, configured: str | None) -> FoundBrowser:
        """Return a browser of this machine, without installing; raises MissingPartError that says what was tried."""

    @abstractmethod
    async def launch(self, playwright: Playwright, found: FoundBrowser, needs: Needs) -> Browser:
        """Start it without a window; raises Playwright's error where it does not start."""


ENGINES: dict[str, Engine] = {}


def engine_named(name: str) -> Engine:
    """Return the engine of that name; raises UsageError with the closest one."""
    if name in ENGINES:
        return ENGINES[name]
    raise UsageError(f"no engine is called {name!r}{closest(name, ENGINES)}: use {' or '.join(ENGINES)}")


def stopped(fault: str, text: str) -> bool:
    """Whether any engine says this of a request that a fault of the browser stops."""
    signs = (engine.words.stopped.get(fault) for engine in ENGINES.values())
    return any(sign is not None and sign.search(text) for sign in signs)


def forbidden(text: str) -> Iterator[tuple[str, str]]:
    """The address that a content policy forbids, and by which directive, where any engine's console says so."""
    for engine in ENGINES.values():
        yield from engine.words.forbidden(text)
