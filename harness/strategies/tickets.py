"""Fallback tickets, and what else may stand in a ticket's place. They are rendered by hand, not by the code that reads them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from hypothesis import strategies as st

from harness.catalog.recipes import QUOTED, Recipe
from harness.strategies.near_misses import BUGS, near_miss_recipes
from harness.strategies.words import CODES, PREFIXES, SERVER_CODES, checked_app_id, checked_codes, checked_prefixes

_HEX = "0123456789abcdef"
_APP_ID = "199999164"

# Well-formed, and yet nobody honest has it: of another moment, of another app, or signed by nobody.
_MISPLACED = {
    "stale": "PREFIX_CODE_{app}_{old}",
    "of-tomorrow": "PREFIX_CODE_{app}_{later}",
    "of-another-app": "PREFIX_CODE_{foreign}_{now}",
    "app-id-undefined": "PREFIX_CODE_undefined_{now}",
    "app-id-null": "PREFIX_CODE_null_{now}",
}
_WORDS = {
    "empty": ("", " ", "\t\n"),
    "word-of-a-language": ("null", "undefined", "true", "0", "NaN", "[object Object]", "None"),
    "nothing-of-a-type": ("{}", "[]", '""'),
    "sql-text": ("' OR 1=1 --", "terror_1001' OR '1'='1' --"),
    "script-text": ("<script>alert('terror_1001')</script>", "terror_1001_{app}_{now}\"><script>alert(1)</script>"),
    "quote-in-a-ticket": (QUOTED, QUOTED.replace('"', "'")),
    "template-text": ("{{7*7}}", "${7*7}", "%00", "%s%n", "../../../etc/passwd"),
}


def app_ids() -> st.SearchStrategy[str]:
    """Draw app ids: Tencent's decimal ones, and other vendors' captcha ids and site keys (hex digits, UUIDs)."""
    decimal = st.text("0123456789", min_size=1, max_size=20)
    return st.one_of(st.just(_APP_ID), decimal, st.text(_HEX, min_size=32, max_size=32), st.uuids().map(str))


def fallback_recipes(*, codes: Sequence[int] = CODES, prefixes: Sequence[str] = PREFIXES) -> st.SearchStrategy[Recipe]:
    """Draw well-formed fallback tickets with blanks for app id and time; some carry a session id behind the time."""

    def write(prefix: str, code: int, suffix: str) -> Recipe:
        return Recipe(text=f"{prefix}_{code}_{{app}}_{{now}}{suffix}")

    suffixes = st.one_of(st.just(""), st.text(_HEX, min_size=1, max_size=40).map("_{}".format))
    return st.builds(
        write, st.sampled_from(checked_prefixes(prefixes)), st.sampled_from(checked_codes(codes)), suffixes
    )


def fallback_tickets(
    *,
    app_id: str | None = None,
    now_s: int | None = None,
    codes: Sequence[int] = CODES,
    prefixes: Sequence[str] = PREFIXES,
) -> st.SearchStrategy[str]:
    """Draw well-formed fallback tickets, of every documented code and both prefixes.

    Without ``app_id`` of any vendor's; without ``now_s`` (unix seconds) of the moment at which they are drawn. Shrinks to
    ``terror_1001_<app id>_<now>``. Raises :class:`UsageError` for an app id, a code or a prefix that no ticket carries.
    """
    apps = app_ids() if app_id is None else st.just(checked_app_id(app_id))

    def write(recipe: Recipe, app: str) -> str:
        return recipe.write(app_id=app, now_s=now_s)

    return st.builds(write, fallback_recipes(codes=codes, prefixes=prefixes), apps)


def misplaced_recipes() -> st.SearchStrategy[Recipe]:
    """Draw what is well-formed and yet nobody honest has: stale, of tomorrow, of another app, or with a guessed signature."""
    written = st.builds(_misplaced, st.sampled_from(sorted(_MISPLACED)), st.sampled_from(PREFIXES), st.sampled_from(CODES))
    guessed = st.builds(_guessed, st.sampled_from(SERVER_CODES), st.text(_HEX, min_size=32, max_size=64))
    return st.one_of(written, guessed)


def garbage_recipes() -> st.SearchStrategy[Recipe]:
    """Draw what is no ticket at all: nothing, words of a language, hostile texts, any text, up to 20 kB of one letter."""
    digits = st.text("0123456789٠١٢３４５_", min_size=1, max_size=40)
    return st.one_of(
        st.sampled_from([Recipe(text=text, label=label) for label, texts in _WORDS.items() for text in texts]),
        st.text(max_size=60).map(partial(_labelled, "any-text")),
        st.text(max_size=60).map("terror_1001_{}".format).map(partial(_labelled, "any-text-behind-a-prefix")),
        digits.map("terror_{}".format).map(partial(_labelled, "digits-and-underscores")),
        st.integers(1, 20_000).map("t".__mul__).map(partial(_labelled, "long-text")),
    )


def worthless_recipes() -> st.SearchStrategy[Recipe]:
    """Draw every kind of ticket that nobody honest has while the provider is healthy; each says by its label what it is.

    Near-misses that are well-formed tickets once they are trimmed are left out: to trim is no mistake.
    """
    untrimmed = [bug.label for bug in BUGS if not bug.trimmed]
    return st.one_of(near_miss_recipes(labels=untrimmed), misplaced_recipes(), garbage_recipes())


def _misplaced(label: str, prefix: str, code: int) -> Recipe:
    return Recipe(text=_MISPLACED[label].replace("PREFIX", prefix).replace("CODE", str(code)), label=label)


def _guessed(code: int, guess: str) -> Recipe:
    return Recipe(text=f"terror_{code}_{{app}}_{{now}}_{guess}", label="guessed-signature")


def _labelled(label: str, text: str) -> Recipe:
    return Recipe(text=text, label=label)
