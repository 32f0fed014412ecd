"""Response and certificate faults as a server's HTTP client meets them, over TLS from the real provider server."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from harness.catalog import Answer
from harness.certificates import Authority, CertificateBook
from harness.faults.base import FAULTS
from harness.providers.base import Credentials, Request
from harness.providers.serving import ProviderServer
from suites.selftest.faults.fault_parts import edge_at

HOST = "captcha.tencentcloudapi.com"
BODY = b'{"Response":{"CaptchaCode":1,"CaptchaMsg":"OK","RequestId":"x"}}'


class Steady:
    """An emulator that always says 1."""

    credentials = Credentials(app_id="199999164")

    def reset(self, *, build: str) -> None:
        """Keep nothing."""

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        return "verdict"

    async def answer(self, request: Request) -> Answer:
        return Answer(headers=(("content-type", "application/json"),), body=BODY)

    def describe(self, request: Request, answer: Answer) -> str:
        return "code 1"

    def ticket_of(self, request: Request) -> str:
        return ""

    def skew(self, seconds: int) -> int:
        return seconds


async def ask(port: int, ca_file: Path) -> tuple[str, bytes, float]:
    """Post once on a fresh connection with a read limit of 0.6 s: the status or the error's name, the body, the seconds."""
    trusting, got, began = ssl.create_default_context(cafile=str(ca_file)), b"", time.monotonic()
    async with httpx.AsyncClient(verify=trusting, timeout=httpx.Timeout(5, read=0.6), trust_env=False) as client:
        try:
            url, named = f"https://127.0.0.1:{port}/", {"sni_hostname": HOST}
            async with client.stream("POST", url, headers={"Host": HOST}, extensions=named) as answer:
                async for chunk in answer.aiter_raw():
                    got += chunk
            how = str(answer.status_code)
        except httpx.HTTPError as error:
            how = type(error).__name__
    return how, got, time.monotonic() - began


def met(fault: str, folder: Path, **parameters: int) -> tuple[tuple[str, bytes, float], tuple[str, bytes, float]]:
    """What is met while the fault stands, and after it was healed."""

    async def drive() -> tuple[tuple[str, bytes, float], tuple[str, bytes, float]]:
        authority = Authority(folder)
        server = ProviderServer(Steady(), CertificateBook(authority))  # type: ignore[arg-type]
        await server.start()
        struck = edge_at(server, "verdict", HOST, parameters)
        try:
            await FAULTS.get(fault).apply(struck)
            during = await ask(server.port, authority.ca_file)
            await FAULTS.get(fault).heal(struck)
            return during, await ask(server.port, authority.ca_file)
        finally:
            await server.stop()

    return asyncio.run(drive())


@pytest.mark.parametrize(
    ("fault", "how", "body"),
    [
        ("status-503", "503", None),
        ("empty", "200", b""),
        ("truncated", "RemoteProtocolError", BODY[: len(BODY) // 2]),
        ("half-answer", "ReadTimeout", BODY[: len(BODY) // 2]),
        ("expired-certificate", "ConnectError", b""),
        ("wrong-name-certificate", "ConnectError", b""),
        ("unknown-ca-certificate", "ConnectError", b""),
    ],
)
def test_a_client_meets_the_fault_and_is_served_after_it(fault: str, how: str, body: bytes | None, tmp_path: Path) -> None:
    during, after = met(fault, tmp_path)
    assert during[0] == how
    assert body is None or during[1] == body
    assert after[:2] == ("200", BODY)


def test_a_drip_outlasts_a_time_limit_per_read(tmp_path: Path) -> None:
    (how, body, seconds), _ = met("slow-drip", tmp_path, drip_ms=30)
    assert (how, body) == ("200", BODY)
    assert seconds > len(BODY) * 0.030 > 0.6
