"""Start a stock Firefox with a certificate database in its profile, and stand between it and Playwright.

Run as a program: ``firefox_relay.py FIREFOX CERTIFICATES ARGUMENT…``. Playwright (1.65) sets each context's preferred colours
by a command that Firefox's WebDriver BiDi (153) does not know, and gives the context up. That one command is answered here,
by doing nothing: a light scheme is Firefox's own default. Everything else passes as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import shutil
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

ANSWERED_HERE = "emulation.setMediaFeaturesOverride"
_LISTENS = re.compile(rb"WebDriver BiDi listening on ws://(?:127\.0\.0\.1|localhost):(\d+)")
_HOST = re.compile(rb"(?im)^host:[^\r\n]*")
_LONGEST_LINE = 1 << 20
_TEXT, _FINAL, _MASKED = 0x1, 0x80, 0x80


async def read_frame(reader: asyncio.StreamReader) -> tuple[bytes, bytes, int]:
    """Read one WebSocket frame (RFC 6455, 5.2): as it came, its unmasked payload, and its first byte."""
    head = await reader.readexactly(2)
    size, extended = head[1] & 0x7F, b""
    if size >= 126:
        extended = await reader.readexactly(2 if size == 126 else 8)
        size = int.from_bytes(extended, "big")
    mask = await reader.readexactly(4) if head[1] & _MASKED else b""
    body = await reader.readexactly(size)
    return head + extended + mask + body, unmasked(body, mask), head[0]


def unmasked(body: bytes, mask: bytes) -> bytes:
    """Take a frame's mask off, which is its own inverse."""
    if not mask or not body:
        return body
    whole = (mask * (len(body) // 4 + 1))[: len(body)]
    return (int.from_bytes(body, "big") ^ int.from_bytes(whole, "big")).to_bytes(len(body), "big")


def text_frame(text: str) -> bytes:
    """Make a frame as a server sends it."""
    body = text.encode()
    if len(body) < 126:
        return bytes((_FINAL | _TEXT, len(body))) + body
    return bytes((_FINAL | _TEXT, 126)) + struct.pack(">H", len(body)) + body


def answer(first: int, body: bytes) -> bytes | None:
    """Return the frame that answers a command in Firefox's place; None for all that is Firefox's to answer."""
    # Looked for as bytes first: few of the messages are worth being read.
    if first != _FINAL | _TEXT or ANSWERED_HERE.encode() not in body:
        return None
    message = json.loads(body)
    if message.get("method") != ANSWERED_HERE:
        return None
    return text_frame(json.dumps({"type": "success", "id": message["id"], "result": {}}))


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Carry one connection of Playwright's to Firefox, and back by whole frames: an answer of ours may stand between two."""
    fox_reader, fox_writer = await asyncio.open_connection("127.0.0.1", port)

    async def up() -> None:
        # Firefox serves whoever names it by the port that it listens on.
        fox_writer.write(_HOST.sub(b"Host: 127.0.0.1:%d" % port, await reader.readuntil(b"\r\n\r\n")))
        while True:
            raw, body, first = await read_frame(reader)
            told = answer(first, body)
            (fox_writer if told is None else writer).write(raw if told is None else told)
            await fox_writer.drain()

    async def down() -> None:
        writer.write(await fox_reader.readuntil(b"\r\n\r\n"))
        while True:
            writer.write((await read_frame(fox_reader))[0])
            await writer.drain()

    ways = [asyncio.create_task(up()), asyncio.create_task(down())]
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for way in ways:
        way.cancel()
    # Either side's end is the other's, whatever it was.
    await asyncio.gather(*ways, return_exceptions=True)
    for end in (writer, fox_writer):
        end.close()
        with contextlib.suppress(OSError):
            await end.wait_closed()


def _give(certificates: Path, arguments: Sequence[str]) -> None:
    """Put the certificate database into the profile that the arguments name."""
    for name, value in itertools.pairwise(arguments):
        if name == "--profile":
            shutil.copytree(certificates, value, dirs_exist_ok=True)


async def _main(firefox: str, certificates: Path, arguments: Sequence[str]) -> int:
    _give(certificates, arguments)
    process = await asyncio.create_subprocess_exec(
        firefox, *arguments, stderr=asyncio.subprocess.PIPE, limit=_LONGEST_LINE
    )
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if found := _LISTENS.search(line):
            port = int(found[1])

            async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int = port) -> None:
                await relay(reader, writer, port)

            server = await asyncio.start_server(carry, "127.0.0.1", 0)
            line = b"WebDriver BiDi listening on ws://127.0.0.1:%d\n" % server.sockets[0].getsockname()[1]
        sys.stderr.buffer.write(line)
        sys.stderr.flush()
    return await process.wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(asyncio.run(_main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])))
