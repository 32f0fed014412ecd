"""How a target says that it is degraded: a word counted in its output as it comes, a metric read as Prometheus reads it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from harness.errors import TargetError
from harness.target import signals
from harness.target.metrics import Metered, read_metric
from harness.target.spec import Metric
from harness.target.tally import Tally

# As the text format's own documentation has them: labels with escapes, a timestamp, a counter without _total, a gauge.
EXPOSED = """# HELP captcha_degraded_total Users who came through unverified.
# TYPE captcha_degraded_total counter
captcha_degraded_total{flow="login",reason="client"} 3
captcha_degraded_total{flow="checkout",reason="a \\"quoted\\" one"} 4 1395066363000
# TYPE captcha_degraded gauge
captcha_degraded 1
# TYPE logins counter
logins 7
"""


@pytest.mark.parametrize(
    ("name", "value", "gauge"),
    [("captcha_degraded_total", 7.0, False), ("captcha_degraded", 1.0, True), ("logins", 7.0, False)],
)
def test_a_metric_is_added_up_over_its_labels(name: str, value: float, gauge: bool) -> None:
    assert read_metric(EXPOSED, name) == Metered(value=value, gauge=gauge)


def test_a_counter_that_has_not_counted_reads_nought_and_is_said_to_be_missing() -> None:
    assert read_metric("", "captcha_degraded_total") == Metered(value=0.0, missing="no captcha_degraded_total")
    said = read_metric(EXPOSED, "captcha_degraded_totl").missing
    assert said == "no captcha_degraded_totl; did you mean 'captcha_degraded_total'?"


@pytest.mark.parametrize("text", ["<html><body>hello</body></html>", "captcha_degraded_total many", '{"a": 1}'])
def test_what_is_no_metrics_page_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not in Prometheus' text format"):
        read_metric(text, "captcha_degraded_total")


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_word_is_counted_once_each_in_whatever_pieces_it_comes(size: int) -> None:
    printed = b"x aab aab\naabaab captcha aa b aab"
    tally = Tally("aab")
    for at in range(0, len(printed), size):
        tally.feed(printed[at : at + size])
    assert tally.count == 5


def test_a_word_of_one_letter_and_one_of_another_alphabet_are_counted_too() -> None:
    one, han = Tally("x"), Tally("降级")
    for byte in "xx 降级 x 降".encode():
        one.feed(bytes([byte]))
        han.feed(bytes([byte]))
    assert (one.count, han.count) == (3, 1)


def test_no_word_is_never_said() -> None:
    tally = Tally(None)
    tally.feed(b"anything")
    assert tally.count == 0


def test_a_metrics_page_that_is_not_there_is_a_trouble_with_its_address(tmp_path: Path) -> None:
    async def ask() -> None:
        async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(TargetError, match=rf"observe\.metric\.get: http://127\.0\.0\.1:{port}/metrics answered 404"):
                await signals.metered(f"http://127.0.0.1:{port}", Metric(get="/metrics", name="x"))

    asyncio.run(ask())
