"""A real Firefox, which `make firefox` installs: what is well passes with evidence, and a bug is found, as in Chromium."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from harness.browsers import Needs, engine_named
from harness.certificates import Authority, CertificateBook
from harness.engine.engine import open_engine
from harness.engine.options import Options
from harness.journal.model import Judgement, Record, Verdict
from harness.lab.router import Router
from harness.plan.build import make_plan
from harness.target.loader import find_target, load_target
from harness.zoo.materialise import materialised
from suites.selftest.acceptance.command import SHOP

pytestmark = pytest.mark.nightly

LOAD = """url => new Promise(resolve => {
  const script = document.createElement('script');
  script.onload = () => resolve('loaded');
  script.onerror = () => resolve('failed');
  script.src = url;
  document.head.append(script);
})"""
SCRIPT = b"HTTP/1.1 200 OK\r\nContent-Type: text/javascript\r\nContent-Length: 1\r\n\r\n;"


class Silence:
    """A listener that says nothing."""

    def scenario_started(self, scenario_id: str) -> None:
        """Nothing."""

    def scenario_done(self, scenario_id: str, verdict: Verdict, real_ms: float) -> None:
        """Nothing."""

    def message(self, text: str) -> None:
        """Nothing."""


def run_in_firefox(folder: Path, scenario_ids: Sequence[str], out: Path) -> tuple[list[Record], dict[str, Judgement]]:
    target = load_target(find_target(str(folder)))
    plan = make_plan(target)
    chosen = [scenario for scenario in plan.scenarios if scenario.id in scenario_ids]
    assert len(chosen) == len(scenario_ids)

    async def go() -> tuple[list[Record], dict[str, Judgement]]:
        async with open_engine(target, plan, Options(out=out, browser_engine="firefox"), Silence()) as engine:
            engine.begin(chosen)
            judgements = dict(await engine.finish())
            return list(engine.outcome.records), judgements

    return asyncio.run(go())


# One of each kind: what is done to the link, when, and by which sort of user.
EACH_KIND = (
    "login-2002-verdict-refused-cold",
    "login-2001-verdict-slow-drip-cold",
    "login-1004-frame-refused-cold",
    "login-1001-entry-refused-warm",
    "login-1001-entry-reset-cold",
    "login-1001-entry-reset-warm",
    "login-1001-entry-cut-mid-body-warm",
    "login-1001-entry-hang-cold",
    "login-1001-entry-latency-cold",
    "login-1001-entry-truncated-cold",
    "login-1001-entry-wrong-mime-cold",
    "login-1001-entry-status-503-cold",
    "login-1001-entry-unknown-ca-certificate-cold",
    "login-1001-entry-dns-failure-cold",
    "login-1001-entry-csp-blocked-cold",
    "login-1001-entry-extension-blocked-cold",
    "login-1006-config-garbage-jsonp-cold",
    "login-own-edge-submit-answer-lost-warm",
    "login-recovery-flaps-frame-refused",
    "login-recovery-ends-mid-challenge-verify-hang",
    "login-recovery-second-tab-entry-refused",
    "checkout-recovery-goes-back-entry-refused",
    "checkout-1001-entry-csp-blocked-cold",
    "app-checkout-1001-page-refused-cold",
)


@pytest.fixture(scope="module")
def shop_in_firefox(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Record], dict[str, Judgement]]:
    """All that are selected by one run: labs beside each other in one Firefox are part of what is tried."""
    of_items = (getattr(item, "callspec", None) for item in request.session.items if item.path == request.path)
    selected = [spec.params["scenario_id"] for spec in of_items if spec is not None and "scenario_id" in spec.params]
    return run_in_firefox(SHOP, selected, tmp_path_factory.mktemp("shop"))


@pytest.mark.parametrize("scenario_id", EACH_KIND)
def test_the_shop_passes_in_firefox_with_the_fault_felt(
    scenario_id: str, shop_in_firefox: tuple[list[Record], dict[str, Judgement]]
) -> None:
    records, judgements = shop_in_firefox
    judgement = judgements[scenario_id]
    assert judgement.verdict is Verdict.PASS, [*judgement.findings, judgement.unknown_because]
    felt = [record.evidence.sightings for record in records if record.scenario.id == scenario_id]
    assert len({sighting.place for sighting in felt[-1]}) >= 2


def test_the_animal_whose_page_ignores_a_missing_entry_script_is_found_in_firefox(tmp_path: Path) -> None:
    scenario_id = "login-1001-entry-refused-cold"
    with materialised("F1") as folder:
        _, judgements = run_in_firefox(folder, [scenario_id], tmp_path)
    assert judgements[scenario_id].verdict is Verdict.FAIL
    assert "fallback-ticket" in {finding.oracle for finding in judgements[scenario_id].findings}


def test_firefox_trusts_the_labs_authority_and_tells_each_bad_certificate_from_the_others(tmp_path: Path) -> None:
    kinds = {"good": "good", "expired": "expired", "name": "wrong-name", "stranger": "unknown-ca"}

    async def look() -> tuple[dict[str, str], dict[str, str]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(SCRIPT)
            await writer.drain()
            writer.close()

        authority = Authority(tmp_path / "ca")
        book, router = CertificateBook(authority), Router()
        await router.start()
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=book.context())
        for host, kind in kinds.items():
            book.show(f"{host}.vendor.example", kind)
            router.route(f"{host}.vendor.example", 443, server.sockets[0].getsockname()[1])
        engine = engine_named("firefox")
        needs = Needs(authority=authority, folder=tmp_path, env=dict(os.environ))
        loaded: dict[str, str] = {}
        failures: dict[str, str] = {}
        async with async_playwright() as playwright:
            browser = await engine.launch(playwright, await engine.find(None), needs)
            context = await browser.new_context(proxy={"server": f"socks5://127.0.0.1:{router.port}"})
            context.on("requestfailed", lambda request: failures.update({request.url: request.failure or ""}))
            page = await context.new_page()
            for host in kinds:
                loaded[host] = await page.evaluate(LOAD, f"https://{host}.vendor.example/a.js")
            await browser.close()
        server.close()
        await router.stop()
        return loaded, {url.split("/")[2].split(".")[0]: failure for url, failure in failures.items()}

    loaded, failures = asyncio.run(asyncio.wait_for(look(), 120))
    assert loaded == {"good": "loaded", "expired": "failed", "name": "failed", "stranger": "failed"}
    assert set(failures) == {"expired", "name", "stranger"}
    # Names of NSS's own: security/nss/lib/util/secerr.h, lib/ssl/sslerr.h.
    assert "SEC_ERROR_EXPIRED_CERTIFICATE" in failures["expired"]
    assert "SSL_ERROR_BAD_CERT_DOMAIN" in failures["name"]
    assert "SEC_ERROR_UNKNOWN_ISSUER" in failures["stranger"]
