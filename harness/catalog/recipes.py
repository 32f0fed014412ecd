"""A ticket to be written when app id and moment are known: words with blanks, and the way in which they are spelled.

What is drawn, shrunk and kept in a file is the recipe: a ticket itself would be stale on the day on which it is tried again.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import quote

from harness.errors import UsageError, closest

DAY_S = 86_400
PLAIN = "plain"

LONG = 10_240
QUOTED = 'tr03AAAAAAAAAAAAAAAAAAAAAAAAAAAA"'
"""It begins as a provider's own ticket does, and a quote stands in it: JSON that is put together as text ends there."""

_BLANK = re.compile(r"\{(app|foreign|now|ms|old|later|long)\}")
_CYRILLIC = str.maketrans("aceopxy", "асеорху")
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


SPELLINGS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        PLAIN: str,
        "arabic-digits": lambda text: text.translate(_ARABIC),
        "full-width-digits": lambda text: text.translate(_FULL_WIDTH),
        "full-width-underscores": lambda text: text.replace("_", "＿"),
        "cyrillic-letters": lambda text: text.translate(_CYRILLIC),
        "upper-case": str.upper,
        "first-letter-large": lambda text: text[:1].upper() + text[1:],
        "percent": _percent,
        "percent-underscores": lambda text: text.replace("_", "%5F"),
        "percent-twice": lambda text: quote(_percent(text), safe=""),
        "html-underscores": lambda text: text.replace("_", "&#95;"),
        "html-escaped": lambda text: html.escape(f'"{text}"'),
        "json-text": json.dumps,
    }
)
"""How a filled text is spelled in the end, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A ticket with blanks: ``{app}``, ``{foreign}`` (another app's id), ``{now}``, ``{ms}``, ``{old}`` and ``{later}``.

    ``{old}`` is a day ago, ``{later}`` a day ahead, ``{ms}`` now in milliseconds, ``{long}`` ten kilobytes of one letter.
    ``label`` names the bug that makes such a ticket, and is empty where nothing is wrong with it. ``structured``: the text is
    JSON, and what stands in the ticket's place is what it says (an object, a list, a number) rather than a text.
    """

    text: str
    label: str = ""
    spelling: str = PLAIN
    structured: bool = False

    def write(self, *, app_id: str, now_s: int | None = None) -> str:
        """Write the ticket as text; without ``now_s`` (unix seconds) it is of this moment."""
        now = int(time.time()) if now_s is None else now_s
        filling = {
            "app": app_id, "foreign": another(app_id), "now": str(now), "ms": str(now * 1000), "old": str(now - DAY_S),
            "later": str(now + DAY_S), "long": "A" * LONG,
        }  # fmt: skip
        return SPELLINGS[self.spelling](_BLANK.sub(lambda blank: filling[blank[1]], self.text))

    def value(self, *, app_id: str, now_s: int | None = None) -> object:
        """Write what stands in the ticket's place: the text, or where the recipe is structured the JSON value it says."""
        text = self.write(app_id=app_id, now_s=now_s)
        return json.loads(text) if self.structured else text

    def as_json(self) -> dict[str, object]:
        """The recipe as a JSON object."""
        return {"text": self.text, "label": self.label, "spelling": self.spelling, "structured": self.structured}

    @classmethod
    def from_json(cls, said: object) -> Recipe:
        """Read what :meth:`as_json` wrote; raises :class:`UsageError` for anything else."""
        match said:
            case {"text": str(text), **rest}:
                label, spelling = rest.get("label", ""), rest.get("spelling", PLAIN)
                structured = rest.get("structured", False)
            case _:
                raise UsageError('a ticket\'s recipe is an object such as {"text": "terror_1001_{app}_{now}"}')
        if not isinstance(label, str) or not isinstance(spelling, str) or not isinstance(structured, bool):
            raise UsageError("in a ticket's recipe label and spelling are texts and structured is true or false")
        if spelling not in SPELLINGS:
            raise UsageError(f"no spelling of a ticket is called {spelling!r}{closest(spelling, SPELLINGS)}")
        recipe = cls(text=text, label=label, spelling=spelling, structured=structured)
        recipe._demand_json()
        return recipe

    def _demand_json(self) -> None:
        """Raise :class:`UsageError` where it is structured, and says no JSON with every app's id and at every moment."""
        try:
            # An id of letters is only right in quotes, and there any id is.
            self.value(app_id="app")
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"the ticket's recipe is structured, so its text must be JSON, and {self.text!r:.60} is none: "
                "mend the text, or set structured to false"
            ) from error


def another(app_id: str) -> str:
    """An app id of the same length that is another's."""
    return app_id[:-1] + ("1" if app_id[-1:] != "1" else "2")
