"""Dataclass ⇄ JSON by type hints alone, strict both ways: what is written can be read, what is read is what the model says."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, Literal, NoReturn, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from harness.errors import JournalError, closest

T = TypeVar("T")
Text = Callable[[str], str]
_Encode = Callable[[Any, Text, str], object]
_Decode = Callable[[Any, str], Any]
_SCALARS: dict[type, str] = {str: "a string", int: "an integer", bool: "true or false"}


def encode(value: object, *, text: Text = str) -> object:
    """Turn a dataclass into plain JSON data; ``text`` is applied to every free string (not to enums and literals)."""
    return _encoder(cast(Any, type(value)))(value, text, type(value).__name__)


def decode(kind: type[T], data: object) -> T:
    """Turn JSON data back into ``kind``; raises :class:`JournalError` naming the place and what was expected there."""
    return cast(T, _decoder(cast(Any, kind))(data, kind.__name__))


@cache
def _encoder(hint: Any) -> _Encode:
    origin = get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return _encode_dataclass(cast(type, hint))
    if origin is tuple:
        return _encode_tuple(get_args(hint))
    if origin in (Union, types.UnionType):
        return _encode_optional(hint)
    return _encode_leaf(hint)


def _encode_dataclass(kind: type) -> _Encode:
    hints = get_type_hints(kind)
    fields = [(field.name, _encoder(hints[field.name])) for field in dataclasses.fields(kind)]

    def run(value: Any, text: Text, path: str) -> object:
        if type(value) is not kind:
            _refuse(path, f"a {kind.__name__}", value)
        return {name: one(getattr(value, name), text, f"{path}.{name}") for name, one in fields}

    return run


def _encode_tuple(args: tuple[Any, ...]) -> _Encode:
    many = len(args) == 2 and args[1] is Ellipsis
    ones = [_encoder(arg) for arg in args if arg is not Ellipsis]

    def run(value: Any, text: Text, path: str) -> object:
        if type(value) is not tuple or not (many or len(value) == len(ones)):
            _refuse(path, "a tuple" if many else f"a tuple of {len(ones)}", value)
        pairs = zip(value, ones * len(value) if many else ones, strict=True)
        return [one(item, text, f"{path}[{index}]") for index, (item, one) in enumerate(pairs)]

    return run


def _encode_optional(hint: Any) -> _Encode:
    inner = _encoder(_inner(hint))
    return lambda value, text, path: None if value is None else inner(value, text, path)


def _encode_leaf(hint: Any) -> _Encode:
    check = _decoder(hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value, _text, path: value.value if isinstance(value, hint) else check(value, path).value
    if hint is str:
        return lambda value, text, path: text(check(value, path))
    return lambda value, _text, path: check(value, path)


@cache
def _decoder(hint: Any) -> _Decode:
    origin = get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return _decode_dataclass(cast(type, hint))
    if origin is tuple:
        return _decode_tuple(get_args(hint))
    if origin in (Union, types.UnionType):
        inner = _decoder(_inner(hint))
        return lambda data, path: None if data is None else inner(data, path)
    if origin is Literal:
        return _decode_choice({choice: choice for choice in get_args(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _decode_choice({member.value: member for member in hint})
    if hint is float:
        return _decode_float
    if hint in _SCALARS:
        return _decode_scalar(hint)
    raise TypeError(f"the journal has no form for {hint!r}: use str, int, float, bool, enums, literals, tuples and dataclasses")


def _decode_dataclass(kind: type) -> _Decode:
    hints = get_type_hints(kind)
    fields = {field.name: _decoder(hints[field.name]) for field in dataclasses.fields(kind)}
    needed = [field.name for field in dataclasses.fields(kind) if _has_no_default(field)]

    def run(data: Any, path: str) -> Any:
        if type(data) is not dict:
            _refuse(path, f"an object that holds a {kind.__name__}", data)
        if unknown := next((name for name in data if name not in fields), None):
            raise JournalError(f"{path} has a field {unknown!r} that this version does not know{closest(unknown, fields)}")
        if missing := next((name for name in needed if name not in data), None):
            raise JournalError(f"{path} lacks its field {missing!r}")
        return kind(**{name: fields[name](item, f"{path}.{name}") for name, item in data.items()})

    return run


def _decode_tuple(args: tuple[Any, ...]) -> _Decode:
    many = len(args) == 2 and args[1] is Ellipsis
    ones = [_decoder(arg) for arg in args if arg is not Ellipsis]

    def run(data: Any, path: str) -> Any:
        if type(data) is not list or not (many or len(data) == len(ones)):
            _refuse(path, "a list" if many else f"a list of {len(ones)}", data)
        pairs = zip(data, ones * len(data) if many else ones, strict=True)
        return tuple(one(item, f"{path}[{index}]") for index, (item, one) in enumerate(pairs))

    return run


def _decode_choice(choices: dict[Any, Any]) -> _Decode:
    wanted = "one of " + ", ".join(map(repr, choices))

    def run(data: Any, path: str) -> Any:
        if type(data) not in (str, int) or data not in choices:
            _refuse(path, wanted, data)
        return choices[data]

    return run


def _decode_scalar(kind: type) -> _Decode:
    def run(data: Any, path: str) -> Any:
        if type(data) is kind:
            return data
        if kind is str and isinstance(data, str):
            return str(data)
        _refuse(path, _SCALARS[kind], data)

    return run


def _decode_float(data: Any, path: str) -> float:
    if type(data) not in (int, float) or not math.isfinite(data):
        _refuse(path, "a finite number", data)
    return float(data)


def _inner(hint: Any) -> Any:
    """The T of ``T | None``; the model has no other unions."""
    inner = [arg for arg in get_args(hint) if arg is not type(None)]
    if len(inner) != 1:
        raise TypeError(f"the journal has no form for {hint!r}: of unions it knows T | None only")
    return inner[0]


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _refuse(path: str, wanted: str, got: object) -> NoReturn:
    raise JournalError(f"{path} should be {wanted} and is {repr(got)[:80]}")
