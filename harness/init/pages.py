"""Read of a page what its flow needs: the form, its fields and its button."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_TYPED = ("text", "email", "tel", "password", "search", "url", "number", "")
# As Django, Rails, Laravel and most others name it.
_TOKEN = re.compile(r"_?(?:csrf|xsrf)\w*|authenticity_token|_token", re.IGNORECASE)
_DONE = ("done", "success", "result", "thanks", "thank-you", "welcome", "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field that a user types into; ``kind`` is its type, ``selector`` names it."""

    name: str
    kind: str
    selector: str


@dataclass(slots=True, kw_only=True)
class Form:
    """One form of a page; ``button`` is the selector of what sends it, ``token`` the field against forged ones, "" without."""

    action: str = ""
    fields: list[Field] = field(default_factory=list)
    button: str = ""
    token: str = ""
    multipart: bool = False
    shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The form that a user begins with, and the element that may say that the business is done ("" unknown)."""

    form: Form | None
    done: str


def read_page(text: str) -> Page:
    """Read a page or a template: the first form with a button that is shown, else the first of all."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    forms = sorted(reader.forms, key=lambda form: (not form.shown, not form.button, not form.fields))
    done = next((word for word in _DONE if word in reader.ids), "")
    return Page(form=forms[0] if forms else None, done=f"#{done}" if done else "")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "form":
            multipart = given.get("enctype", "").lower() == "multipart/form-data"
            self._open = Form(action=given.get("action", ""), multipart=multipart, shown="hidden" not in given)
            self.forms.append(self._open)
        elif self._open is not None and tag in ("input", "button", "textarea"):
            self._control(self._open, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        kind, name = given.get("type", "").lower(), given.get("name", "")
        selector = f"#{given['id']}" if given.get("id") else f'{tag}[name="{name}"]' if name else ""
        if (tag == "button" and kind in ("", "submit")) or (tag == "input" and kind in ("submit", "image")):
            form.button = form.button or selector or f'{tag}[type="submit"]'
        elif kind == "hidden" and _TOKEN.fullmatch(name):
            form.token = form.token or name
        elif tag != "button" and kind in _TYPED and selector and "hidden" not in given:
            form.fields.append(Field(name=name or given.get("id", ""), kind=kind, selector=selector))
