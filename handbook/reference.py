"""The reference of the target file, made from the schema by which files are checked and editors complete.

In Chinese it is the same page with each text in the place of the English one, by a table that stands beside this file: an
English sentence that has changed has no translation any more, and the page is not made until it has one again.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from harness.target.schema_check import schema

CHINESE = Path(__file__).with_name("reference_zh.toml")

_HEAD = (
    "# The target file, key by key",
    "Made from `harness/target/captchaos.schema.json`, the schema by which a file is checked and an editor completes it\n"
    "(`#:schema ./captchaos.schema.json` in its first line). [The target file](target-file.md) tells it with examples and "
    "reasons.",
    "`NAME` stands for a name of your own. A key that is **required** has no default.",
)


def page(translations: Mapping[str, str] | None = None) -> str:
    """The whole page, in English or by ``translations``; raises ValueError for a text without one, and one without its text."""
    words = _Words(translations)
    root = schema()
    parts = [*(f"{words(text)}\n" for text in _HEAD), *_Tables(root, words).at("", root)]
    if off := words.off():
        raise ValueError(f"{CHINESE.name}: {off}")
    return "\n".join(parts).rstrip() + "\n"


def chinese() -> dict[str, str]:
    """Each English text of the page, its line breaks as spaces, with the Chinese one."""
    return tomllib.loads(CHINESE.read_text(encoding="utf-8"))


class _Words:
    """The texts of one language, and which of them the page took up."""

    def __init__(self, translations: Mapping[str, str] | None) -> None:
        self._translations = translations
        self._asked: dict[str, None] = {}

    def __call__(self, text: str) -> str:
        if self._translations is None or not text:
            return text
        english = text.replace("\n", " ")
        self._asked[english] = None
        return self._translations.get(english, english)

    def off(self) -> str:
        """What lacks a translation, and what translates nothing, by name; empty where all is right."""
        known = self._translations or {}
        lacking = [text for text in self._asked if text not in known]
        left_over = [text for text in known if text not in self._asked]
        kinds = (("no translation of", lacking), ("the page no longer says", left_over))
        return "; ".join(f"{what} {', '.join(map(json.dumps, texts))}" for what, texts in kinds if texts)


class _Tables:
    """The tables of a schema, in one language."""

    def __init__(self, root: Mapping[str, Any], words: _Words) -> None:
        self._root = root
        self._words = words

    def at(self, name: str, node: Mapping[str, Any], *, listed: bool = False) -> Iterator[str]:
        """A heading and a table for a node with keys of its own, then the same of what stands below it."""
        words, keys = self._words, node["properties"]
        yield (f"## [[{name}]]\n" if listed else f"## [{name}]\n") if name else f"## {words('At the top')}\n"
        if name and node.get("description"):
            yield f"{_prose(words(node['description']))}\n"
        yield f"| {words('key')} | {words('what stands there')} | {words('meaning')} |\n|---|---|---|"
        yield "".join(self._row(key, self._resolved(one), key in node.get("required", ())) for key, one in keys.items())
        for key, one in keys.items():
            yield from self._below(f"{name}.{key}" if name else key, self._resolved(one))

    def _below(self, name: str, node: Mapping[str, Any]) -> Iterator[str]:
        """The tables of what may stand under one key: a table, one of several forms, one for each name, or a list of tables."""
        for form in (node, *node.get("oneOf", ()), *node.get("anyOf", ())):
            found = self._resolved(form)
            for at, one, listed in ((name, found, False), (f"{name}.NAME", found.get("additionalProperties"), False),
                                    (name, found.get("items"), True)):  # fmt: skip
                if isinstance(one, Mapping) and self._resolved(one).get("properties"):
                    yield from self.at(at, self._resolved(one), listed=listed)

    def _row(self, key: str, node: Mapping[str, Any], required: bool) -> str:
        must = f" **{self._words('(required)')}**" if required else ""
        return f"| `{key}`{must} | {_prose(self._expected(node))} | {_prose(self._words(node.get('description', '')))} |\n"

    def _expected(self, node: Mapping[str, Any]) -> str:
        if "enum" in node:
            return self._words("one of ") + self._words(", ").join(f"`{json.dumps(one)}`" for one in node["enum"])
        return self._words(str(node.get("x-expected") or node.get("type") or "one of several forms"))

    def _resolved(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """The node with what it refers to below its own words."""
        found = dict(node)
        while "$ref" in found:
            at: Any = self._root
            for part in found.pop("$ref").removeprefix("#/").split("/"):
                at = at[part]
            found = {**at, **found}
        return found


def _prose(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
