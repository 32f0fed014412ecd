"""What other plugins show of an item: JUnit's properties, and the attachments of pytest-html and of Allure.

An item's properties are ``captchaos.scenario``, ``captchaos.verdict`` and the like; the attachments are the evidence as text,
the screenshot of the honest visit, and the way to the scenario's page in the report.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.journal.model import Judgement, Record
from harness.pytest_plugin import telling
from harness.report.text import one_line

Extra = dict[str, Any]
EXTRAS = pytest.StashKey[list[Extra]]()
_SHOWN = pytest.StashKey[tuple[str, bytes | None]]()


def describe(item: pytest.Item, record: Record, judgement: Judgement, *, folder: Path, final: Path) -> None:
    """Give an item its properties and attachments; ``folder`` is the process's run, ``final`` where the report will be."""
    page = final / "data" / "scenarios" / f"{record.scenario.id}.html"
    item.user_properties += properties(record, judgement, page=os.path.relpath(page, item.config.invocation_params.dir))
    text, picture = telling.evidence(record, judgement), _screenshot(record, folder)
    item.stash[_SHOWN] = text, picture
    if item.config.pluginmanager.hasplugin("html") and item.config.getoption("htmlpath", None):
        item.stash[EXTRAS] = list(_extras(item, text, picture, page))


def show_in_allure(item: pytest.Item) -> None:
    """Attach what an item was given to what Allure has under way: the item's body, or its set-up where that failed."""
    if not item.config.pluginmanager.hasplugin("allure_pytest") or not item.config.getoption("allure_report_dir", None):
        return
    import allure

    text, picture = item.stash[_SHOWN]
    allure.attach(text, name="evidence", attachment_type=allure.attachment_type.TEXT)
    if picture is not None:
        allure.attach(picture, name="screen", attachment_type=allure.attachment_type.PNG)
    # Allure groups by these.
    told = dict(item.user_properties)
    allure.dynamic.feature(str(told["captchaos.flow"]))  # type: ignore[no-untyped-call]  # its own
    allure.dynamic.story(str(told["captchaos.link"]))  # type: ignore[no-untyped-call]  # the same


def properties(record: Record, judgement: Judgement, *, page: str) -> list[tuple[str, object]]:
    """What is told of a scenario, as names and texts."""
    scenario = record.scenario
    told: dict[str, object] = {
        "scenario": scenario.id,
        "kind": scenario.kind,
        "flow": scenario.flow,
        "link": scenario.link,
        "fault": scenario.fault.name if scenario.fault else "",
        "mode": scenario.mode or "",
        "verdict": judgement.verdict.value,
        "unknown_because": one_line(judgement.unknown_because, 300),
        "attempt": record.attempt,
        "real_ms": round(record.evidence.real_ms),
        "report": page,
    }
    found = [("captchaos.finding", one_line(f"{one.oracle}: {one.seen}", 300)) for one in judgement.findings]
    return [*((f"captchaos.{name}", value) for name, value in told.items() if value != ""), *found]


def _screenshot(record: Record, folder: Path) -> bytes | None:
    """The last picture of the visit that met the fault, where there is one."""
    named = next((visit.screenshot for visit in record.evidence.visits if visit.screenshot), "")
    try:
        return (folder / named).read_bytes() if named else None
    except OSError:
        return None


def _extras(item: pytest.Item, text: str, picture: bytes | None, page: Path) -> Iterator[Extra]:
    """pytest-html's form; a link leads from its own report to ours."""
    html: Any = item.config.pluginmanager.getplugin("html")
    beside = (item.config.invocation_params.dir / item.config.getoption("htmlpath")).parent
    yield html.extras.url(Path(os.path.relpath(page, beside)).as_posix(), name="captchaos")
    yield html.extras.text(text, name="evidence")
    if picture is not None:
        yield html.extras.png(base64.b64encode(picture).decode(), name="screen")
