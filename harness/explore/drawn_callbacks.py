"""Callbacks drawn at random: what the vendor's client hands over, and what it never should, the simplest first."""

from __future__ import annotations

from hypothesis import strategies as st

from harness.catalog.callbacks import SYNCHRONOUSLY, Blank, Call, Callbacks, Value
from harness.catalog.recipes import Recipe
from harness.strategies import fallback_recipes, garbage_recipes, misplaced_recipes, near_miss_recipes
from harness.strategies.callbacks import MESSAGES
from harness.strategies.words import CLIENT_CODES

_NOBODY_ELSE: tuple[Value, ...] = (
    None, Blank.UNDEFINED, "", 0, -1, True, False, [], {}, "text", Blank.NAN, Blank.FUNCTION, [None], {"ticket": "x"}, 1e308,
)  # fmt: skip
_EXTRA: tuple[tuple[str, Value], ...] = (
    ("code", 0), ("success", True), ("verified", True), ("verify", "pass"), ("toString", None), ("__proto__", None),
    ("constructor", "x"), ("errorCode", 1004), ("errorCode", 0), ("errorMessage", "x"), ("ticket", ""),
)  # fmt: skip
# The last is more than a frame: the page has been painted since.
_LATER_MS = (0, SYNCHRONOUSLY, 20)
_MUCH_LATER_MS = (0, 9_000, 61_000)
_MOST_CHANGES = 2

_passed: st.SearchStrategy[dict[str, Value]] = st.just(
    {"ret": 0, "ticket": Blank.TICKET, "CaptchaAppId": Blank.APP_ID, "bizState": None, "randstr": Blank.RANDSTR}
)
_closed: st.SearchStrategy[dict[str, Value]] = st.just({"ret": 2, "ticket": "", "randstr": ""})


def _failed(ticket: Recipe) -> dict[str, Value]:
    code = next((int(part) for part in ticket.text.split("_") if part in map(str, CLIENT_CODES)), 1004)
    return {"ret": 0, "randstr": "@k3f9", "ticket": ticket, "errorCode": code, "errorMessage": MESSAGES[code]}


def results() -> st.SearchStrategy[dict[str, Value]]:
    """Draw results as the vendor's client writes them: passed, failed with a fallback ticket, closed by the user."""
    return st.one_of(_closed, fallback_recipes(codes=CLIENT_CODES).map(_failed), _passed)


@st.composite
def _changed(draw: st.DrawFn) -> dict[str, Value]:
    """A result of which some fields are missing, null, of another type, or too many."""
    result = dict(draw(results()))
    for _ in range(draw(st.integers(1, _MOST_CHANGES))):
        name = draw(st.sampled_from(sorted(result) or ["ticket"]))
        match draw(st.sampled_from(("missing", "wrong", "extra"))):
            case "missing":
                result.pop(name, None)
            case "wrong":
                result[name] = draw(st.sampled_from(_NOBODY_ELSE))
            case _:
                extra, value = draw(st.sampled_from(_EXTRA))
                result[extra] = value
    return result


_worthless: st.SearchStrategy[dict[str, Value]] = st.one_of(
    near_miss_recipes(), misplaced_recipes(), garbage_recipes()
).map(_failed)


def values() -> st.SearchStrategy[Value]:
    """Draw whatever may be handed to a page's callback, right results included."""
    anything: st.SearchStrategy[Value] = st.sampled_from(_NOBODY_ELSE)
    return st.one_of(results(), anything, _changed(), _worthless)


def plain_callbacks() -> st.SearchStrategy[Callbacks]:
    """Draw one of the few things that every page must bear; there are so few that a search tries each."""
    failed: Value = _failed(Recipe(text="terror_1004_{app}_{now}"))
    passed: Value = {"ret": 0, "ticket": Blank.TICKET, "randstr": Blank.RANDSTR}
    closed: Value = {"ret": 2, "ticket": "", "randstr": ""}
    late = (Call(value=failed, after_ms=61_000), Call(value=failed, after_ms=61_000))
    return st.sampled_from(
        [
            Callbacks(throws=True),
            Callbacks(),
            *(Callbacks(calls=(Call(value=value),)) for value in (None, failed, closed, passed)),
            *(Callbacks(calls=(Call(value=value),) * 2) for value in (failed, passed)),
            Callbacks(calls=late, finishes=True),
        ]
    )


def callbacks() -> st.SearchStrategy[Callbacks]:
    """Draw what one ``show()`` leads to: one call, none, two, late ones, an exception."""
    soon = st.builds(Call, value=values(), after_ms=st.sampled_from(_LATER_MS))
    later = st.builds(Call, value=values(), after_ms=st.sampled_from(_MUCH_LATER_MS))
    once = soon.map(lambda call: Callbacks(calls=(call,)))
    twice = st.builds(lambda first, second: Callbacks(calls=(first, second)), soon, soon)
    late = st.builds(
        lambda first, second, finishes: Callbacks(calls=(first, second), finishes=finishes), later, later, st.booleans()
    )
    # A page's clock must be moved for the last ones, and that takes a second: they are drawn seldom.
    by_weight = [(16, once), (2, st.just(Callbacks(throws=True))), (3, twice), (1, st.just(Callbacks())), (1, late)]
    drawn = [strategy for weight, strategy in by_weight for _ in range(weight)]
    return st.integers(0, len(drawn) - 1).flatmap(drawn.__getitem__)
