"""A code is typed where it is asked for, and sent off as the target file says: by a button, or by the Enter key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import pytest
from playwright.async_api import Browser, Page

from harness.lab.handle import PATIENCE_S, Known, User
from harness.lab.recorder import Recorder
from harness.lab.user import FlowHandle
from suites.selftest.lab.sockets import LIMIT_S

pytestmark = pytest.mark.anyio
CODE = "271828"
# The form tells what it was sent, and by what.
FORM = """<form id=factor><input id=code><button id=confirm>Go on</button></form><p id=done hidden></p>
<script>
  const done = document.getElementById("done");
  document.getElementById("confirm").addEventListener("click", event => { if (event.detail) done.dataset.by = "button"; });
  document.getElementById("factor").addEventListener("submit", event => {
    event.preventDefault();
    done.textContent = document.getElementById("code").value;
    done.hidden = false;
  });
</script>"""


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    opened = await chromium.new_page()
    await opened.set_content(FORM)
    yield opened
    await opened.close()


class Owner(FlowHandle):
    """Somebody who has been sent the code."""

    async def _code_sent(self) -> str:
        return CODE


def owner(page: Page, *, button: str) -> Owner:
    step_up = SimpleNamespace(selector="#code", button=button)
    spec = SimpleNamespace(step_up=step_up, completed=SimpleNamespace(selector="#done", url=""))
    user = SimpleNamespace(base_url="", account="", recorder=Recorder(), spec=spec, codes=Known(), code_patience_s=PATIENCE_S)
    return Owner(cast(User, user), page)


@pytest.mark.parametrize(("button", "by"), [("#confirm", "button"), ("", None)])
async def test_a_code_is_sent_off_by_the_button_that_is_named_or_by_enter(page: Page, button: str, by: str | None) -> None:
    await asyncio.wait_for(owner(page, button=button).step_up(), LIMIT_S)
    assert await page.inner_text("#done") == CODE
    assert await page.get_attribute("#done", "data-by") == by


async def test_an_offer_that_the_flow_leaves_behind_is_done_with_though_the_flow_has_gone_on_by_then(page: Page) -> None:
    """The page takes the form away at once, and the flow asks for its next captcha before the click has been answered."""
    visitor = owner(page, button="#confirm")
    step: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    visitor._until = step
    assert visitor.leaves_offer_behind()
    step.set_result(None)
    visitor._until = None
    await page.evaluate("document.getElementById('done').remove()")
    await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<i id=done data-of=another hidden></i>')")
    await asyncio.wait_for(visitor.step_up(), LIMIT_S)
    visitor.onwards.cancel()
