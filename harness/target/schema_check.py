"""Hold a parsed target file against the shipped JSON schema and say in sentences what misses it."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from harness.errors import closest
from harness.target.problems import Problem, dotted, near, shown
from harness.target.toml_lines import KeyPath


@functools.cache
def schema() -> Mapping[str, Any]:
    """The schema that ships for editors, and by which files are checked (JSON Schema, draft 2020-12)."""
    text = resources.files("harness.target").joinpath("captchaos.schema.json").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


def schema_problems(document: Mapping[str, object]) -> list[Problem]:
    """Every place at which the document misses the schema."""
    found = Draft202012Validator(schema()).iter_errors(document)
    return [problem for error in found for problem in _problems(error)]


def _problems(error: ValidationError) -> Iterator[Problem]:
    path: KeyPath = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties":
            yield from _unknown_keys(error, path)
        case "required":
            yield from _missing_keys(error, path)
        case "oneOf":
            yield from _alternatives(error, path)
        case "minProperties":
            yield Problem(at=path, sentence=f"{dotted(path)} must be {_expected(error)}, but nothing stands there")
        case _ if isinstance(error.instance, str) and "propertyNames" in error.absolute_schema_path:
            at = (*path, error.instance)
            yield Problem(at=at, sentence=f"{dotted(at)}: the name must be {_expected(error)}")
        case _:
            yield Problem(at=path, sentence=_mismatch(error, path))


def _unknown_keys(error: ValidationError, path: KeyPath) -> Iterator[Problem]:
    known = _resolved(error.schema).get("properties", {})
    instance: Any = error.instance
    for key in instance:
        if key not in known:
            at = (*path, key)
            yield Problem(at=at, sentence=f"{dotted(at)} is not a known key{closest(key, known)}")


def _missing_keys(error: ValidationError, path: KeyPath) -> Iterator[Problem]:
    # Of the whole file's own keys an alternative tells which are required, and no more.
    properties = _resolved(error.schema).get("properties") or schema()["properties"]
    key = error.message.split("'")[1]
    what = properties.get(key, {}).get("description", "")
    yield Problem(at=path, sentence=f"{dotted((*path, key))} is missing. It says: {what}")


def _alternatives(error: ValidationError, path: KeyPath) -> Iterator[Problem]:
    """Of the alternatives, speak of the one that was meant: a table's problems for a table, else what may stand there."""
    inside = [sub for sub in error.context or () if sub.validator != "type" and sub.validator != "enum"]
    deeper = [sub for sub in error.context or () if len(sub.absolute_path) > len(error.absolute_path)]
    if isinstance(error.instance, dict) and (inside or deeper):
        for sub in {id(sub): sub for sub in (*inside, *deeper)}.values():
            yield from _problems(sub)
        return
    words = [word for sub in error.context or () if sub.validator == "enum" for word in _words(sub)]
    hint = near(error.instance, words) if isinstance(error.instance, str) else ""
    yield Problem(at=path, sentence=_mismatch(error, path) + hint)


def _mismatch(error: ValidationError, path: KeyPath) -> str:
    sentence = f"{dotted(path)} must be {_expected(error)}, but {shown(error.instance)} stands there"
    if error.validator == "enum" and isinstance(error.instance, str):
        sentence += near(error.instance, _words(error))
    return sentence


def _expected(error: ValidationError) -> str:
    rule = _resolved(error.schema)
    if "x-expected" in rule:
        return str(rule["x-expected"])
    words = [f"'{word}'" for word in rule["enum"]]
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _words(error: ValidationError) -> list[str]:
    words: Any = error.validator_value
    return list(words)


def _resolved(rule: Any) -> Mapping[str, Any]:
    reference = rule.get("$ref") if isinstance(rule, Mapping) else None
    if reference is None:
        return rule if isinstance(rule, Mapping) else {}
    target: Mapping[str, Any] = schema()["$defs"][reference.rsplit("/", 1)[1]]
    return target
