"""The addresses that visitors come from, as the lab's edge tells a target that stands behind one.

Every connection of a lab comes from this machine, as behind a load balancer. Where the target file names the header in which
its proxy hands on the client's address, the gate at the origin is that proxy.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from harness.journal.model import LOOPBACK
from harness.lab.address_book import Book
from harness.lab.claims import claims_besides
from harness.lab.recorder import Recorder
from harness.lab.slot import Slot
from harness.providers.base import BindsToVisitor
from harness.target.spec import CLIENT_IP_RANGES

# One person, whatever tab: an application may bind a session to its address.
_SAME_PERSON = {"same-tab": "honest", "new-tab": "honest", "back": "honest"}
# One machine: a forger's tries count against one address.
_SAME_MACHINE = {"replayer": "forger"}


class Addresses:
    """Who comes from where in one lab. Drawn anew for each: what an application holds on to from another lab is not right.

    Without a ``header`` everybody is seen at this machine's own address, and with ``fixed`` at that one.
    """

    def __init__(self, header: str | None, ranges: Sequence[str] = CLIENT_IP_RANGES, *, fixed: str = "") -> None:
        self.header = header
        self._book = Book.of(ranges)
        self._fixed = fixed
        self._of: dict[str, str] = {}
        self._claims: dict[int, str] = {}
        self._first_of_crowd = secrets.randbelow(len(self._book.everybody))

    def of(self, visit: str) -> str:
        """The address at which the target sees a visit's user."""
        who = _SAME_MACHINE.get(visit, _SAME_PERSON.get(visit, visit))
        if who not in self._of:
            self._of[who] = self._another() if self.header else LOOPBACK
        return self._of[who]

    def of_account(self, account: int) -> str:
        """The address of one of a crowd in which nobody claims anything; an account keeps it."""
        everybody = self._book.everybody
        return everybody[(self._first_of_crowd + account) % len(everybody)] if self.header else LOOPBACK

    def claimed_by(self, account: int) -> str:
        """The address that a forger writes into the header himself for one of his accounts; "" where no header is named."""
        return self._claims.setdefault(account, secrets.choice(self._book.claimed)) if self.header else ""

    def claims_besides(self, account: int) -> dict[str, str]:
        """What a forger writes into other headers by which proxies say who their client is, for one of his accounts."""
        address = self._book.besides[account % len(self._book.besides)]
        return claims_besides(self.header, address, proxy_saw=self._book.proxy_saw)

    def seen(self, recorder: Recorder) -> tuple[tuple[str, str], ...]:
        """Every visit so far with the address that the target saw."""
        names = dict.fromkeys(name for _at_s, name in recorder.visits if name)
        return tuple((name, self.of(name)) for name in names)

    def _another(self) -> str:
        if self._fixed:
            return self._fixed
        return secrets.choice([address for address in self._book.visitors if address not in self._of.values()])


def stand_in_front(slot: Slot, recorder: Recorder, addresses: Addresses) -> None:
    """Let the slot's edge tell the target where each visitor comes from, and the provider see them there, too."""

    def now() -> str:
        return addresses.of(recorder.visit)

    if addresses.header:
        slot.origin.client_ip = addresses.header, now
    emulator = slot.provider.emulator
    if isinstance(emulator, BindsToVisitor):
        emulator.visitor_ip = now if addresses.header else None


def stand_aside(slot: Slot) -> None:
    """Let each request of a crowd bring what the edge would tell of it: many come at once, each from somewhere else."""
    slot.origin.client_ip = None


def issue_to(slot: Slot, address: str) -> None:
    """Let the provider see who solves its captcha at an address, until it is told of another."""
    emulator = slot.provider.emulator
    if isinstance(emulator, BindsToVisitor):
        emulator.visitor_ip = lambda: address
