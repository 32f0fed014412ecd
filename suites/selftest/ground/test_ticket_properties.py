"""What holds of the parser whatever it is given: total, linear, one spelling for one ticket, and what the notes call a ticket.

The second reader stands here in full. It was written from domain/tencent-api.md 1.5b, domain/tencent-client.md 3.2 and the
documents' own words on app ids, part by part and without a pattern.
"""

from __future__ import annotations

import html
import itertools
import json
import string
import time
import unicodedata
from collections.abc import Callable
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import strategies
from harness.tickets import MAX_LENGTH, FallbackTicket, TicketKind, find, read

DIGITS = set(string.digits)
WORD = DIGITS | set(string.ascii_letters) | {"-"}
PRINTED = {chr(code) for code in range(0x21, 0x7F)}
APP, NOW = "199999164", 1_700_000_000

# Pieces of tickets in any order come much nearer to one than any text does.
PIECES = (
    "terror", "trerror", "error", "_", "_", "_", "_", "1001", "0", "01", "199999164", "1700000000", "17000000000",
    "01700000000", "1700000000000", "-", "a", "F0", "647f5ed2ed8acb4be36784e01556bb71", "1" * 21, " ", "\n", "\0", "٣", "３",
    "\u3000", "\u00a0", "é", "undefined", "@s.1", "A" * 400,
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
# What stands in each part, right, nearly right and wrong.
PARTS = (
    ("terror", "trerror", "trrerror", "error"),
    ("1001", "0", "999999", "01", "0000", "", "1000000", "٣"),
    ("199999164", "1" * 20, "1" * 21, "1" * 32, "F0-a", "-F0", "a" * 64, "a" * 65, "", "12-34", "é"),
    ("1700000000", "17000000000", "01700000000", "170000000", "1700000000000", "0000000000", "１７００００００００"),
    ("", "_a", "_", "__a", "_a_b", "_a b", "_\0", "_\u00a0", "_é", "\n", "_" + "a" * 500),
)


@st.composite
def edited(draw: st.DrawFn) -> str:
    """A well-formed ticket with one character put in, taken out or replaced."""
    ticket = draw(strategies.fallback_tickets(now_s=NOW))
    place = draw(st.integers(0, len(ticket)))
    character = draw(st.one_of(st.sampled_from("0_-a \n\0٣\u3000"), st.characters(), st.just("")))
    return ticket[:place] + character + ticket[place + draw(st.integers(0, 1)) :]


anything_like_a_ticket = st.one_of(
    strategies.fallback_tickets(), edited(), pieces, st.text(max_size=80),
    strategies.worthless_recipes().map(lambda recipe: recipe.write(app_id=APP, now_s=NOW)),
)  # fmt: skip


def is_number(text: str, least: int, most: int) -> bool:
    """Whether a text is a number as numbers are written, with so many digits."""
    return least <= len(text) <= most and set(text) <= DIGITS and (text == "0" or text[0] != "0")


def is_app_id(text: str) -> bool:
    """Tencent's are decimal; GeeTest's are 32 hex digits, which may by chance be digits alone; site keys have letters."""
    if set(text) <= DIGITS:
        return 1 <= len(text) <= 20 or len(text) == 32
    letters = any(one in string.ascii_letters for one in text)
    return letters and len(text) <= 64 and set(text) <= WORD and text[0] != "-"


def by_hand(text: str) -> tuple[str, int, str, int, str | None] | None:
    """The parts of a well-formed ticket; None for whatever is none."""
    if len(text) > MAX_LENGTH:
        return None
    prefix, *rest = text.split("_")
    if prefix not in ("terror", "trerror") or len(rest) < 3:
        return None
    code, app_id, seconds, *more = rest
    if not (is_number(code, 1, 6) and is_app_id(app_id) and is_number(seconds, 10, 11)):
        return None
    if not more:
        return prefix, int(code), app_id, int(seconds), None
    # What stands behind the time is the session's, underscores in it too, and begins with none.
    suffix = "_".join(more)
    if not suffix or suffix[0] == "_" or not set(suffix) <= PRINTED:
        return None
    return prefix, int(code), app_id, int(seconds), suffix


def test_it_agrees_with_a_reading_by_hand_on_every_combination_of_right_and_wrong_parts() -> None:
    texts = ["{}_{}_{}_{}{}".format(*parts) for parts in itertools.product(*PARTS)]
    by_parser = {text: tuple(ticket) if (ticket := read(text).ticket) else None for text in texts}
    wrong = {text: (found, by_hand(text)) for text, found in by_parser.items() if found != by_hand(text)}
    assert wrong == {}
    assert sum(found is not None for found in by_parser.values()) == 2 * 3 * 5 * 2 * 3


@settings(max_examples=300)
@given(anything_like_a_ticket)
def test_it_agrees_with_a_reading_of_the_notes_by_hand(text: str) -> None:
    kind, ticket = read(text)
    parts = by_hand(text)
    assert (tuple(ticket) if ticket else None) == parts
    assert (kind is TicketKind.FALLBACK) == (parts is not None)


@given(anything_like_a_ticket)
def test_what_is_read_is_written_as_it_was_read(text: str) -> None:
    ticket = read(text).ticket
    if ticket is not None:
        assert str(ticket) == text


@given(
    st.sampled_from(["terror", "trerror"]), st.integers(0, 999_999), strategies.app_ids(), st.integers(10**9, 10**11 - 1),
    st.one_of(st.none(), st.text(sorted(PRINTED), min_size=1, max_size=40).filter(lambda text: text[0] != "_")),
)  # fmt: skip
def test_what_is_written_is_read_as_it_was_written(
    prefix: str, code: int, app_id: str, timestamp_s: int, suffix: str | None
) -> None:
    ticket = FallbackTicket(prefix=prefix, code=code, app_id=app_id, timestamp_s=timestamp_s, suffix=suffix)
    assert read(str(ticket)) == (TicketKind.FALLBACK, ticket)


@given(st.binary(max_size=600))
def test_any_bytes_are_classified_and_none_raise(raw: bytes) -> None:
    for text in (raw.decode("latin-1"), raw.decode("utf-8", "surrogateescape"), raw.decode("utf-16", "replace")):
        for ticket in (text, f"terror_{text}", f"terror_1001_{APP}_{NOW}_{text}"):
            assert read(ticket).kind in TicketKind
            assert all(found in ticket for found in find(ticket))


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.binary(), st.text().map(str.encode)),
        lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner), st.tuples(inner), st.just(object())),
        max_leaves=5,
    )
)
def test_what_is_no_text_is_no_ticket(value: object) -> None:
    assert read(value) == (TicketKind.OTHER, None)


SAME_AGAIN: dict[str, Callable[[str], str]] = {
    "JSON": lambda text: str(json.loads(json.dumps(text))),
    "JSON as it is": lambda text: str(json.loads(json.dumps(text, ensure_ascii=False))),
    "a URL": lambda text: unquote(quote(text, safe="", errors="surrogatepass"), errors="surrogatepass"),
    "HTML": lambda text: html.unescape(html.escape(text)) if "&" not in text and "\r" not in text else text,
    "UTF-8": lambda text: text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass"),
    "UTF-16": lambda text: text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"),
}


@given(anything_like_a_ticket)
def test_it_says_the_same_of_a_text_that_was_encoded_and_decoded(text: str) -> None:
    for name, again in SAME_AGAIN.items():
        assert read(again(text)) == read(text), name


@given(anything_like_a_ticket)
def test_no_normal_form_of_unicode_makes_another_ticket_of_one(text: str) -> None:
    before = read(text)
    if before.ticket is not None:
        assert text.isascii()
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            assert read(unicodedata.normalize(form, text)) == before  # type: ignore[arg-type]


NAMED = {kind.value for kind in TicketKind}


@given(strategies.near_misses(app_id=APP, now_s=NOW, labels=sorted(NAMED & {bug.label for bug in strategies.BUGS})))
def test_a_near_miss_that_has_a_name_is_called_by_it(miss: strategies.NearMiss) -> None:
    assert read(miss.value).kind.value == miss.label


def test_four_near_misses_have_names() -> None:
    named = NAMED & {bug.label for bug in strategies.BUGS}
    assert named == {"no-underscore-before-time", "empty-app-id", "code-missing", "milliseconds-for-seconds"}


HOSTILE: dict[str, Callable[[int], str]] = {
    "blanks": lambda size: " " * size,
    "prefixes": lambda size: "terror_" * (size // 7),
    "digits": lambda size: "terror_1001_" + "1" * size,
    "hyphens": lambda size: "terror_1001_a" + "-" * size,
    "underscores": lambda size: f"terror_1001_{APP}_{NOW}" + "_" * size,
    "a tail that ends wrongly": lambda size: f"terror_1001_{APP}_{NOW}_" + "a" * size + "\x01",
    "letters of the prefix": lambda size: "t" * size,
}


def cost_s(reader: Callable[[str], object], text: str) -> float:
    """The processor's time for one text, the least of some tries: what others do on the machine only adds to it."""
    tries = []
    for _ in range(7):
        began = time.process_time()
        for _ in range(3):
            reader(text)
        tries.append(time.process_time() - began)
    return min(tries)


@pytest.mark.parametrize("reader", [read, find], ids=["read", "find"])
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_sixteen_times_the_text_takes_no_more_than_some_sixteen_times_as_long(
    reader: Callable[[str], object], make: Callable[[int], str]
) -> None:
    # A reader that looks at every pair of characters would take 256 times as long.
    short, long = cost_s(reader, make(30_000)), cost_s(reader, make(480_000))
    assert long < 64 * max(short, 2e-5)


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_the_longest_text_that_is_looked_at_whole_takes_no_millisecond(make: Callable[[int], str]) -> None:
    text = make(MAX_LENGTH)[:MAX_LENGTH]
    assert cost_s(read, text) / 3 < 1e-3
