"""A provider's answer as it was made up: what it says, how it is spelled on the wire, and what a reader may make of it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from harness.catalog.answers import Answer, Asked
from harness.errors import UsageError, closest

JSON_TYPE = "application/json"
_BOM = "utf-8-with-mark"

ENCODINGS: Mapping[str, Callable[[str], bytes]] = MappingProxyType(
    {
        "utf-8": lambda text: text.encode("utf-8", "surrogatepass"),
        _BOM: lambda text: text.encode("utf-8-sig", "surrogatepass"),
        "utf-16": lambda text: text.encode("utf-16", "surrogatepass"),
        "bytes-that-are-no-utf-8": lambda text: text.encode("utf-8", "surrogatepass").replace(b'"', b'"\xff\xfe', 1),
    }
)
"""How the text becomes bytes, by name."""

# These two stand in a kept text for the moment at which it is sent (unix seconds), and for an id that no other answer has.
NOW_S, REQUEST = 1_700_000_000, "f1a2b3c4-0000-4000-8000-000000000000"
_MOST_PADDING, _MOST_NESTING = 16 << 20, 1_000_000


class Meaning(StrEnum):
    """What a careful reader finds in an answer.

    ``PASSED`` and ``REFUSED`` are verdicts, ``NO_VERDICT`` is none: nobody may count it as a pass, and the flow's policy says
    what comes of it. ``UNCLEAR``: careful readers differ on whether there is a pass in it, and may; what stays wrong is to
    break, to hang, or to act twice.
    """

    PASSED = "passed"
    REFUSED = "refused"
    NO_VERDICT = "no-verdict"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpAnswer:
    """One answer. ``label`` says what is wrong with it, coarse enough to count by, ``words`` exactly where.

    ``padded_bytes`` blanks and ``nested`` empty lists within each other are put in as it is sent: kept in a file it stays
    short. :meth:`rewrite` is what a provider's table of rewrites takes.
    """

    text: str
    label: str = "as-documented"
    words: str = ""
    meaning: Meaning = Meaning.UNCLEAR
    status: int = 200
    content_type: str = JSON_TYPE
    encoding: str = "utf-8"
    padded_bytes: int = 0
    nested: int = 0

    @property
    def body(self) -> bytes:
        """The bytes that are sent."""
        text = self.text
        if self.nested and text.startswith("{"):
            comma = "," if text[1:].strip() != "}" else ""
            text = f'{{"extra": {"[" * self.nested}{"]" * self.nested}{comma}{text[1:]}'
        return ENCODINGS[self.encoding](" " * self.padded_bytes + text)

    def rewrite(self, answer: Answer, _asked: Asked) -> Answer:
        """Answer this in place of ``answer``; headers other than the content type stay."""
        headers = tuple(pair for pair in answer.headers if pair[0].lower() != "content-type")
        filled = replace(self, text=self.text.replace(str(NOW_S), str(int(time.time()))).replace(REQUEST, str(uuid.uuid4())))
        return replace(answer, status=self.status, headers=(*headers, ("content-type", self.content_type)), body=filled.body)

    def __str__(self) -> str:
        """Say it in one line."""
        beside = [
            f"status {self.status}" if self.status != 200 else "",
            self.content_type if self.content_type != JSON_TYPE else "",
            self.encoding if self.encoding != "utf-8" else "",
            f"{self.padded_bytes} blanks in front" if self.padded_bytes else "",
            f"{self.nested} lists within each other" if self.nested else "",
        ]
        said = ", ".join(part for part in (self.words, *beside) if part)
        return f"{said}: {self.text!r}" if said else repr(self.text)

    def as_json(self) -> dict[str, object]:
        """The answer as a JSON object."""
        return {
            "text": self.text, "label": self.label, "words": self.words, "meaning": self.meaning.value, "status": self.status,
            "content_type": self.content_type, "encoding": self.encoding, "padded_bytes": self.padded_bytes,
            "nested": self.nested,
        }  # fmt: skip

    @classmethod
    def from_json(cls, said: object) -> MadeUpAnswer:
        """Read what :meth:`as_json` wrote; raises :class:`UsageError` for anything else."""
        if not isinstance(said, dict) or not isinstance(said.get("text"), str):
            raise UsageError('a made-up answer is an object such as {"text": "{}", "meaning": "no-verdict", "status": 200}')
        given = {**cls(text="").as_json(), **said}
        if unknown := [name for name in given if name not in cls.__dataclass_fields__]:
            raise UsageError(f"a made-up answer has no {unknown[0]!r}{closest(str(unknown[0]), cls.__dataclass_fields__)}")
        for name, kind in (("label", str), ("words", str), ("content_type", str)):
            if not isinstance(given[name], kind):
                raise UsageError(f"{name} of a made-up answer must be a text, not {given[name]!r:.60}")
        for name, least, most in (("status", 200, 599), ("padded_bytes", 0, _MOST_PADDING), ("nested", 0, _MOST_NESTING)):
            if type(given[name]) is not int or not least <= given[name] <= most:
                raise UsageError(f"{name} of a made-up answer must be a number from {least} to {most}, not {given[name]!r:.60}")
        for name, known in (("encoding", list(ENCODINGS)), ("meaning", [meaning.value for meaning in Meaning])):
            if given[name] not in known:
                raise UsageError(f"no {name} of an answer is called {given[name]!r:.60}{closest(str(given[name]), known)}")
        return cls(**{**given, "meaning": Meaning(given["meaning"])})
