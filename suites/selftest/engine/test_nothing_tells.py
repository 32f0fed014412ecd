"""Nothing that knows the expectation reaches what is tested: no scenario id, no fault name, no expected code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from harness.lab import origin
from harness.lab.stage import Stage
from harness.providers.base import Request

SCENARIO = "login-1004-frame-refused-cold"
# The code as a word by itself: ports and random figures may hold its digits.
TELLING = re.compile(rb"%s|refused|(?<![0-9A-Za-z])1004(?![0-9A-Za-z])" % SCENARIO.encode())


class Overheard:
    """What target and provider could have read in one run, by where they could have read it."""

    def __init__(self) -> None:
        self.process: dict[str, bytes] = {}
        self.at_target: list[bytes] = []
        self.at_provider: list[bytes] = []


@pytest.fixture
def overheard(monkeypatch: pytest.MonkeyPatch) -> Overheard:
    heard = Overheard()
    stop, up = Stage.stop, origin._Sniffer.up

    async def stopping(stage: Stage) -> None:
        folder = Path(f"/proc/{stage._process.pid}")
        heard.process |= {name: (folder / name).read_bytes() for name in ("environ", "cmdline")}
        heard.process["folder"] = bytes(stage.folder)
        await stop(stage)

    async def arriving(sniffer: Any, data: bytes) -> bytes | None:
        heard.at_target.append(data)
        return await up(sniffer, data)

    def reading(**fields: Any) -> Request:
        # A ticket's one legitimate way to the provider is the verdict request's body.
        body = b"" if fields["link"] == "verdict" else fields["body"]
        heard.at_provider.append(repr({**fields, "body": body}).encode())
        return Request(**fields)

    monkeypatch.setattr(Stage, "stop", stopping)
    monkeypatch.setattr(origin._Sniffer, "up", arriving)
    monkeypatch.setattr("harness.providers.serving.Request", reading)
    return heard


@pytest.mark.parametrize("scenario", [SCENARIO])
def test_nothing_that_target_or_provider_can_read_names_scenario_fault_or_code(
    scenario: str, overheard: Overheard, run_scenarios: Any
) -> None:
    run_scenarios(scenario, jobs=1)
    assert set(overheard.process) == {"environ", "cmdline", "folder"}
    assert overheard.at_target
    assert overheard.at_provider
    # The page's own ticket stands in the submit's body, and nowhere else: of such a request only the head is searched.
    heads = [data.partition(b"\r\n\r\n")[0] if data.startswith(b"POST ") else data for data in overheard.at_target]
    heads = [data for data in heads if not data.startswith(b"{")]
    places = {
        **overheard.process,
        "requests at the target": b"\n".join(heads),
        "at the provider": b"\n".join(overheard.at_provider),
    }
    assert {place: TELLING.findall(text) for place, text in places.items() if TELLING.search(text)} == {}
