"""The addresses that visitors come from, as the lab's edge tells a target that stands behind one.

Every connection of a lab comes from this machine, as behind a load balancer. Where the target file names the header in which
its proxy hands on the client's address, the gate at the origin is that proxy.
"""

from __future__ import annotations

import ipaddress
import secrets

from harness.journal.model import LOOPBACK
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.providers.base import BindsToVisitor

# Ranges for documentation (RFC 5737): nobody's addresses, so that none stands in anybody's list.
_VISITORS = tuple(map(str, ipaddress.ip_network("198.51.100.0/24").hosts()))
_CLAIMED = tuple(map(str, ipaddress.ip_network("203.0.113.0/24").hosts()))
# One person, whatever tab: an application may bind a session to its address.
_SAME_PERSON = {"same-tab": "honest", "new-tab": "honest", "back": "honest"}
# One machine: a forger's tries count against one address.
_SAME_MACHINE = {"replayer": "forger"}


class Addresses:
    """Who comes from where in one lab. Drawn anew for each: what an application holds on to from another lab is not right.

    Without a ``header`` everybody is seen at this machine's own address.
    """

    def __init__(self, header: str | None) -> None:
        self.header = header
        self._of: dict[str, str] = {}
        self._claims: dict[int, str] = {}

    def of(self, visit: str) -> str:
        """The address at which the target sees a visit's user."""
        who = _SAME_MACHINE.get(visit, _SAME_PERSON.get(visit, visit))
        if who not in self._of:
            self._of[who] = self._another() if self.header else LOOPBACK
        return self._of[who]

    def claimed_by(self, account: int) -> str:
        """The address that a forger writes into the header himself for one of his accounts; "" where no header is named."""
        return self._claims.setdefault(account, secrets.choice(_CLAIMED)) if self.header else ""

    def seen(self, recorder: Recorder) -> tuple[tuple[str, str], ...]:
        """Every visit so far with the address that the target saw."""
        names = dict.fromkeys(name for _at_s, name in recorder.visits if name)
        return tuple((name, self.of(name)) for name in names)

    def _another(self) -> str:
        return secrets.choice([address for address in _VISITORS if address not in self._of.values()])


def stand_in_front(slot: Slot, recorder: Recorder, addresses: Addresses) -> None:
    """Let the slot's edge tell the target where each visitor comes from, and the provider see them there, too."""

    def now() -> str:
        return addresses.of(recorder.visit)

    if addresses.header:
        slot.origin.client_ip = addresses.header, now
    emulator = slot.provider.emulator
    if isinstance(emulator, BindsToVisitor):
        emulator.visitor_ip = now if addresses.header else None
