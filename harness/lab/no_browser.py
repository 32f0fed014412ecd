"""What stands in a fault's hands where a browser would be, in a lab that has none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from harness.errors import LaboratoryError
from harness.faults.base import Receipt


class NoBrowser:
    """Refuses every browser fault: tries over HTTP have no browser that could feel one."""

    async def refuse_names(self, hosts: Sequence[str]) -> Receipt:
        _refuse(f"let the names {' '.join(hosts)} not resolve")

    async def restore_names(self, hosts: Sequence[str]) -> Receipt:
        _refuse(f"let the names {' '.join(hosts)} resolve")

    async def add_policy(self, csp: str) -> Receipt:
        _refuse(f"add the policy {csp}")

    async def remove_policy(self) -> Receipt:
        _refuse("remove a policy")

    async def block(self, patterns: Sequence[str]) -> Receipt:
        _refuse(f"block {' '.join(patterns)}")

    async def unblock(self) -> Receipt:
        _refuse("unblock anything")

    async def set_offline(self, offline: bool) -> Receipt:
        _refuse("go offline" if offline else "go online")

    async def silence_bridge(self, after_messages: int) -> Receipt:
        _refuse("silence a bridge: it is no app with a web view")

    async def restore_bridge(self) -> Receipt:
        _refuse("restore a bridge: it is no app with a web view")


def _refuse(what: str) -> NoReturn:
    raise LaboratoryError(f"a lab without a browser cannot {what}: plan transport or response faults for tries over HTTP")
