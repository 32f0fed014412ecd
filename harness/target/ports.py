"""Choose a loopback port for a program that must be told one before it starts."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket

from harness.errors import TargetError

# Below what operating systems hand out for "any port" (32768 on Linux, 49152 elsewhere): nothing that binds port 0 and no
# outgoing connection can take the port between here and the target's own bind.
_FIRST, _COUNT = 20000, 12000
_CONNECT_LIMIT_S = 0.5
# Processes that run side by side begin far apart, so that their sequences do not meet.
_sequence = itertools.count(os.getpid() * 997)


class ReservedPort:
    """A loopback TCP port that no other run of captchaos takes until :meth:`release`, or until this process ends.

    Two runs that choose ports side by side would else meet now and then: the loser's laboratory would talk to the winner's
    target. What is held is the UDP port of the same number, which nobody else on the machine can have at the same time.
    """

    def __init__(self, port: int, held: socket.socket) -> None:
        self.port = port
        self._held = held

    def release(self) -> None:
        """Let others have it; again is harmless."""
        self._held.close()

    def __enter__(self) -> ReservedPort:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def reserve_port() -> ReservedPort:
    """Reserve a loopback TCP port that nobody listens on, and that this process has not handed out of late."""
    for position in itertools.islice(_sequence, _COUNT):
        port = _FIRST + position % _COUNT
        held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            held.bind(("127.0.0.1", port))
        except OSError:
            held.close()
            continue
        if is_free(port):
            return ReservedPort(port, held)
        held.close()
    raise TargetError(f"no loopback port from {_FIRST} to {_FIRST + _COUNT - 1} is free: something holds them all")


def free_port() -> int:
    """A port as :func:`reserve_port` chooses it, for who binds it at once."""
    with reserve_port() as reserved:
        return reserved.port


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def is_listening(port: int) -> bool:
    """Whether something accepts connections on the loopback port; far cheaper than a request, so it may be asked often."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as probe:
        probe.setblocking(False)
        try:
            async with asyncio.timeout(_CONNECT_LIMIT_S):
                await asyncio.get_running_loop().sock_connect(probe, ("127.0.0.1", port))
        except (OSError, TimeoutError):
            return False
    return True
