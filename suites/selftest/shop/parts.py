"""The real shop in a process of its own, and a small verdict API on a real socket that answers as it is told."""

from __future__ import annotations

import json
import os
import re
import runpy
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from suites.selftest.shop import preloaded
from suites.selftest.standins import Request, answering

FIXTURES = Path(__file__).parents[3] / "fixtures"
APP_ID = "199999164"
SECRETS = {"CAPTCHA_APP_SECRET": "app-secret-0", "CAPTCHA_SECRET_ID": "id-0", "CAPTCHA_SECRET_KEY": "key-0"}

Answer = Callable[[socket.socket, dict[str, Any]], None]


def http_answer(body: bytes | str, *, status: str = "200 OK", content_type: str = "application/json") -> Answer:
    """An ordinary answer."""
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    return lambda connection, _asked: connection.sendall(head.encode() + data)


def response(**fields: object) -> Answer:
    """``{"Response": {…}}``, as the API sends it."""
    return http_answer(json.dumps({"Response": {**fields, "RequestId": "r-1"}}))


def captcha_code(code: object, **more: object) -> Answer:
    """A verdict."""
    return response(CaptchaCode=code, CaptchaMsg="", EvilLevel=0, **more)


def api_error(code: str) -> Answer:
    """An API error as it arrives: HTTP 200, and the Error inside."""
    return response(Error={"Code": code, "Message": "…"})


@dataclass(slots=True)
class FakeApi:
    """What the verdict API answers next, and what it was asked."""

    answer: Answer = field(default_factory=lambda: captcha_code(1))
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    more: threading.Condition = field(default_factory=threading.Condition)

    def take(self, asked: dict[str, Any], headers: dict[str, str]) -> None:
        """Keep a question, and tell whoever waits for it."""
        with self.more:
            self.asked.append(asked)
            self.headers.append(headers)
            self.more.notify_all()

    def await_asked(self, times: int = 1) -> None:
        """Return once that many questions have arrived."""
        with self.more:
            assert self.more.wait_for(lambda: len(self.asked) >= times, timeout=10), f"asked {len(self.asked)} of {times} times"

    def tickets(self) -> list[str]:
        """The tickets that were asked about, in order."""
        return [asked["Ticket"] for asked in self.asked]


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    """Serve a fake verdict API on a free port."""
    api = FakeApi()

    def answer(connection: socket.socket, request: Request) -> None:
        asked = json.loads(request.body)
        api.take(asked, request.headers)
        api.answer(connection, asked)

    with answering(answer) as api.port:
        yield api


@dataclass(slots=True)
class Shop:
    """A running shop, its verdict API, and shorthand for what its customers do."""

    url: str
    api: FakeApi
    client: httpx.Client
    output: Path
    database_url: str

    def login(
        self, ticket: object, *, n: int = 1, key: str = "", randstr: str = "@abc", address: str = "", **more: Any
    ) -> httpx.Response:
        """Sign user n in; ``address`` is what a trusted proxy in front of the shop says of the visitor."""
        said = {"username": f"user-{n}@shop.test", "password": "correct horse", "ticket": ticket, "randstr": randstr} | more
        return self._post("/login", said, key, address)

    def order(
        self, ticket: object, *, email: str = "a@shop.test", key: str = "", randstr: str = "@abc", address: str = ""
    ) -> httpx.Response:
        """Order the tea."""
        return self._post("/orders", {"email": email, "ticket": ticket, "randstr": randstr}, key, address)

    def confirm(self, order: str, code: str, *, key: str = "", **more: Any) -> httpx.Response:
        """Enter the one-time code."""
        return self._post(f"/orders/{order}/code", {"code": code} | more, key, "")

    def sessions(self) -> list[dict[str, Any]]:
        """Every session there is."""
        return self.client.get("/admin/sessions.json").json()["sessions"]

    def orders(self) -> list[dict[str, Any]]:
        """Every paid order there is."""
        return self.client.get("/admin/orders.json").json()["orders"]

    def pending(self) -> list[dict[str, Any]]:
        """Every order that waits for its step-up."""
        return self.client.get("/admin/orders.json").json()["pending"]

    def outbox(self) -> list[dict[str, Any]]:
        """Every mail with a code."""
        return self.client.get("/admin/outbox.json").json()

    def alter(self, statement: str, *values: dict[str, Any]) -> None:
        """Change what the shop keeps, behind its back: ``statement`` once with each of ``values``, or once without any."""
        engine = sa.create_engine(self.database_url)
        try:
            with engine.begin() as connection:
                connection.execute(sa.text(statement), list(values) or None)
        finally:
            engine.dispose()

    def _post(self, path: str, said: dict[str, Any], key: str, address: str) -> httpx.Response:
        headers = {"Content-Type": "application/json"}
        headers |= ({"Idempotency-Key": key} if key else {}) | ({"X-Forwarded-For": address} if address else {})
        return self.client.post(path, content=json.dumps(said), headers=headers)


def new_database(scratch: Path) -> str:
    """The URL of an empty database: a file in ``scratch``, or, within ``fixtures/shop/postgres.py``, one that it serves."""
    if folder := os.environ.get("SHOP_POSTGRES"):
        return str(runpy.run_path(str(FIXTURES / "shop" / "on_postgres.py"))["new_database"](folder))
    return f"sqlite:///{scratch}/shop.db"


@contextmanager
def running(folder: Path, api: FakeApi, scratch: Path, **environment: str) -> Iterator[Shop]:
    """Run the app in ``folder`` with uvicorn, on a port of its own choosing."""
    output = scratch / "output"
    env = {**os.environ, **SECRETS, "CAPTCHA_APP_ID": APP_ID, "CAPTCHA_API": f"http://127.0.0.1:{api.port}"}
    env |= {"NO_PROXY": "127.0.0.1"} | environment
    url = env["SHOP_DATABASE_URL"] = environment.get("SHOP_DATABASE_URL") or new_database(scratch)
    output.touch()
    process = preloaded.start(folder, env, output)
    try:
        address = _address(process, output)
        with httpx.Client(base_url=address, timeout=20, trust_env=False) as client:
            yield Shop(url=address, api=api, client=client, output=output, database_url=url)
    finally:
        process.terminate()
        process.join(10)
        if process.is_alive():
            process.kill()
            process.join()
            raise AssertionError("the shop did not end when it was told to")


def _address(process: BaseProcess, output: Path) -> str:
    until_s = time.monotonic() + 20
    while time.monotonic() < until_s and process.is_alive():
        if found := re.search(r"running on (http://127\.0\.0\.1:\d+)", output.read_text()):
            return found[1]
        time.sleep(0.02)  # a log file tells nobody that it grew
    raise AssertionError(f"the shop did not start:\n{output.read_text()[-2000:]}")


def counted(shop: Shop, name: str, **labels: str) -> float:
    """What a counter of the shop's says for exactly these labels, read as Prometheus does."""
    families = text_string_to_metric_families(shop.client.get("/metrics").text)
    samples = [sample for family in families for sample in family.samples if sample.name == name]
    return sum(sample.value for sample in samples if sample.labels == labels)


def issued(name: str = "x") -> str:
    """A ticket of the shape that the vendor's documents show for a passed captcha."""
    return f"tr03{name}{'XaCUZPAlPdIMqv17'}*"


def fallback(code: int = 1001, *, app_id: str = APP_ID, age_s: int = 0, prefix: str = "terror", suffix: str = "") -> str:
    """A fallback ticket as the vendor's documents write it."""
    return f"{prefix}_{code}_{app_id}_{int(time.time()) - age_s}{suffix}"
