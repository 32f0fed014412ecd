"""Flows of plain forms that need no Python: ``steps = […]`` in the target file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

# What stands in the place of a function for a flow that is written down as steps.
STEPS = "(steps)"
NAMES = ("account",)
_OPEN = {"wait_until": "domcontentloaded"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what is done, to which selector or path, and with what text."""

    do: str
    to: str = ""
    text: str = ""


def step_of(table: Mapping[str, Any]) -> Step:
    """Read one table: its one key that is no ``with`` says what is done."""
    (do,) = (key for key in table if key != "with")
    return Step(do=do, to=table[do] if isinstance(table[do], str) else "", text=str(table.get("with", "")))


def flow_of(steps: tuple[Step, ...]) -> Callable[[Any, Any], Awaitable[None]]:
    """Make the function that does them, one after the other."""

    async def drive(page: Any, flow: Any) -> None:
        for step in steps:
            await _DONE[step.do](page, flow, step.to, step.text.replace("{account}", flow.account))

    return drive


async def _open(page: Any, flow: Any, to: str, _text: str) -> None:
    await page.goto(flow.url(to), **_OPEN)


async def _fill(page: Any, _flow: Any, to: str, text: str) -> None:
    await page.fill(to, text)


async def _select(page: Any, _flow: Any, to: str, text: str) -> None:
    await page.select_option(to, text)


async def _check(page: Any, _flow: Any, to: str, _text: str) -> None:
    await page.check(to)


async def _click(page: Any, _flow: Any, to: str, _text: str) -> None:
    await page.click(to, no_wait_after=True)


async def _wait(page: Any, _flow: Any, to: str, _text: str) -> None:
    await page.wait_for_selector(to, state="visible")


async def _show(page: Any, flow: Any, to: str, _text: str) -> None:
    await flow.show(page, to)


async def _solve(page: Any, flow: Any, to: str, _text: str) -> None:
    await flow.captcha(page, until=to)


_DONE: Mapping[str, Callable[[Any, Any, str, str], Awaitable[None]]] = {
    "open": _open,
    "fill": _fill,
    "select": _select,
    "check": _check,
    "click": _click,
    "wait": _wait,
    "show": _show,
    "solve": _solve,
}
