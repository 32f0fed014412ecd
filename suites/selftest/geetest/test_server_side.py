"""``/validate`` and the vendor's server sample. Source: domain/other-providers.md, GeeTest v4."""

from __future__ import annotations

import ast
import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from harness.certificates import Authority
from harness.errors import UsageError
from harness.faults.base import FAULTS
from harness.providers import geetest_v4
from harness.providers.base import PROVIDERS
from harness.providers.serving import ProviderServer
from suites.selftest.geetest.stage import CAPTCHA_ID, breaks_off, hangs, official_sample, says, validate
from suites.selftest.vendor_browser import served_vendor

Emulator = geetest_v4.provider.GeetestEmulator
# As docs/providers.md has it, and the tree of errors.
PUBLIC = (
    "harness.catalog", "harness.errors", "harness.faults.base", "harness.faults.rewriting", "harness.providers.base",
    "harness.providers.hands",
)  # fmt: skip


def serve(work: Callable[[ProviderServer], Awaitable[None]], tmp_path: Path, **options: object) -> None:
    async def run() -> None:
        async with served_vendor("geetest_v4", Authority(tmp_path), app_id=CAPTCHA_ID, **options) as server:
            await work(server)
        assert server.broken == []

    asyncio.run(run())


def passed(server: ProviderServer) -> dict[str, str]:
    emulator = server.emulator
    assert isinstance(emulator, Emulator)
    return dict(emulator.lots.solve(emulator.lots.begin(now=emulator.now()), captcha_id=CAPTCHA_ID, now=emulator.now()))


@pytest.mark.parametrize("broken", [breaks_off, hangs, says("<html>", 200), says("{}", 502)])
def test_the_official_sample_takes_every_outage_for_a_pass(broken: object, tmp_path: Path) -> None:
    async def work(server: ProviderServer) -> None:
        server.responses.set("verdict", broken, "broken")  # type: ignore[arg-type]  # each is a rewrite
        told = dict.fromkeys(("lot_number", "captcha_output", "pass_token", "gen_time"), "forged")
        assert await official_sample(server, told) == {"result": "success", "reason": "request geetest api fail"}
        server.responses.clear("verdict")
        assert (await official_sample(server, told))["result"] == "fail"

    serve(work, tmp_path)


def test_a_wrong_signature_is_an_error_and_uses_nothing_up(tmp_path: Path) -> None:
    async def work(server: ProviderServer) -> None:
        told = passed(server)
        answer = await validate(server, told, "0" * 32)
        assert (answer["status"], answer["code"]) == ("error", "-50005")
        assert (await validate(server, told, server.emulator.credentials.app_secret))["result"] == "success"

    serve(work, tmp_path)


def test_a_pass_expires(tmp_path: Path) -> None:
    async def work(server: ProviderServer) -> None:
        told = passed(server)
        server.emulator.skew(61)
        assert (await validate(server, told, server.emulator.credentials.app_secret))["result"] == "fail"

    serve(work, tmp_path, pass_valid_s=60)


def test_every_refused_case_is_refused(tmp_path: Path) -> None:
    async def work(server: ProviderServer) -> None:
        for case in PROVIDERS.get("geetest_v4").verdict_cases(server.emulator):
            told = json.loads(case.ticket)
            if case.rewrite is not None:
                server.responses.set("verdict", case.rewrite, "refused")
            said = await validate(server, told, server.emulator.credentials.app_secret)
            assert (said["status"], said["result"]) == ("success", "fail"), case.cause
            assert [*server.arrivals("verdict")][-1].ticket == case.ticket

    serve(work, tmp_path)


def test_the_case_with_a_rewrite_holds_a_pass_that_is_honest_without_it(tmp_path: Path) -> None:
    async def work(server: ProviderServer) -> None:
        cases = PROVIDERS.get("geetest_v4").verdict_cases(server.emulator)
        (case,) = [case for case in cases if case.rewrite is not None]
        key = server.emulator.credentials.app_secret
        server.responses.set("verdict", case.rewrite, "refused")
        assert (await validate(server, json.loads(case.ticket), "0" * 32))["status"] == "error", "it refuses, and mends nothing"
        server.responses.clear("verdict")
        assert (await validate(server, json.loads(case.ticket), key))["result"] == "success"

    serve(work, tmp_path)


@pytest.mark.parametrize("fault", ["geetest-error", "geetest-result-mistyped"])
def test_the_packs_own_faults_give_no_verdict(fault: str, tmp_path: Path) -> None:
    async def work(server: ProviderServer) -> None:
        server.responses.set("verdict", FAULTS.get(fault).make({}), fault)
        said = await validate(server, passed(server), server.emulator.credentials.app_secret)
        assert said.get("result") not in ("success", "fail")

    serve(work, tmp_path)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe=%ff", b"lot_number=%ED%A0%80&pass_token=a&gen_time=x&captcha_output=y"])
def test_a_body_that_says_nothing_is_an_error_and_no_traceback(body: bytes, tmp_path: Path) -> None:
    async def work(server: ProviderServer) -> None:
        url = f"http://127.0.0.1:{server.plain_port}/validate?captcha_id={CAPTCHA_ID}"
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, content=body)
        assert (answer.status_code, answer.json()["status"]) == (200, "error")

    serve(work, tmp_path)


def test_a_captcha_id_is_thirty_two_hex_digits() -> None:
    with pytest.raises(UsageError, match="32 lower-case hex digits"):
        PROVIDERS.get("geetest_v4").emulator(app_id="199999164", prefix="terror", options={})


def test_the_pack_imports_nothing_of_the_harness_but_its_public_protocol() -> None:
    folder = Path(geetest_v4.__file__).parent
    own = "harness.providers.geetest_v4"
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith("harness") or name in PUBLIC or name.startswith(own), f"{file.name}: {name}"


def test_every_cause_names_a_link_and_a_mode_of_the_provider() -> None:
    provider = PROVIDERS.get("geetest_v4")
    assert {cause.link for cause in provider.causes} <= {link.name for link in provider.links}
    assert {cause.code for cause in provider.causes} <= {mode.code for mode in provider.modes}
