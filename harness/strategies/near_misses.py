"""What is nearly a fallback ticket, each by the bug that makes it. None is well-formed: who takes one has not read it.

Source: domain/integration-bugs.md F4 to F6 and "Doc inconsistencies"; DESIGN.md, "The tickets". The spellings are those in
which parsers and databases of different languages agree on what a digit, a letter or the end of a line is.
"""

from __future__ import annotations

import reprlib
from collections.abc import Collection
from dataclasses import dataclass

from hypothesis import strategies as st

from harness.catalog.recipes import PLAIN, Recipe
from harness.errors import UsageError, closest
from harness.strategies.words import CODES, PREFIXES, checked_app_id

_GOOD = "PREFIX_CODE_{app}_{now}"
_DECODED_TOO_OFTEN = "text is decoded once more than it was encoded"
_TYPE_UNSEEN = "the type of what was sent is not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """One bug: its ``label``, what it does in words (``makes``), and the tickets that it makes, the simplest first.

    In ``shapes`` PREFIX and CODE stand for any prefix and code; the rest is a :class:`Recipe`'s. ``trimmed``: who trims what he
    is sent before all else has a well-formed ticket in hand, and that is no bug.
    """

    label: str
    makes: str
    shapes: tuple[str, ...] = (_GOOD,)
    spelling: str = PLAIN
    structured: bool = False
    trimmed: bool = False


BUGS: tuple[Bug, ...] = (
    Bug(
        label="no-underscore-before-time", makes="app id and time are joined without an underscore",
        shapes=("PREFIX_CODE_{app}{now}",),
    ),
    Bug(label="empty-app-id", makes="the page's variable for the app id is empty", shapes=("PREFIX_CODE__{now}",)),
    Bug(label="code-missing", makes="no code is put in", shapes=("PREFIX_{app}_{now}", "PREFIX__{app}_{now}")),
    Bug(label="code-undefined", makes="an undefined code becomes a word", shapes=("PREFIX_undefined_{app}_{now}",)),
    Bug(label="time-missing", makes="no time is put in: three parts", shapes=("PREFIX_CODE_{app}",)),
    Bug(label="four-parts", makes="the time is empty: four parts, the last says nothing", shapes=("PREFIX_CODE_{app}_",)),
    Bug(label="time-not-a-number", makes="a date that cannot be read becomes NaN", shapes=("PREFIX_CODE_{app}_NaN",)),
    Bug(label="fifth-part-empty", makes="an empty session id is put behind the time", shapes=(f"{_GOOD}_",)),
    Bug(
        label="five-parts", makes="a part too many stands in front of the code",
        shapes=("PREFIX_jsload_CODE_{app}_{now}", f"PREFIX_{_GOOD}"),
    ),
    Bug(label="milliseconds-for-seconds", makes="milliseconds are not divided", shapes=("PREFIX_CODE_{app}_{ms}",)),
    Bug(label="fraction-of-a-second", makes="divided milliseconds are not rounded", shapes=(f"{_GOOD}.123",)),
    Bug(
        label="negative-number", makes="a sign stands where only digits may",
        shapes=("PREFIX_-CODE_{app}_{now}", "PREFIX_CODE_-{app}_{now}", "PREFIX_CODE_{app}_-{now}", "PREFIX_CODE_{app}_+{now}"),
    ),
    Bug(
        label="huge-number", makes="a number no machine word holds is read as one",
        shapes=(f"PREFIX_{'9' * 20}_{{app}}_{{now}}", f"PREFIX_CODE_{'9' * 40}_{{now}}", f"PREFIX_CODE_{{app}}_{'9' * 30}"),
    ),
    Bug(
        label="number-in-another-notation", makes="what a language reads as a number is taken for digits",
        shapes=("PREFIX_0xCODE_{app}_{now}", "PREFIX_CODE_{app}_1.7e9", "PREFIX_CODE.0_{app}_{now}"),
    ),
    Bug(label="digits-of-another-script", makes="any digit of Unicode counts as one", spelling="arabic-digits"),
    Bug(label="full-width-digits", makes="text is folded to ASCII after it was checked", spelling="full-width-digits"),
    Bug(label="full-width-underscores", makes="text is folded after it was split", spelling="full-width-underscores"),
    Bug(label="homoglyphs", makes="letters that look alike are taken for the same", spelling="cyrillic-letters"),
    Bug(label="upper-case", makes="the prefix is compared without regard to case", spelling="upper-case"),
    Bug(label="first-letter-large", makes="the prefix is compared without regard to case", spelling="first-letter-large"),
    Bug(label="percent-encoded", makes=_DECODED_TOO_OFTEN, spelling="percent"),
    Bug(label="underscores-percent-encoded", makes=_DECODED_TOO_OFTEN, spelling="percent-underscores"),
    Bug(label="percent-encoded-twice", makes="text is decoded until nothing changes", spelling="percent-twice"),
    Bug(label="underscores-as-html", makes="text is taken out of a page as it is escaped there", spelling="html-underscores"),
    Bug(label="escaped-as-html", makes="text is taken out of a page with its escaped quotes", spelling="html-escaped"),
    Bug(label="nul", makes="text ends at the first NUL for one of two readers", shapes=("PREFIX_CODE_{app}\0_{now}",)),
    Bug(
        label="several-lines", makes="a pattern looks at one line of them",
        shapes=(f"{_GOOD}\nx", f"{_GOOD}\r\nx: y", f"x\n{_GOOD}"),
    ),
    Bug(
        label="newline-at-an-end", makes="a pattern's end also matches in front of a newline", trimmed=True,
        shapes=(f"{_GOOD}\n", f"{_GOOD}\r\n", f"\n{_GOOD}"),
    ),
    Bug(
        label="space-around", makes="text is trimmed for the check and not for the use, or the other way round", trimmed=True,
        shapes=(f" {_GOOD}", f"{_GOOD} ", f"{_GOOD}\0", f"\ufeff{_GOOD}", f"{_GOOD}\u3000"),
    ),
    Bug(label="ten-kilobytes-behind", makes="only the beginning is checked", shapes=(f"{_GOOD}_{{long}}",)),
    Bug(
        label="somewhere-in-a-text", makes="a ticket is searched for and not compared",
        shapes=(f"x{_GOOD}", f"ticket={_GOOD}", f"{_GOOD} {_GOOD}"),
    ),
    Bug(
        label="json-text", makes="a text is made JSON once more than it is read",
        shapes=(f'{{"ticket": "{_GOOD}"}}', f'"{_GOOD}"', f'["{_GOOD}"]'),
    ),
    Bug(
        label="object-for-a-text", makes=_TYPE_UNSEEN, structured=True,
        shapes=(f'{{"ticket": "{_GOOD}"}}', f'{{"$ne": "{_GOOD}"}}', "{}"),
    ),
    Bug(
        label="array-for-a-text", makes="a list of one text is taken for the text", structured=True,
        shapes=(f'["{_GOOD}"]', f'["{_GOOD}", "{_GOOD}"]', "[]"),
    ),
    Bug(label="number-for-a-text", makes=_TYPE_UNSEEN, structured=True, shapes=("CODE", "{now}", "true")),
    Bug(
        label="prefix-alone", makes="whatever begins as a fallback ticket does counts as one",
        shapes=("PREFIX_", "PREFIX", "PREFIX_CODE", "PREFIX_CODE_", "PREFIX____"),
    ),
)  # fmt: skip
"""Every bug by which a ticket nearly is one, in the order in which an example shrinks: the first is the commonest."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NearMiss:
    """One ticket that is nearly one: ``value`` stands in the ticket's place, ``label`` and ``bug`` say what makes it."""

    label: str
    bug: str
    value: object

    def __repr__(self) -> str:
        """Show a long value by its ends."""
        short = reprlib.Repr()
        short.maxstring = short.maxother = 120
        return f"NearMiss(label={self.label!r}, bug={self.bug!r}, value={short.repr(self.value)})"


def near_miss_recipes(*, labels: Collection[str] | None = None) -> st.SearchStrategy[Recipe]:
    """Draw near-misses with blanks, of all bugs or of those that are named."""

    def write(made: tuple[Bug, str], prefix: str, code: int) -> Recipe:
        bug, shape = made
        text = shape.replace("PREFIX", prefix).replace("CODE", str(code))
        return Recipe(text=text, label=bug.label, spelling=bug.spelling, structured=bug.structured)

    shapes = [(bug, shape) for bug in _chosen(labels) for shape in bug.shapes]
    return st.builds(write, st.sampled_from(shapes), st.sampled_from(PREFIXES), st.sampled_from(CODES))


def near_misses(
    *, app_id: str, now_s: int | None = None, labels: Collection[str] | None = None
) -> st.SearchStrategy[NearMiss]:
    """Draw what is nearly a fallback ticket of this app, labelled with the bug that makes it.

    Without ``now_s`` (unix seconds) it is of the moment at which it is drawn. Shrinks towards the bug that stands first in
    :data:`BUGS`.
    """
    app = checked_app_id(app_id)
    bugs = {bug.label: bug.makes for bug in BUGS}
    return near_miss_recipes(labels=labels).map(
        lambda recipe: NearMiss(label=recipe.label, bug=bugs[recipe.label], value=recipe.value(app_id=app, now_s=now_s))
    )


def _chosen(labels: Collection[str] | None) -> tuple[Bug, ...]:
    if labels is None:
        return BUGS
    known = [bug.label for bug in BUGS]
    for label in labels:
        if label not in known:
            raise UsageError(f"no near-miss is called {label!r}{closest(label, known)}")
    if not labels:
        raise UsageError("name at least one near-miss in labels, or leave labels out for all of them")
    return tuple(bug for bug in BUGS if bug.label in labels)
