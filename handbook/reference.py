"""The reference of the target file, made from the schema by which files are checked and editors complete."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from harness.target.schema_check import schema

_HEAD = """# The target file, key by key

Made from `harness/target/captchaos.schema.json`, the schema by which a file is checked and an editor completes it
(`#:schema ./captchaos.schema.json` in its first line). [The target file](target-file.md) tells it with examples and reasons.

`NAME` stands for a name of your own. A key that is **required** has no default.
"""


def page() -> str:
    """The whole page."""
    root = schema()
    parts = [_HEAD, *_tables("", root, root)]
    return "\n".join(parts).rstrip() + "\n"


def _tables(name: str, node: Mapping[str, Any], root: Mapping[str, Any], *, listed: bool = False) -> Iterator[str]:
    """A heading and a table for a node with keys of its own, then the same of what stands below it."""
    keys = node["properties"]
    yield (f"## [[{name}]]\n" if listed else f"## [{name}]\n") if name else "## At the top\n"
    if name and node.get("description"):
        yield f"{_prose(node['description'])}\n"
    yield "| key | what stands there | meaning |\n|---|---|---|"
    yield "".join(_row(key, _resolved(one, root), key in node.get("required", ())) for key, one in keys.items())
    for key, one in keys.items():
        yield from _below(f"{name}.{key}" if name else key, _resolved(one, root), root)


def _below(name: str, node: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    """The tables of what may stand under one key: a table, one of several forms, a table for each name, or a list of tables."""
    for form in (node, *node.get("oneOf", ()), *node.get("anyOf", ())):
        found = _resolved(form, root)
        for at, one, listed in ((name, found, False), (f"{name}.NAME", found.get("additionalProperties"), False),
                                (name, found.get("items"), True)):  # fmt: skip
            if isinstance(one, Mapping) and _resolved(one, root).get("properties"):
                yield from _tables(at, _resolved(one, root), root, listed=listed)


def _row(key: str, node: Mapping[str, Any], required: bool) -> str:
    must = " **(required)**" if required else ""
    return f"| `{key}`{must} | {_prose(_expected(node))} | {_prose(node.get('description', ''))} |\n"


def _expected(node: Mapping[str, Any]) -> str:
    if "enum" in node:
        return "one of " + ", ".join(f"`{json.dumps(one)}`" for one in node["enum"])
    return str(node.get("x-expected") or node.get("type") or "one of several forms")


def _resolved(node: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """The node with what it refers to below its own words."""
    found = dict(node)
    while "$ref" in found:
        at: Any = root
        for part in found.pop("$ref").removeprefix("#/").split("/"):
            at = at[part]
        found = {**at, **found}
    return found


def _prose(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
