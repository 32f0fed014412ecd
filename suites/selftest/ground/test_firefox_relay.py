"""Between Playwright and a stock Firefox one command is answered, and everything else passes as it is."""

from __future__ import annotations

import asyncio
import json

from harness.browsers.firefox_relay import ANSWERED_HERE, answer, read_frame, relay, text_frame

# RFC 6455, 5.7: "Hello" in one frame, masked as a client sends it and unmasked as a server does.
MASKED_HELLO = bytes.fromhex("818537fa213d7f9f4d5158")
HELLO = bytes.fromhex("810548656c6c6f")
# As RFC 6455, 5.3 has it: each byte is XORed with the mask's, here of zeros.
NO_MASK = bytes(4)


def masked(text: str) -> bytes:
    body = text.encode()
    assert 126 <= len(body) < 65536
    return bytes((0x81, 0x80 | 126)) + len(body).to_bytes(2, "big") + NO_MASK + body


def command(method: str) -> str:
    return json.dumps({"id": 7, "method": method, "params": {"features": {"prefers-color-scheme": "light"}, "more": "x" * 80}})


def test_a_frame_is_read_as_the_standard_shows_it() -> None:
    async def read(data: bytes) -> tuple[bytes, bytes, int]:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        return await read_frame(reader)

    assert asyncio.run(read(MASKED_HELLO)) == (MASKED_HELLO, b"Hello", 0x81)
    assert asyncio.run(read(HELLO)) == (HELLO, b"Hello", 0x81)


def test_an_answer_is_framed_as_the_standard_shows_it() -> None:
    assert text_frame("Hello") == HELLO


def test_only_the_command_itself_is_answered() -> None:
    told = answer(0x81, command(ANSWERED_HERE).encode())
    assert told is not None
    assert json.loads(told[2:]) == {"type": "success", "id": 7, "result": {}}
    assert answer(0x81, command("script.evaluate").replace("xxx", ANSWERED_HERE).encode()) is None
    assert answer(0x82, command(ANSWERED_HERE).encode()) is None


def test_what_is_no_such_command_reaches_firefox_unchanged_and_what_firefox_says_comes_back() -> None:
    async def both() -> tuple[bytes, bytes]:
        arrived = bytearray()
        gone = asyncio.Event()

        async def firefox(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"Host: 127.0.0.1:%d\r\n" % port in head
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            arrived.extend((await read_frame(reader))[0])
            writer.write(HELLO)
            await writer.drain()
            await reader.read()
            writer.close()
            await writer.wait_closed()
            gone.set()

        fox = await asyncio.start_server(firefox, "127.0.0.1", 0)
        port = fox.sockets[0].getsockname()[1]
        between = await asyncio.start_server(lambda r, w: relay(r, w, port), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", between.sockets[0].getsockname()[1])
        writer.write(b"GET /session HTTP/1.1\r\nHost: localhost:1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.write(masked(command(ANSWERED_HERE)) + masked(command("script.evaluate")))
        said = b"".join([(await read_frame(reader))[0] for _ in range(2)])
        writer.close()
        await writer.wait_closed()
        await gone.wait()
        for server in (between, fox):
            server.close()
            await server.wait_closed()
        return bytes(arrived), said

    arrived, said = asyncio.run(asyncio.wait_for(both(), 10))
    assert arrived == masked(command("script.evaluate"))
    assert said == text_frame(json.dumps({"type": "success", "id": 7, "result": {}})) + HELLO
