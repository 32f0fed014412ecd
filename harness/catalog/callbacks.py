"""What the vendor's client does with a page's callback: which objects it hands over, when, how often, or that it throws.

What is drawn, shrunk and kept in a file has blanks in it: an honest ticket and the time are of the moment at which it is tried.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from harness.catalog.recipes import Recipe
from harness.errors import UsageError, closest


class Blank(Enum):
    """What JSON has no word for, or what is only known when it is tried."""

    TICKET = "honest-ticket"
    RANDSTR = "honest-randstr"
    APP_ID = "app-id"
    UNDEFINED = "undefined"
    NAN = "NaN"
    FUNCTION = "function"


Value = None | bool | int | float | str | Blank | Recipe | Sequence["Value"] | Mapping[str, "Value"]
"""What may stand in a callback's place: JSON, blanks in it, and tickets to be written."""

SYNCHRONOUSLY = -1
"""As ``after_ms``: from within ``show()``, before it returns."""

SOON_MS = 100
_NAME = re.compile(r"[A-Za-z$][\w$]*", re.ASCII)
_IN_SCRIPT = {Blank.UNDEFINED: "undefined", Blank.NAN: "NaN", Blank.FUNCTION: "(function () {})"}
_SHOWN_CHARS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the page's callback with ``value``, ``after_ms`` of page time after ``show()``."""

    value: Value
    after_ms: int = 0

    def __str__(self) -> str:
        when = {0: "at once", SYNCHRONOUSLY: "from within show()"}.get(self.after_ms, f"after {self.after_ms} ms")
        return f"{shown(self.value)} {when}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """All that one ``show()`` leads to: its calls (none: the client never calls back), or an exception in their place.

    ``finishes``: a user who is offered a second factor takes it before the next call comes.
    """

    calls: tuple[Call, ...] = ()
    throws: bool = False
    finishes: bool = False

    def __str__(self) -> str:
        if self.throws:
            return "show() throws"
        if not self.calls:
            return "the client never calls back"
        then = "; the user types the code that is asked for" if self.finishes else ""
        return f"the client calls back with {', and with '.join(map(str, self.calls))}{then}"

    @property
    def lasts_ms(self) -> int:
        """When the last call comes, in ms of page time after ``show()``."""
        return max((call.after_ms for call in self.calls), default=0)

    @property
    def waits(self) -> bool:
        """Whether a page may have to wait on for more than a moment: nothing comes soon that could be a result."""
        soon = any(call.after_ms <= SOON_MS and _could_be_a_result(call.value) for call in self.calls)
        return not self.throws and (not soon or self.lasts_ms > SOON_MS)

    def as_json(self) -> dict[str, object]:
        """The same as a JSON object."""
        calls = [{"value": to_json(call.value), "after_ms": call.after_ms} for call in self.calls]
        return {"calls": calls, "throws": self.throws, "finishes": self.finishes}

    @classmethod
    def from_json(cls, said: object) -> Callbacks:
        """Read what :meth:`as_json` wrote; raises :class:`UsageError` for anything else."""
        match said:
            case {"calls": list(calls), "throws": bool(throws), "finishes": bool(finishes)}:
                return cls(calls=tuple(map(_call, calls)), throws=throws, finishes=finishes)
        raise UsageError('callbacks are an object such as {"calls": [], "throws": true, "finishes": false}')


def _call(said: object) -> Call:
    match said:
        case {"value": value, "after_ms": int(after_ms)} if not isinstance(after_ms, bool) and after_ms >= SYNCHRONOUSLY:
            return Call(value=from_json(value), after_ms=after_ms)
    raise UsageError('each of the calls is an object such as {"value": {"ret": 2}, "after_ms": 0}')


def to_json(value: Value) -> object:
    """Write a value as JSON: blanks and tickets become objects with one key that begins with ``$``."""
    match value:
        case Blank():
            return {"$blank": value.value}
        case Recipe():
            return {"$ticket": value.as_json()}
        case Mapping():
            return {name: to_json(one) for name, one in value.items()}
        case list() | tuple():
            return [to_json(one) for one in value]
        case _:
            return value


def from_json(said: object) -> Value:
    """Read what :func:`to_json` wrote; raises :class:`UsageError` for a blank that is not known."""
    match said:
        case {"$blank": str(name)}:
            if name not in {blank.value for blank in Blank}:
                raise UsageError(f"no blank is called {name!r}{closest(name, [blank.value for blank in Blank])}")
            return Blank(name)
        case {"$ticket": recipe}:
            return Recipe.from_json(recipe)
        case dict():
            return {str(name): from_json(one) for name, one in said.items()}
        case list():
            return [from_json(one) for one in said]
        case None | bool() | int() | float() | str():
            return said
    raise UsageError(f"a callback cannot be given {type(said).__name__}")


def shown(value: Value) -> str:
    """A value as a person reads it, on one line."""
    text = _script(value, lambda one: f"‹{one.label or one.text}›" if isinstance(one, Recipe) else f"‹{one.value}›")
    return text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"


def as_script(callbacks: Callbacks, filling: Mapping[Blank, str], now_s: int) -> str:
    """What the client is told, as a JavaScript expression; ``filling`` has an honest ticket, its randstr and the app id."""

    def fill(one: Blank | Recipe) -> str:
        if isinstance(one, Blank):
            return json.dumps(filling[one])
        return json.dumps(one.value(app_id=filling[Blank.APP_ID], now_s=now_s))

    calls = ", ".join(f"{{ afterMs: {call.after_ms}, value: {_script(call.value, fill)} }}" for call in callbacks.calls)
    return f"({{ throws: {json.dumps(callbacks.throws)}, calls: [{calls}] }})"


def blanks(callbacks: Callbacks) -> frozenset[Blank]:
    """The blanks that the values have."""
    return frozenset(one for call in callbacks.calls for one in _leaves(call.value) if isinstance(one, Blank))


def texts(callbacks: Callbacks, filling: Mapping[Blank, str], now_s: int) -> frozenset[str]:
    """Every text that the page is handed: those of tickets as they are written then."""
    found: set[str] = set()
    for one in (leaf for call in callbacks.calls for leaf in _leaves(call.value)):
        written = one.value(app_id=filling[Blank.APP_ID], now_s=now_s) if isinstance(one, Recipe) else one
        written = filling.get(written, "") if isinstance(written, Blank) else written
        if isinstance(written, str):
            found.add(written)
    return frozenset(found)


def _leaves(value: Value) -> list[Value]:
    if isinstance(value, Mapping):
        return [leaf for one in value.values() for leaf in _leaves(one)]
    if isinstance(value, list | tuple):
        return [leaf for one in value for leaf in _leaves(one)]
    return [value]


def _could_be_a_result(value: Value) -> bool:
    return bool(value) and value not in (Blank.UNDEFINED, Blank.NAN)


def _script(value: Value, fill: Callable[[Blank | Recipe], str]) -> str:
    match value:
        case Blank() if value in _IN_SCRIPT:
            return _IN_SCRIPT[value]
        case Blank() | Recipe():
            return fill(value)
        case Mapping():
            # A computed name is a property whatever it is called; without brackets ``__proto__`` is something else.
            named = ((name if _NAME.fullmatch(name) else f"[{json.dumps(name)}]", one) for name, one in value.items())
            return f"{{ {', '.join(f'{name}: {_script(one, fill)}' for name, one in named)} }}" if value else "{}"
        case list() | tuple():
            return f"[{', '.join(_script(one, fill) for one in value)}]"
        case _:
            return json.dumps(value)
