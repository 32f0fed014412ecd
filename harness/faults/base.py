"""What a fault is, and what the lab hands it.

A fault never reports success it has not read back: :meth:`Fault.apply` and :meth:`Fault.heal` return receipts that hold what
the mended thing itself answered *after* the change, and raise when that differs from what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from harness.catalog import Family, Place, Rewrite
from harness.registry import Registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Proof that a change stands: what was asked for, and what was read back from the thing that was changed."""

    place: Place
    asked: str
    read_back: str


class ProxyHandle(Protocol):
    """One Toxiproxy proxy; every coroutine changes it, reads it back, and raises ToxiproxyError when the two differ."""

    name: str

    async def add_toxic(
        self, kind: str, stream: str, attributes: Mapping[str, int], *, toxicity: float = 1.0
    ) -> Receipt: ...
    async def remove_toxic(self, kind: str, stream: str) -> Receipt: ...
    async def set_enabled(self, enabled: bool) -> Receipt: ...


class Responses(Protocol):
    """The provider's table of rewrites, by link."""

    def set(self, link: str, rewrite: Rewrite, label: str) -> Receipt: ...
    def clear(self, link: str) -> Receipt: ...


class Certificates(Protocol):
    """Which certificate the provider shows for a host: ``good``, ``expired``, ``wrong-name`` or ``unknown-ca``."""

    def show(self, host: str, kind: str) -> Receipt: ...


class BrowserControls(Protocol):
    """Browser faults of one context. ``patterns`` are URL prefixes (``https://host/``).

    The bridge is that from an app's web view to its native part; ``after_messages`` still pass.
    """

    async def refuse_names(self, hosts: Sequence[str]) -> Receipt: ...
    async def restore_names(self, hosts: Sequence[str]) -> Receipt: ...
    async def add_policy(self, csp: str) -> Receipt: ...
    async def remove_policy(self) -> Receipt: ...
    async def block(self, patterns: Sequence[str]) -> Receipt: ...
    async def unblock(self) -> Receipt: ...
    async def set_offline(self, offline: bool) -> Receipt: ...
    async def silence_bridge(self, after_messages: int) -> Receipt: ...
    async def restore_bridge(self) -> Receipt: ...


class ProviderClock(Protocol):
    """The provider's clock, which a fault may set apart from the world's."""

    def skew(self, seconds: int) -> Receipt: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One link of one lab, in the hands of a fault. ``proxies`` are those of every source host of the link, in order.

    ``other_hosts`` are those the page needs besides the link's own: a content policy can only say what is allowed.
    """

    link: str
    hosts: tuple[str, ...]
    proxies: tuple[ProxyHandle, ...]
    responses: Responses
    certificates: Certificates
    browser: BrowserControls
    clock: ProviderClock
    parameters: Mapping[str, int] = field(default_factory=dict)
    other_hosts: tuple[str, ...] = ()


@runtime_checkable
class Fault(Protocol):
    """What is done to a link.

    ``felt_at``: the independent places in which it must be seen; evidence from at least two of them makes it felt.
    ``hangs``: a client on the other side waits for ever, so that nothing but timers can end the wait (the page clock may
    then be advanced). ``needs_cold``: it only exists for connections opened after it (certificates, names).
    The members are read-only, so that a frozen dataclass is a fault.
    """

    @property
    def name(self) -> str: ...
    @property
    def family(self) -> Family: ...
    @property
    def felt_at(self) -> tuple[Place, ...]: ...
    @property
    def hangs(self) -> bool: ...
    @property
    def needs_cold(self) -> bool: ...
    @property
    def title(self) -> str: ...

    async def apply(self, edge: Edge) -> Sequence[Receipt]: ...
    async def heal(self, edge: Edge) -> Sequence[Receipt]: ...


FAULTS: Registry[Fault] = Registry("fault", package="harness.faults", entry_point_group="captchaos.faults")
