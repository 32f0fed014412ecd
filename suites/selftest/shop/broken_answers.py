"""Answers that never come whole: what an API leaves on the connection when it hangs, drips or breaks off."""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n"


def hang(_connection: socket.socket, _asked: dict[str, Any]) -> None:
    """Say nothing for longer than the shop waits."""
    time.sleep(6)  # the slowness itself


def drip(connection: socket.socket, _asked: dict[str, Any]) -> None:
    """Send the body byte by byte, so that no single read waits for long."""
    connection.sendall(HEAD)
    for _ in range(60):
        connection.sendall(b" ")
        time.sleep(0.1)  # the slowness itself


def stall(connection: socket.socket, asked: dict[str, Any]) -> None:
    """Send the headers, then nothing."""
    connection.sendall(HEAD)
    hang(connection, asked)


def reset(connection: socket.socket, _asked: dict[str, Any]) -> None:
    """End the connection with a RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def close(_connection: socket.socket, _asked: dict[str, Any]) -> None:
    """Leave the connection to be closed without a word."""


def cut(connection: socket.socket, _asked: dict[str, Any]) -> None:
    """Close in the middle of the body."""
    connection.sendall(HEAD + b'{"Response":')
